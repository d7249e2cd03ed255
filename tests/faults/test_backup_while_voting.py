"""A backup taken while 200 votes arrive restores to one moment: every vote acknowledged before it is there, and all counts are those of its votes."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings

from tests.conftest import database_url, wait_until
from tests.faults.voting import PEOPLE, SUBJECTS, Person, acknowledged, make_subjects, recount, serving
from tests.hunter.copies import Copy, drop_database, postgres_copy, sqlite_copy

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def site(request: pytest.FixtureRequest, transactional_db: None, tmp_path: Path) -> Iterator[Copy]:
    """An installation with subjects to vote on."""
    make_subjects()
    copy = (sqlite_copy if request.param == "sqlite" else postgres_copy)(tmp_path / "site")
    Copy(database_url(), Path(settings.HOME)).manage("backup", tmp_path / "seed.tar")
    copy.manage("restore", tmp_path / "seed.tar")
    yield copy
    if request.param == "postgresql":
        drop_database(copy)


def test_backup_while_votes_arrive_is_of_one_moment(site: Copy, tmp_path: Path) -> None:
    with serving(site, tmp_path / "web.log") as address:
        people = [Person(address, pause_s=0.8, allowed=SUBJECTS - 1) for _ in range(PEOPLE)]  # 15 s of voting: a backup starts in less
        for person in people:
            person.start()

        def votes(n: int) -> Callable[[], bool]:
            return lambda: len(acknowledged(people)) >= n

        wait_until(votes(20), what="20 votes")
        before = set(acknowledged(people))
        site.manage("backup", tmp_path / "a.tar")
        during = len(acknowledged(people))
        for person in people:
            person.allowed = SUBJECTS
        wait_until(votes(PEOPLE * SUBJECTS), what="all votes")

    restored = sqlite_copy(tmp_path / "restored")
    restored.manage("restore", tmp_path / "a.tar")
    found, final = recount(restored), recount(site)

    assert during > len(before), "votes came in while the backup was made"
    assert before <= set(found["ids"]) <= set(acknowledged(people))
    assert len(found["ids"]) < PEOPLE * SUBJECTS
    assert (found["wrong"], found["dangling"], found["hours"]) == ([], 0, found["standing"])
    assert (set(final["ids"]), final["wrong"], final["hours"]) == (set(acknowledged(people)), [], PEOPLE * SUBJECTS)
    assert {code for person in people for code, _ in person.refusals} == set()
