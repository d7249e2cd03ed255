"""A backup gives back every row and every file, on either database, and between them."""

import gzip
import hashlib
import io
import json
import os
import shutil
import tarfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from classify.models import SubjectSet
from core import files
from core.models import AddressSalt, Heartbeat, Job
from hunter.backup.schema import LEFT_OUT
from hunter.models import ApiToken
from tests import factories
from tests.conftest import database_url
from tests.hunter.copies import Copy, drop_database, postgres_copy, sqlite_copy

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def here(settings: object, transactional_db: None) -> Copy:
    """The tests' own installation, with no files of the tests before."""
    shutil.rmtree(Path(settings.HOME) / "media", ignore_errors=True)  # type: ignore[attr-defined]
    return Copy(database_url(), Path(settings.HOME))  # type: ignore[attr-defined]


def fill() -> None:
    """Votes with marks, a revised one, many-to-many rows, JSON that is hard to carry, times to the microsecond, words in many scripts."""
    flow = factories.workflow(count=3)
    shown = [factories.subject(workflow=flow) for _ in range(3)]
    people = [factories.volunteer(user=factories.user(username=name, last_name="Ångström 🔭 星")) for name in ("ada", "bo", "cy")]
    receipts = [factories.vote(subject=s, workflow=flow, answer="yes", marks=[(10, 20.25, 90, 40)], volunteer=p) for s in shown for p in people[:2]]
    factories.vote(
        subject=shown[0], workflow=flow, answer="no", volunteer=people[0], revises=receipts[0].id, now=factories.NOW + timedelta(seconds=3)
    )
    chosen = SubjectSet.objects.create(name="Chosen", slug="chosen", purpose="serve", created_at=factories.NOW)
    chosen.workflows.add(flow)
    people[0].user.groups.add(Group.objects.create(name="of the house"))
    exact = timezone.now().replace(microsecond=123457)
    odd = {"null": None, "big": 12345678901234567890, "small": 1e-300, "text": 'line\nquote" \\ \u2028 ☄', "nested": [[], {}, [1.5, True]]}
    Job.objects.create(kind="any", key="any", title="Any", state="done", params=odd, created_at=exact, finished_at=exact)
    Job.objects.create(kind="any", key="last", title="Its number is not given again", state="done", created_at=exact).delete()
    ApiToken.objects.create(user=people[0].user, name="script", digest="d" * 64, hint="hnt_1", scopes=["read"], created_at=exact)
    LogEntry.objects.create(user=people[0].user, action_flag=1, object_repr="it", change_message="[]")
    AddressSalt.objects.create(day=(exact - timedelta(days=1)).date(), value="salt")
    Heartbeat.objects.create(queue="ml", worker="me", at=exact)
    session = SessionStore()
    session["key"] = "to the account"
    session.save()


@pytest.fixture
def copies(tmp_path: Path, here: Copy) -> Iterator[list[Copy]]:
    made = [sqlite_copy(tmp_path / "lite"), sqlite_copy(tmp_path / "lite2"), postgres_copy(tmp_path / "pg"), postgres_copy(tmp_path / "pg2")]
    yield made
    for copy in made[2:]:
        drop_database(copy)


def test_every_row_and_file_comes_through_every_change_of_database(here: Copy, copies: list[Copy], tmp_path: Path) -> None:
    """PostgreSQL -> SQLite -> SQLite -> PostgreSQL -> PostgreSQL, each step by an archive of the one before."""
    fill()
    original, stored = here.rows(), here.files()
    kept = {table: rows for table, rows in original.items() if table not in LEFT_OUT}
    assert stored
    assert all(original[table] for table in LEFT_OUT - {"usersessions_usersession"})

    source = here
    for number, target in enumerate(copies):
        archive = tmp_path / f"{number}.tar"
        source.manage("backup", archive)
        target.manage("restore", archive)
        found = target.rows()
        jobs = kept["core_job"]
        assert found.pop("core_job") == jobs  # the row of the backup itself is not in its archive
        assert {table: rows for table, rows in found.items() if rows} == {t: r for t, r in kept.items() if r and t != "core_job"}
        assert target.files() == stored
        source = target
        source.manage("shell", "-v", "0", "-c", "from core.models import Job; Job.objects.filter(kind='backup').delete()")


