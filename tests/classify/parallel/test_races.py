"""Two acts at the same moment: one comes first, and the other sees what it did. On PostgreSQL, with the locks as they are."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from classify import services
from classify.models import Classification, Consensus, SubjectStatus
from classify.services import Conflict
from tests import factories as f
from tests.factories import NOW

pytestmark = pytest.mark.django_db(transaction=True)
LATER = NOW + timedelta(seconds=2)


def meanwhile(first: Callable[[], Any], second: Callable[[], Any]) -> Any:
    """Carry out `first`, let `second` begin before it is committed; return what `second` gives or raise what it raises."""
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            first()
            other = pool.submit(_apart, second)
            _until_it_waits(other)
        return other.result()


def _apart(act: Callable[[], Any]) -> Any:
    try:
        return act()
    finally:
        connection.close()


def _until_it_waits(other: "Future[Any]") -> None:
    """Until the other one waits for a lock that is held here; it must not be done before."""
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid <> pg_backend_pid()"
    with connection.cursor() as cursor:
        while not other.done():
            cursor.execute(waiting)
            if cursor.fetchone()[0]:
                return
    other.result()
    raise AssertionError("It did not wait.")


def setting(n_votes: int) -> tuple[Any, Any, list[Any], list[str]]:
    """A subject that ten votes retire, with so many: (workflow, subject, voters, their votes)."""
    flow = f.workflow(count=10)
    shown = f.subject(workflow=flow, cutout=f.cutout(images=False))
    people = [f.volunteer() for _ in range(n_votes)]
    return flow, shown, people, [f.vote(subject=shown, workflow=flow, volunteer=person).id for person in people]


def status() -> tuple[str, int, bool]:
    row, said = SubjectStatus.objects.get(), Consensus.objects.get()
    assert (said.counts, said.n_votes, said.revision) == (row.tally, row.n_votes, row.revision)
    assert row.n_votes == Classification.objects.filter(superseded_by=None).exclude(answer="").count()
    return row.state, row.n_votes, said.settled


def test_an_undo_while_another_vote_retires_takes_the_subject_back():
    flow, shown, people, votes = setting(9)
    dora = f.volunteer()
    meanwhile(
        lambda: f.vote(subject=shown, workflow=flow, volunteer=dora, now=LATER),
        lambda: services.undo_classification(volunteer=people[0], classification_id=votes[0], now=LATER),
    )
    assert status() == ("active", 9, False)
    assert SubjectStatus.objects.get().retired_at is None


def test_a_vote_while_another_is_undone_does_not_retire():
    flow, shown, people, votes = setting(9)
    dora = f.volunteer()
    receipt = meanwhile(
        lambda: services.undo_classification(volunteer=people[0], classification_id=votes[0], now=LATER),
        lambda: f.vote(subject=shown, workflow=flow, volunteer=dora, now=LATER),
    )
    assert status() == ("active", 9, False)
    assert not receipt.late


def test_a_revision_while_the_rest_is_opened_comes_too_late():
    flow, shown, (alice, _), votes = setting(2)

    def revise():
        body = {"id": f.identity.random_uuid(), "workflow": flow.slug, "subject": shown.public_id, "answer": "yes"}
        return services.revise_classification(volunteer=alice, classification_id=votes[0], body=body, now=LATER)

    with pytest.raises(Conflict, match="what others say"):
        meanwhile(lambda: services.reveal(volunteer=alice, root=shown, now=LATER), revise)
    assert SubjectStatus.objects.get().tally == {"no": 2}


def test_what_is_opened_while_a_vote_is_revised_comes_after_it():
    flow, shown, (alice, _), votes = setting(2)
    meanwhile(
        lambda: f.vote(subject=shown, workflow=flow, answer="yes", volunteer=alice, revises=votes[0], now=LATER),
        lambda: services.reveal(volunteer=alice, root=shown, now=LATER),
    )
    assert SubjectStatus.objects.get().tally == {"no": 1, "yes": 1}
    assert Classification.objects.get(answer="yes").counted


def test_a_second_request_of_one_person_gets_what_the_first_was_given_and_the_rest():
    import random

    flow, shown, _, _ = setting(0)
    alice = f.volunteer()

    def ask(n: int = 1, **more: Any) -> list[Any]:
        return services.next_page(volunteer=alice, workflow=flow, n=n, now=NOW, rng=random.Random(1), **more).results

    assert [item.serve for item in meanwhile(ask, ask)] == [str(shown.serves.get().pk)]  # not leased twice
    for number in range(4):
        f.subject(workflow=flow, cutout=f.cutout(images=False), origin=f"import:{number}")
    pack = meanwhile(lambda: ask(3), lambda: ask(30, pack=True))  # the page asks ahead while its reader takes a pack along
    assert len({item.subject.pk for item in pack}) == 5
