"""From the newest release to this code: people vote and a worker cuts with the old code while the new code changes the tables.

HUNTER_UPGRADE_FROM names another revision than the newest tag to begin with.
"""

import io
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import ROOT, end_group, wait_until
from tests.faults.voting import PEOPLE, SUBJECTS, Person, acknowledged, recount, serving
from tests.hunter.copies import Copy, drop_database, postgres_copy, sqlite_copy
from tests.services import free_port

pytestmark = pytest.mark.django_db(transaction=True)

DATA = """
from django.contrib.auth.models import Group
from hunter.roles import make_roles
from tests import factories
from tests.factories import NOW
from classify.seeds import seed_workflows
make_roles()
flow = next(flow for flow in seed_workflows(NOW) if flow.slug == "classify")
plane = factories.plane()
for _ in range(SUBJECTS):
    factories.subject(workflow=flow, cutout=factories.cutout(plane=plane, width=64, height=64))
other = factories.workflow(count=2)
shown = factories.subject(workflow=other)
for name in ("ada", "bo"):
    person = factories.volunteer(user=factories.user(username=name))
    factories.vote(subject=shown, workflow=other, answer="yes", marks=[(10, 20, 90, 40)], volunteer=person)
"""
FILE = "import sys; from hunter.demo.sky import make_file; make_file(int(sys.argv[1]), 4, 700, sys.argv[2])"
CUTOUTS = "from archive.models import Cutout, Exposure; print(Cutout.objects.count(), Exposure.objects.exclude(state__in=['cut', 'failed']).count())"


@pytest.fixture(scope="module")
def old_tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The code of the release before."""
    revision = os.environ.get("HUNTER_UPGRADE_FROM", "")
    if not revision:
        tag = subprocess.run(["git", "describe", "--tags", "--abbrev=0"], cwd=ROOT, capture_output=True, text=True)
        if tag.returncode:
            pytest.skip("there is no release yet to upgrade from (no git tag); HUNTER_UPGRADE_FROM=<revision> names one")
        revision = tag.stdout.strip()
    packed = subprocess.run(["git", "archive", revision], cwd=ROOT, capture_output=True, check=True).stdout
    folder = tmp_path_factory.mktemp("old")
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        tar.extractall(folder, filter="data")
    return folder


@pytest.fixture(params=["postgresql", "sqlite"])
def site(request: pytest.FixtureRequest, transactional_db: None, tmp_path: Path) -> Iterator[Copy]:
    copy = (sqlite_copy if request.param == "sqlite" else postgres_copy)(tmp_path / "site")
    yield copy
    if request.param == "postgresql":
        drop_database(copy)


def old_manage(tree: Path, site: Copy, *arguments: str) -> None:
    """A management command of the old code."""
    done = subprocess.run([sys.executable, "manage.py", *arguments], cwd=tree, env=site.environment(), capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def ingest(tree: Path, site: Copy, number: int) -> None:
    """Bring one more simulated exposure in, uncut: the worker sees to that."""
    path = site.home / f"sim{number:04d}_drc.fits.fz"
    subprocess.run([sys.executable, "-c", FILE, str(number), str(path)], cwd=tree, env=site.environment(), check=True)
    old_manage(tree, site, "ingest", "--no-cut", str(path))


@contextmanager
def working(site: Copy, tree: Path, log: Path) -> Iterator[None]:
    """A worker of some code with its own beat."""
    command = [sys.executable, "-m", "celery", "-A", "hunter", "worker", "-B", "-s", str(log.with_suffix(".beat"))]
    with log.open("wb") as out:
        options = ["-Q", "default,ml", "-c", "1", "-l", "INFO"]
        worker = subprocess.Popen([*command, *options], cwd=tree, env=site.environment(), stdout=out, stderr=out, start_new_session=True)
    try:
        wait_until(lambda: b" ready." in log.read_bytes(), what="the worker")
        yield
    finally:
        end_group(worker)


def all_cut(site: Copy, least: int) -> bool:
    """Whether every exposure is cut, and there are so many cutouts; asked with the new code."""
    made, waiting = map(int, site.manage("shell", "-v", "0", "-c", CUTOUTS).stdout.split()[-2:])
    return made >= least and waiting == 0


def allow(people: list[Person], votes: int) -> None:
    """Let everybody vote on."""
    for person in people:
        person.allowed = votes


def test_nothing_is_lost_and_nothing_fails(old_tree: Path, site: Copy, tmp_path: Path) -> None:
    old_manage(old_tree, site, "migrate", "-v", "0")
    old_manage(old_tree, site, "shell", "-v", "0", "-c", DATA.replace("SUBJECTS", str(SUBJECTS)))
    before, port = SUBJECTS + 1, free_port()

    def votes(people: list[Person], n: int) -> Callable[[], bool]:
        return lambda: len(acknowledged(people)) >= n

    with serving(site, tmp_path / "old-web.log", tree=old_tree, port=port) as address, working(site, old_tree, tmp_path / "old-worker.log"):
        ingest(old_tree, site, 0)
        people = [Person(address, pause_s=2, allowed=12) for _ in range(PEOPLE)]
        for person in people:
            person.start()
        wait_until(votes(people, 20), what="20 votes")
        during = len(acknowledged(people))
        site.manage("migrate", "-v", "0")
        after = len(acknowledged(people))
        allow(people, 16)
        ingest(old_tree, site, 1)
        wait_until(lambda: all_cut(site, before + 2), what="the old worker to cut on the new tables")
        wait_until(votes(people, PEOPLE * 16), what="votes with the old code on the new tables")
        assert [refusal for person in people for refusal in person.refusals] == []

    with serving(site, tmp_path / "new-web.log", port=port), working(site, ROOT, tmp_path / "new-worker.log"):
        allow(people, SUBJECTS)
        ingest(ROOT, site, 2)
        wait_until(votes(people, PEOPLE * SUBJECTS), what="all votes")
        wait_until(lambda: all_cut(site, before + 3), what="the new worker to cut")

    assert during < after, "people voted while the tables were changed"
    assert {code for person in people for code, _ in person.refusals} <= {0}, "nothing but the restart was felt"
    found = recount(site)
    assert (found["wrong"], found["dangling"], found["hours"]) == ([], 0, found["standing"])
    assert len(found["ids"]) == PEOPLE * SUBJECTS + 2
    assert set(acknowledged(people)) < set(found["ids"])
    site.manage("migrate", "--check")
    for name in ("old-web", "old-worker", "new-web", "new-worker"):
        log = (tmp_path / f"{name}.log").read_text()
        assert "Traceback" not in log, f"{name}: {log[log.index('Traceback') :][:3000]}"
