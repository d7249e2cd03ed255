"""The streams of one person's data hold theirs, all of it, and nothing that gives answers away."""

import random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from classify import selectors, services
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def rows_of(volunteers: list[int]) -> dict[str, list[dict[str, object]]]:
    return {kind.name: [dict(row) for row in kind.rows()] for kind in selectors.personal_records(volunteers)}


def test_a_person_gets_their_own_votes_with_marks_and_those_of_the_visitor_they_were() -> None:
    flow = factories.workflow()
    ann, guest, bob = factories.volunteer(), services.new_visitor(now=NOW), factories.volunteer()
    first, second = factories.subject(workflow=flow), factories.subject(workflow=flow)
    factories.vote(subject=first, workflow=flow, answer="yes", volunteer=ann, marks=[(1, 2, 30, 40)], viewer={"invert": True})
    factories.vote(subject=second, workflow=flow, volunteer=guest)
    factories.vote(subject=second, workflow=flow, volunteer=bob)
    services.merge_visitor(visitor=guest, person=ann, now=NOW)

    found = rows_of(selectors.same_person(ann.pk))

    votes = found["classifications"]
    assert [(vote["subject"], vote["superseded_reason"]) for vote in votes if vote["answer"] == "yes"] == [(first.public_id, "")]
    assert sorted(str(vote["superseded_reason"]) for vote in votes if vote["subject"] == second.public_id) == ["", "merge"]
    marked = next(vote for vote in votes if vote["answer"] == "yes")
    assert [(mark["x1"], mark["y2"]) for mark in marked["marks"]] == [(1.0, 40.0)]  # type: ignore[attr-defined]
    assert marked["viewer"] == {"invert": True}
    assert {row["public_id"] for row in found["volunteer"]} == {ann.public_id, guest.public_id}
    assert [(row["workflow"], row["day"], row["answers"]) for row in found["days"] if row["answers"]] == [(flow.slug, NOW.date(), 2)]


def test_why_an_image_was_chosen_is_not_told() -> None:
    flow = factories.workflow(blind=False)
    factories.gold(workflow=flow)
    ann = factories.volunteer()
    services.next_subjects(volunteer=ann, workflow=flow, n=1, now=NOW, rng=random.Random(1))

    kinds = {kind.name: kind for kind in selectors.personal_records([ann.pk])}

    assert kinds["images_shown"].count() == 1
    assert set(kinds["images_shown"].columns) == {"id", "subject", "workflow", "suggested", "served_at", "lease_until"}
    assert set(kinds["classifications"].columns) & {"log_likelihood", "arm", "p"} == set()
    assert all(set(kind.columns) == set(row) for kind in kinds.values() for row in kind.rows())


def test_queries_do_not_grow_with_the_votes() -> None:
    flow, ann = factories.workflow(), factories.volunteer()
    counts = []
    for _ in range(3):
        factories.vote(subject=factories.subject(workflow=flow), workflow=flow, volunteer=ann)
        with CaptureQueriesContext(connection) as queries:
            rows_of([ann.pk])
        counts.append(len(queries))

    assert len(set(counts)) == 1