def test_files_move_between_a_disk_and_a_bucket(here: Copy, copies: list[Copy], tmp_path: Path, s3_server: dict[str, str]) -> None:
    for number in range(3):
        files.put(bytes([number]) * 1000, files.new_key("jpg"))
    here.manage("backup", tmp_path / "a.tar")
    stored, (far, near) = here.files(), copies[:2]
    far.also = s3_server

    far.manage("restore", tmp_path / "a.tar")
    far.manage("backup", tmp_path / "b.tar")
    near.manage("restore", tmp_path / "b.tar")

    assert far.files() == {}, "they are in the bucket"
    carried = {key: digest for key, digest in stored.items() if not key.startswith(("health/", "private/"))}
    assert len(carried) >= 3
    assert carried.items() <= near.files().items()  # the bucket may hold what other tests put there


def test_numbers_of_deleted_rows_are_not_given_again(here: Copy, copies: list[Copy], tmp_path: Path) -> None:
    gone = Job.objects.create(kind="any", key="gone", title="Gone", state="done", created_at=factories.NOW)
    gone_id = gone.pk
    gone.delete()
    here.manage("backup", tmp_path / "a.tar")
    make = (
        "from core.models import Job; from django.utils import timezone as t; "
        "print(Job.objects.create(kind='a', key='a', title='a', created_at=t.now()).pk)"
    )

    for target in copies[1:3]:
        target.manage("restore", tmp_path / "a.tar")

        assert int(target.manage("shell", "-v", "0", "-c", make).stdout.split()[-1]) > gone_id


def test_archive_is_a_tar_that_other_tools_can_check(here: Copy, tmp_path: Path) -> None:
    fill()
    archive = tmp_path / "a.tar"
    here.manage("backup", archive)

    with tarfile.open(archive) as tar:
        content = {m.name: tar.extractfile(m).read() for m in tar.getmembers()}  # type: ignore[union-attr]
    sums = dict(reversed(line.split("  ", 1)) for line in content.pop("SHA256SUMS").decode().splitlines())
    manifest = json.loads(content.pop("manifest.json"))
    assert sums == {name: hashlib.sha256(data).hexdigest() for name, data in content.items()}
    assert archive.stat().st_mode & 0o777 == 0o600
    assert not archive.with_name("a.tar.part").exists()
    rows = gzip.decompress(content["tables/hunter_apitoken/000000.jsonl.gz"]).decode().splitlines()
    assert (len(rows) - 1, manifest["tables"]["hunter_apitoken"]["rows"]) == (1, 1)
    assert dict(zip(json.loads(rows[0]), json.loads(rows[1]), strict=True))["digest"] == "d" * 64
    assert content["secrets/secret_key"].decode() == os.environ["HUNTER_SECRET_KEY"]
    assert not {name.split("/")[1] for name in content if name.startswith("tables/")} & LEFT_OUT
    assert manifest["files"]["n"] == len([name for name in content if name.startswith("files/")]) == len(here.files())
    job = Job.objects.get(kind="backup")
    assert (job.state, job.result["bytes"]) == ("done", archive.stat().st_size)


def test_people_who_have_gone_since_are_named(copies: list[Copy], tmp_path: Path) -> None:
    """A restore brings them back; whoever restores must know whom to delete again."""
    site = copies[0]
    site.manage("migrate", "-v", "0")
    make = "from hunter.models import User; [User.objects.create_user(n) for n in ('ada', 'bo')]"
    site.manage("shell", "-v", "0", "-c", make)
    site.manage("backup", tmp_path / "a.tar")
    site.manage("delete_account", "ada", "--comments", "keep", "--yes")

    said = site.manage("restore", tmp_path / "a.tar").stdout

    assert "delete_account ada" in said
    assert "delete_account bo" not in said


def test_probes_and_copies_of_personal_data_are_left_out(here: Copy, tmp_path: Path) -> None:
    kept = files.put(b"x", files.new_key("jpg"))
    for key in ("health/probe.txt", files.new_key("zip", prefix="private")):
        files.put(b"x", key)

    here.manage("backup", tmp_path / "a.tar")

    with tarfile.open(tmp_path / "a.tar") as tar:
        stored = [name for name in tar.getnames() if name.startswith("files/")]
    assert f"files/{kept}" in stored
    assert not [name for name in stored if name.startswith(("files/health/", "files/private/"))]


