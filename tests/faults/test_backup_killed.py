"""kill -9 at any moment of a restore leaves what was there, and the next restore works; a killed backup leaves no archive that could be believed."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import pytest_django
from django.conf import settings

from core.models import Job
from tests import factories
from tests.conftest import ROOT, database_url
from tests.factories import NOW
from tests.hunter.copies import Copy, drop_database, postgres_copy, sqlite_copy, twin

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("killed")]  # they share an archive and two installations
MOMENTS = ["rows of auth_permission", "rows of core_job", "files", "bringing the tables"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("killed")


@pytest.fixture
def archive(transactional_db: None, folder: Path) -> Path:
    """An archive of votes, files and some thousands of rows; made once."""
    if not (folder / "a.tar").exists():
        flow = factories.workflow()
        factories.vote(subject=factories.subject(workflow=flow), workflow=flow)
        Job.objects.bulk_create(Job(kind="any", key=str(i), title=f"Job {i}", state="done", created_at=NOW) for i in range(5000))
        Copy(database_url(), Path(settings.HOME)).manage("backup", folder / "a.tar")
    return folder / "a.tar"


@pytest.fixture(scope="module")
def lived_in(django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker, folder: Path) -> Iterator[dict[str, Copy]]:
    """An installation on each database with a state of its own."""
    with django_db_blocker.unblock():
        made = {"sqlite": sqlite_copy(folder / "sqlite"), "postgresql": postgres_copy(folder / "postgresql")}
    for copy in made.values():
        copy.manage("migrate", "-v", "0")
        copy.manage("shell", "-v", "0", "-c", "from hunter.models import User; User.objects.create(username='here before')")
        (copy.home / "secret_key").write_text("of before")
    yield made
    with django_db_blocker.unblock():
        drop_database(made["postgresql"])


@pytest.fixture(params=["sqlite", "postgresql"])
def copy(request: pytest.FixtureRequest, tmp_path: Path, transactional_db: None, lived_in: dict[str, Copy]) -> Iterator[Copy]:
    """Such an installation."""
    made = twin(lived_in[request.param], tmp_path / "copy")
    yield made
    drop_database(made)


def kill_at(copy: Copy, said: str, *command: object) -> None:
    """Start a command and kill -9 it when it says that it has come to some part."""
    line = [sys.executable, str(ROOT / "manage.py"), *map(str, command)]
    process = subprocess.Popen(line, cwd=ROOT, env=copy.environment(), stderr=subprocess.PIPE, text=True, start_new_session=True)
    assert process.stderr
    heard = ""
    for heard in process.stderr:
        if heard.strip().startswith(said):
            break
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert heard.strip().startswith(said), heard


def test_killed_restore_leaves_the_old_state_and_the_next_one_works(copy: Copy, archive: Path) -> None:
    before = copy.rows()
    for moment in MOMENTS:
        kill_at(copy, moment, "restore", archive)

        assert copy.rows() == before, moment
        assert (copy.home / "secret_key").read_text() == "of before"

    copy.manage("restore", archive)

    found = copy.rows()
    assert len(found["core_job"]) == 5000
    assert len(found["classify_classification"]) == 1
    assert not [row for row in found["hunter_user"] if "here before" in row]
    assert (copy.home / "secret_key").read_text() == os.environ["HUNTER_SECRET_KEY"]
    assert not list(copy.home.glob("*.restoring*"))


def test_killed_backup_leaves_no_archive(copy: Copy, archive: Path, tmp_path: Path) -> None:
    copy.manage("restore", archive)

    kill_at(copy, "rows of core_job", "backup", tmp_path / "b.tar")

    assert not (tmp_path / "b.tar").exists()
    (tmp_path / "b.tar.part").rename(tmp_path / "b.tar")  # somebody takes it for one
    refused = copy.manage("restore", tmp_path / "b.tar", check=False)
    assert refused.returncode == 1
    assert "Nothing was changed" in refused.stderr
    assert len(copy.rows()["core_job"]) == 5001  # with the row of the backup that was killed


def test_restore_is_refused_while_the_database_is_used(copy: Copy, archive: Path) -> None:
    before = copy.rows()
    hold = "import sys, time; from hunter.models import User; list(User.objects.all()); print('in', flush=True); time.sleep(600)"
    line = [sys.executable, str(ROOT / "manage.py"), "shell", "-v", "0", "-c", hold]
    user = subprocess.Popen(line, cwd=ROOT, env=copy.environment(), stdout=subprocess.PIPE, text=True)
    assert user.stdout
    assert user.stdout.readline() == "in\n"

    refused = copy.manage("restore", archive, check=False)
    user.kill()
    user.communicate()

    assert refused.returncode == 1
    assert "Stop the site first" in refused.stderr
    assert copy.rows() == before
    copy.manage("restore", archive)
