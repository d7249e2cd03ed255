"""A full disk gives clear errors, on a small file system of its own: no stored vote is lost, nothing half made is left, and with room it goes on."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from core import files
from core.models import Job
from tests.conftest import ROOT, database_url, wait_until
from tests.factories import NOW
from tests.faults.voting import PEOPLE, SUBJECTS, Person, acknowledged, make_subjects, recount, serving
from tests.hunter.copies import Copy, sqlite_copy

pytestmark = pytest.mark.django_db(transaction=True)
SIZE_MB = 24


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of SIZE_MB; only root can make one."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m", "tmpfs", place], capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"no small file system can be mounted here: {mounted.stderr.strip()}")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def fill(place: Path) -> Path:
    """Leave not one byte free."""
    ballast = place / "ballast"
    with ballast.open("wb", buffering=0) as out:
        for block in (1 << 20, 4096, 1):
            try:
                while True:
                    out.write(b"x" * block)
            except OSError:
                continue
    assert os.statvfs(place).f_bavail == 0
    return ballast


@pytest.fixture
def here(transactional_db: None) -> Copy:
    """The tests' own installation, without the files of other tests."""
    shutil.rmtree(Path(settings.HOME) / "media", ignore_errors=True)
    return Copy(database_url(), Path(settings.HOME))


def fill_when(said: str, place: Path, command: list[object], copy: Copy) -> tuple[int, str, Path]:
    """Run a command, and fill the disk at the moment when it says that it has come so far; return (status, its errors, the ballast)."""
    line = [sys.executable, str(ROOT / "manage.py"), *map(str, command)]
    process = subprocess.Popen(line, cwd=ROOT, env=copy.environment(), stderr=subprocess.PIPE, text=True)
    assert process.stderr
    ballast, errors = None, ""
    for heard in process.stderr:
        errors += heard
        if heard.strip().startswith(said):
            process.send_signal(signal.SIGSTOP)
            ballast = fill(place)
            process.send_signal(signal.SIGCONT)
            break
    errors += process.stderr.read()
    assert ballast, errors
    return process.wait(), errors, ballast


def put_images(megabytes: int) -> None:
    for _ in range(2 * megabytes):
        files.put(os.urandom(500_000), files.new_key("jpg"))


def test_backup_that_does_not_fit_is_refused_before_it_begins(here: Copy, small_disk: Path) -> None:
    put_images(SIZE_MB + 1)

    done = here.manage("backup", small_disk / "a.tar", check=False)

    assert done.returncode == 1
    assert "MB are free. Nothing was written." in done.stderr
    assert list(small_disk.iterdir()) == []
    assert Job.objects.get(kind="backup").state == "failed"


def test_disk_that_fills_during_a_backup(here: Copy, small_disk: Path) -> None:
    put_images(8)

    status, errors, ballast = fill_when("files", small_disk, ["backup", small_disk / "a.tar"], here)

    assert status == 1
    assert "The disk is full" in errors
    assert "Traceback" not in errors
    assert list(small_disk.iterdir()) == [ballast]
    assert "The disk is full" in Job.objects.get(kind="backup").error
    ballast.unlink()
    here.manage("backup", small_disk / "a.tar")


def test_disk_that_fills_during_a_restore(here: Copy, small_disk: Path, tmp_path: Path) -> None:
    put_images(3)
    Job.objects.bulk_create(Job(kind="any", key=str(i), title=f"Job {i}", state="done", created_at=NOW) for i in range(3000))
    here.manage("backup", tmp_path / "a.tar")
    copy = sqlite_copy(small_disk / "home")
    copy.manage("migrate", "-v", "0")
    copy.manage("shell", "-v", "0", "-c", "from hunter.models import User; User.objects.create(username='here before')")
    before, stored = copy.rows(), copy.files()

    for moment in ("rows of auth_permission", "files"):
        status, errors, ballast = fill_when(moment, small_disk, ["restore", tmp_path / "a.tar"], copy)

        assert status == 1, errors
        assert "The disk is full" in errors
        assert "Traceback" not in errors
        ballast.unlink()
        assert (copy.rows(), copy.files()) == (before, stored)
        assert not list(copy.home.rglob("*.restoring*"))

    copy.manage("restore", tmp_path / "a.tar")
    assert len(copy.rows()["core_job"]) == 3000
    assert copy.files() == here.files()


def test_votes_are_refused_in_words_and_come_in_when_there_is_room_again(here: Copy, small_disk: Path, tmp_path: Path) -> None:
    make_subjects()
    here.manage("backup", tmp_path / "seed.tar")
    site = sqlite_copy(small_disk / "home")
    site.manage("restore", tmp_path / "seed.tar")

    with serving(site, tmp_path / "web.log") as address:
        people = [Person(address) for _ in range(PEOPLE)]
        for person in people:
            person.start()
        wait_until(lambda: len(acknowledged(people)) >= 30, what="30 votes")
        ballast = fill(small_disk)
        wait_until(lambda: sum(len(p.refusals) for p in people) >= 2 * PEOPLE, what="refusals")
        before = set(acknowledged(people))
        ballast.unlink()
        wait_until(lambda: len(acknowledged(people)) == PEOPLE * SUBJECTS, what="all votes")

    refused = [json.loads(text) for person in people for code, text in person.refusals if code == 503]
    assert {code for person in people for code, _ in person.refusals} == {503}
    assert {problem["title"] for problem in refused} == {"There is no room to store this"}
    found = recount(site)
    assert before <= set(found["ids"])
    assert sorted(found["ids"]) == sorted(acknowledged(people))
    assert (found["wrong"], found["dangling"], found["hours"]) == ([], 0, PEOPLE * SUBJECTS)
