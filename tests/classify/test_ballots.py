"""The first look at a body."""

import math
import uuid
from datetime import UTC, datetime

import pytest

from classify import ballots
from classify.ballots import ballot_from
from classify.steps import BadField

BODY = {"id": "8c2d1f0e-3b4a-4c5d-9e6f-7a8b9c0d1e2f", "workflow": "classify", "subject": 1234567890, "answer": "yes"}


def refused(**changes):
    with pytest.raises(BadField) as caught:
        ballot_from({**BODY, **changes})
    return caught.value.field


def test_four_fields_are_enough():
    ballot = ballot_from(BODY)
    assert ballot.id == uuid.UUID(BODY["id"])
    assert (ballot.workflow, ballot.subject, ballot.answer) == ("classify", 1234567890, "yes")
    assert (ballot.version, ballot.serve, ballot.revises, ballot.marks, ballot.annotations) == ("", None, None, [], {})


def test_a_form_sends_text():
    assert ballot_from({**BODY, "subject": "1234567890", "serve": "", "version": ""}).subject == 1234567890


def test_nobody_finishes_before_they_start():
    start, later = "2026-03-01T12:00:00Z", "2026-03-01T13:00:00+01:00"
    assert ballot_from({**BODY, "started_at": start, "finished_at": later}).finished_at == ballot_from({**BODY, "started_at": start}).started_at
    assert refused(started_at=start, finished_at="2026-03-01T11:59:59Z") == "finished_at"


@pytest.mark.parametrize("name", ["id", "workflow", "subject", "answer"])
def test_a_missing_field_is_named(name):
    assert refused(**{name: None}) == name
    assert refused(**{name: ""}) == name


def test_what_nobody_knows_is_refused():
    assert refused(blind=True) == "blind"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("id", "not-a-uuid"),
        ("id", 7),
        ("serve", "8c2d1f0e"),
        ("revises", ["8c2d1f0e-3b4a-4c5d-9e6f-7a8b9c0d1e2f"]),
        ("subject", "S12"),
        ("subject", -1),
        ("subject", 1.5),
        ("subject", True),
        ("subject", 2**63),
        ("subject", "9" * 30),
        ("workflow", 5),
        ("workflow", "x" * 51),
        ("answer", "yes\x00"),
        ("answer", ["yes"]),
        ("version", 1.0),
        ("annotations", []),
        ("viewer", "wide"),
        ("started_at", "yesterday"),
        ("started_at", "0001-01-01T00:00:00+23:00"),
        ("finished_at", "9999-12-31T23:59:59-23:00"),
        ("started_at", "2026-13-01T00:00:00Z"),
        ("finished_at", "2026-03-01T12:00:00"),
        ("finished_at", 12),
    ],
)
def test_a_field_of_the_wrong_type_is_named(name, value):
    assert refused(**{name: value}) == name


@pytest.mark.parametrize("body", [None, [], "yes", 3])
def test_a_body_is_one_object(body):
    with pytest.raises(BadField) as caught:
        ballot_from(body)
    assert caught.value.field == "body"


def test_times_carry_their_zone():
    assert ballot_from({**BODY, "started_at": "2026-03-01T13:00:00+01:00"}).started_at == datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_objects_are_kept_verbatim_within_limits():
    said = {"T7": {"value": ["x", 1, None]}}
    assert ballots.clean_object("annotations", said, 100) == said
    assert ballots.clean_object("annotations", None, 100) == {}
    for bad in ([1], "text", {"a": "x" * 200}, {"a": math.nan}, {"a": "\x00"}, {"a": "\ud800"}, nested(21)):
        with pytest.raises(BadField):
            ballots.clean_object("annotations", bad, 100)
    assert ballots.clean_object("annotations", nested(20), 200)


def nested(depth):
    """Objects within each other, so many of them."""
    return {"a": nested(depth - 1)} if depth > 1 else {}
