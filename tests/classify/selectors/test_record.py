"""One's own record on known answers: counted rightly, by magnitude and over time, and nobody else's."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from classify import feedback
from classify.models import Subject
from classify.selectors import record_of
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
LINE = (20.0, 20.0, 120.0, 60.0)
TRUTH = [dict(zip(("x1", "y1", "x2", "y2"), LINE, strict=True))]


def known(flow, answer="yes", magnitude=None):
    fields = {} if magnitude is None else {"kind": Subject.Kind.INJECTED, "metadata": {"injection": {"magnitude": magnitude, "snr": 3.0}}}
    return factories.gold(workflow=flow, answer=answer, marks=TRUTH if answer == "yes" else [], cutout=flow.shared, **fields)


@pytest.fixture
def flow():
    made = factories.workflow()
    made.shared = factories.cutout()  # one image for all: only rows matter here
    return made


@pytest.fixture(autouse=True)
def own_origins(monkeypatch):
    """Several subjects of one image need origins of their own."""
    plain = factories.subject
    monkeypatch.setattr(factories, "subject", lambda **fields: plain(**{"origin": f"test:{next(factories._numbers)}", **fields}))


def test_shares_are_counted_by_what_was_there(flow):
    me, other = factories.volunteer(), factories.volunteer()
    for answer, said, marks in [
        ("yes", "yes", [LINE]), ("yes", "yes", []), ("yes", "yes", [(200, 200, 240, 240)]), ("yes", "yes", [(20, 20, 90, 48)]), ("yes", "no", []),
        ("no", "no", []), ("no", "yes", []), ("no", "impossible", []),
    ]:  # fmt: skip
        factories.vote(subject=known(flow, answer), workflow=flow, volunteer=me, answer=said, marks=marks)
    factories.vote(subject=factories.subject(workflow=flow, cutout=flow.shared), workflow=flow, volunteer=me, answer="yes")  # not known
    factories.vote(subject=known(flow), workflow=flow, volunteer=other, answer="no")

    (found,) = record_of(me)
    assert (found.all[:2], found.answered[:2], found.empty[:2]) == ((5, 8), (4, 5), (1, 3))
    assert (found.seen[:2], found.placed[:2]) == ((2, 5), (1, 2)), "without a mark on it, nothing was seen"
    assert found.outcomes == [(name, 2 if name == "right" else 1) for name in feedback.OUTCOMES]
    assert 0 < found.seen.low < 0.4 < found.seen.high < 1
    assert record_of(other)[0].all[:2] == (0, 1)
    assert record_of(None) == record_of(factories.volunteer()) == []


def test_where_no_place_is_known_the_answer_shows_what_was_seen(flow):
    me = factories.volunteer()
    factories.vote(subject=factories.gold(workflow=flow, cutout=flow.shared), workflow=flow, volunteer=me, answer="yes")
    (found,) = record_of(me)
    assert (found.seen[:2], found.placed[:2]) == ((1, 1), (0, 0))


def test_injected_trails_are_counted_by_magnitude_and_votes_over_time(flow):
    me = factories.volunteer()
    elsewhere = (200, 200, 240, 240)
    for number in range(25):
        bright = number % 2 == 0
        shown = known(flow, magnitude=21.2 if bright else 23.7)
        said = {"answer": "yes", "marks": [elsewhere if number == 24 else LINE]} if bright else {"answer": "no"}
        factories.vote(subject=shown, workflow=flow, volunteer=me, now=NOW + timedelta(minutes=number), **said)
    (found,) = record_of(me)
    assert found.injected == 25
    assert [(middle, share[:2]) for middle, share in found.by_magnitude] == [(21.5, (12, 13)), (23.5, (0, 12))]
    assert [(last, share[:2]) for last, share in found.over_time] == [(10.0, (5, 10)), (25.0, (8, 15))]


def test_the_same_few_queries_however_much_there_is(flow):
    me = factories.volunteer()
    counts = []
    for n in (1, 2):
        for _ in range(n):
            factories.vote(subject=known(flow), workflow=flow, volunteer=me, answer="yes", marks=[LINE])
        with CaptureQueriesContext(
            connection,
        ) as seen:
            record_of(me)
        counts.append(len(seen))
    assert counts == [3, 3]