def test_secrets_of_the_archive_take_the_place_of_those_here(here: Copy, copies: list[Copy], tmp_path: Path) -> None:
    (here.home / "demo_accounts.txt").write_text("admin / x\n")
    here.manage("backup", tmp_path / "a.tar")
    (here.home / "demo_accounts.txt").unlink()
    for target in (copies[0], copies[2]):
        (target.home / "secret_key").write_text("another")

        target.manage("restore", tmp_path / "a.tar")

        assert (target.home / "secret_key").read_text() == os.environ["HUNTER_SECRET_KEY"]
        assert (target.home / "demo_accounts.txt").read_text() == "admin / x\n"
        assert (target.home / "demo_accounts.txt").stat().st_mode & 0o777 == 0o600


def test_damaged_and_cut_off_archives_are_refused(here: Copy, tmp_path: Path) -> None:
    key = files.put(b"an image", files.new_key("jpg"))
    here.manage("backup", tmp_path / "a.tar")
    whole = (tmp_path / "a.tar").read_bytes()
    before = here.rows()
    (tmp_path / "damaged.tar").write_bytes(whole.replace(b"an image", b"an imagf"))
    (tmp_path / "cut.tar").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "no.tar").write_bytes(b"no archive at all")

    for name, said in [
        ("damaged.tar", f"damaged at files/{key}"),
        ("cut.tar", "whole archive|no end"),
        ("no.tar", "whole archive"),
        ("-.tar", "no file"),
    ]:
        done = here.manage("restore", "--force", tmp_path / name, check=False)

        assert done.returncode == 1
        assert any(part in done.stderr for part in said.split("|")), done.stderr
        assert "Nothing was changed" in done.stderr
        assert "Traceback" not in done.stderr
    assert here.rows() == before


def test_archive_of_a_newer_version_is_refused(here: Copy, tmp_path: Path) -> None:
    here.manage("backup", tmp_path / "a.tar")
    change_manifest(tmp_path / "a.tar", lambda manifest: manifest["migrations"].append(["core", "0999_of_next_year"]))

    done = here.manage("restore", "--force", tmp_path / "a.tar", check=False)

    assert done.returncode == 1
    assert "newer version of Hunter" in done.stderr
    assert "core.0999_of_next_year" in done.stderr


def test_archive_of_an_older_version_is_brought_to_this_one(copies: list[Copy], tmp_path: Path) -> None:
    old, new = copies[0], copies[2]
    for app, name in [("hunter", "0001"), ("classify", "0001"), ("talk", "0001"), ("core", "0002")]:
        old.manage("migrate", app, name)
    old.manage("backup", tmp_path / "old.tar")

    new.manage("restore", tmp_path / "old.tar")

    assert new.manage("migrate", "--check").returncode == 0
    assert new.rows()["hunter_apitoken"] == []


def test_dangling_keys_are_refused(here: Copy, copies: list[Copy], tmp_path: Path) -> None:
    """An archive whose rows point to nothing (somebody edited it) does not become a database."""
    fill()
    here.manage("backup", tmp_path / "a.tar")
    rewrite(tmp_path / "a.tar", "tables/classify_subject/", lambda data: gzip.compress(gzip.decompress(data).split(b"\n")[0] + b"\n"))

    for target in (copies[0], copies[2]):
        done = target.manage("restore", tmp_path / "a.tar", check=False)

        assert done.returncode == 1
        assert "Nothing was changed" in done.stderr
        assert not (target.home / "hunter.sqlite3").exists()


def change_manifest(path: Path, change: object) -> None:
    """Rewrite the manifest of an archive."""

    def edit(data: bytes) -> bytes:
        manifest = json.loads(data)
        change(manifest)  # type: ignore[operator]
        return json.dumps(manifest).encode()

    rewrite(path, "manifest.json", edit)


def rewrite(path: Path, prefix: str, edit: object) -> None:
    """Change members of an archive, and make its checksums and counts fit again."""
    with tarfile.open(path) as tar:
        content = [(m.name, tar.extractfile(m).read()) for m in tar.getmembers()]  # type: ignore[union-attr]
    content = [(name, edit(data) if name.startswith(prefix) else data) for name, data in content]  # type: ignore[operator]
    sums = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in content if name not in {"SHA256SUMS", "manifest.json"}).encode()
    with tarfile.open(path, "w") as tar:
        for name, data in content:
            if name == "SHA256SUMS":
                data = sums
            if name == "manifest.json":
                manifest = json.loads(data)
                manifest["sha256_of_sums"] = hashlib.sha256(sums).hexdigest()
                if prefix.startswith("tables/"):
                    manifest["tables"][prefix.split("/")[1]]["rows"] = 0
                data = json.dumps(manifest).encode()
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
