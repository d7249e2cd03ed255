"""Votes: stored once, counted once, taken back exactly."""

from datetime import timedelta

import pytest

from classify import services
from classify.models import Classification, Consensus, HourlyTotal, Mark, Reveal, SubjectStatus, WorkflowVersion
from classify.services import Conflict
from classify.steps import BadField
from core import identity
from core.problems import Problem
from tests import factories as f
from tests.factories import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(seconds=5)
AFTER_UNDO = NOW + timedelta(seconds=11)


def status_of(subject, workflow):
    return SubjectStatus.objects.get(subject=subject, workflow=workflow)


def body_of(subject, workflow, /, **fields):
    return {"id": str(identity.random_uuid()), "workflow": workflow.slug, "subject": subject.public_id, "answer": "yes", **fields}


# --- storing -------------------------------------------------------------------------------------


def test_a_vote_is_stored_with_all_that_follows():
    flow = f.workflow()
    shown, alice = f.subject(workflow=flow), f.volunteer()
    receipt = f.vote(subject=shown, workflow=flow, answer="yes", volunteer=alice, marks=[(10, 20, 90, 60)], viewer={"zoom": 2})
    vote = Classification.objects.get()
    assert str(vote.pk) == receipt.id
    assert (vote.answer, vote.blind, vote.late, vote.counted, vote.viewer) == ("yes", True, False, True, {"zoom": 2})
    assert (vote.volunteer, vote.version) == (alice, flow.current_version)
    mark = Mark.objects.get()
    assert (mark.step, mark.frame, mark.x1, mark.y1, mark.x2, mark.y2) == ("T1", 0, 10, 20, 90, 60)
    status = status_of(shown, flow)
    assert (status.tally, status.n_votes, status.n_demo, status.revision) == ({"yes": 1}, 1, 0, 1)
    assert status.log_posterior == vote.log_likelihood
    consensus = Consensus.objects.get()
    assert (consensus.label, consensus.settled, consensus.counts, consensus.revision) == ("", False, {"yes": 1}, 1)
    assert consensus.last_classification == vote
    assert HourlyTotal.objects.get().n == 1
    assert receipt.as_dict() == {
        "id": str(vote.pk),
        "subject": shown.public_id,
        "undo_until": NOW + timedelta(seconds=10),
        "blind": True,
        "counted": True,
        "flag": "",
        "note": "",
        "late": False,
        "gold": None,
    }


def test_the_tenth_vote_retires_and_settles_the_label():
    flow = f.workflow(count=10)
    shown = f.subject(workflow=flow)
    for number in range(10):
        assert status_of(shown, flow).state == "active"
        answer = "yes" if number < 7 else "no"
        f.vote(subject=shown, workflow=flow, answer=answer, marks=[(10 + number, 20, 90, 60)] if answer == "yes" else None)
    status = status_of(shown, flow)
    assert (status.state, status.reason, status.retired_at, status.n_votes) == ("retired", "classification_count", NOW, 10)
    consensus = Consensus.objects.get()
    assert (consensus.label, consensus.settled, consensus.fractions, consensus.agreement) == ("yes", True, {"no": 0.3, "yes": 0.7}, 0.7)
    assert consensus.policy == "1.0 fractions"
    trail = consensus.trails.get()
    assert (trail.x1, trail.y1, trail.x2, trail.y2, trail.n_markers) == (13, 20, 90, 60, 7)


def test_a_vote_after_retirement_is_late_and_counts():
    flow = f.workflow(count=1, policy={"min_votes": 1})
    shown = f.subject(workflow=flow)
    f.vote(subject=shown, workflow=flow, answer="yes")
    receipt = f.vote(subject=shown, workflow=flow, answer="no", now=LATER)
    assert receipt.counted
    assert Classification.objects.get(pk=receipt.id).late
    status = status_of(shown, flow)
    assert (status.state, status.tally, status.retired_at) == ("retired", {"no": 1, "yes": 1}, NOW)
    assert Consensus.objects.get().label == ""  # the label follows the votes


def test_an_expired_lease_or_an_older_version_makes_a_vote_late():
    import random

    flow = f.workflow()
    shown, alice = f.subject(workflow=flow), f.volunteer()
    (served,) = services.next_subjects(volunteer=alice, workflow=flow, n=1, now=NOW, rng=random.Random(1))
    hours_later = NOW + timedelta(hours=2)
    receipt = f.vote(subject=shown, workflow=flow, volunteer=alice, serve=served.serve, now=hours_later)
    assert Classification.objects.get(pk=receipt.id).late

    flow.current_version = WorkflowVersion.objects.create(
        workflow=flow, major=1, minor=1, steps=f.STEPS, policy=flow.current_version.policy, created_at=NOW
    )
    flow.save()
    receipt = f.vote(subject=f.subject(workflow=flow), workflow=flow, version="1.0")
    vote = Classification.objects.get(pk=receipt.id)
    assert (vote.version.label, vote.late, vote.counted) == ("1.0", True, True)
    receipt = f.vote(subject=f.subject(workflow=flow), workflow=flow)
    assert not Classification.objects.get(pk=receipt.id).late


def test_demo_votes_are_counted_apart():
    flow = f.workflow()
    shown = f.subject(workflow=flow)
    f.vote(subject=shown, workflow=flow, volunteer=f.volunteer(kind="demo"))
    f.vote(subject=shown, workflow=flow)
    assert (status_of(shown, flow).n_votes, status_of(shown, flow).n_demo) == (2, 1)
    assert Consensus.objects.get().n_demo == 1
    assert sorted(HourlyTotal.objects.values_list("demo", "n")) == [(False, 1), (True, 1)]


# --- the same again ------------------------------------------------------------------------------


def test_the_same_id_gives_the_same_receipt_and_stores_once():
    flow = f.workflow()
    shown, alice = f.subject(workflow=flow), f.volunteer()
    body = body_of(shown, flow, marks=[{"x1": 1, "y1": 2, "x2": 30, "y2": 40}])
    first = services.record_classification(volunteer=alice, body=body, now=NOW)
    again = services.record_classification(volunteer=alice, body=body, now=LATER)
    assert first.created
    assert not again.created
    assert first.as_dict() == again.as_dict()
    assert Classification.objects.count() == 1
    assert status_of(shown, flow).n_votes == 1


def test_an_id_belongs_to_one_person_and_one_answer():
    flow = f.workflow()
    shown, alice = f.subject(workflow=flow), f.volunteer()
    body = body_of(shown, flow)
    services.record_classification(volunteer=alice, body=body, now=NOW)
    with pytest.raises(Conflict, match="another classification"):
        services.record_classification(volunteer=f.volunteer(), body=body, now=NOW)
    with pytest.raises(Conflict, match="another answer of yours"):
        services.record_classification(volunteer=alice, body={**body, "answer": "no"}, now=NOW)
    assert Classification.objects.count() == 1


def test_a_second_vote_on_the_same_subject_needs_revises():
    flow = f.workflow()
    shown, alice = f.subject(workflow=flow), f.volunteer()
    first = f.vote(subject=shown, workflow=flow, volunteer=alice)
    with pytest.raises(Conflict, match="already classified") as caught:
        f.vote(subject=shown, workflow=flow, volunteer=alice)
    assert caught.value.extra["existing"] == first.id
    assert list(caught.value.extra["errors"]) == ["revises"]
    assert caught.value.status_code == 409


# --- revision ------------------------------------------------------------------------------------


def test_a_revision_replaces_the_vote_exactly():
    flow = f.workflow()
    shown, alice = f.subject(workflow=flow), f.volunteer()
    f.vote(subject=shown, workflow=flow, answer="no")
    before = status_of(shown, flow)
    first = f.vote(subject=shown, workflow=flow, answer="yes", volunteer=alice, marks=[(1, 2, 30, 40)])
    second = f.vote(subject=shown, workflow=flow, answer="no", volunteer=alice, revises=first.id, now=LATER)
    old = Classification.objects.get(pk=first.id)
    assert (str(old.superseded_by_id), old.superseded_reason) == (second.id, "revision")
    status = status_of(shown, flow)
    assert (status.tally, status.n_votes) == ({"no": 2}, 2)
    assert status.log_posterior == {key: 2 * value for key, value in before.log_posterior.items()}
    assert sum(HourlyTotal.objects.values_list("n", flat=True)) == 2


def test_a_revision_names_the_standing_vote():
    flow = f.workflow()
    shown, alice = f.subject(workflow=flow), f.volunteer()
    with pytest.raises(Conflict, match="does not stand"):
        f.vote(subject=shown, workflow=flow, volunteer=alice, revises=identity.random_uuid())
    f.vote(subject=shown, workflow=flow, volunteer=alice)
    foreign = f.vote(subject=shown, workflow=flow)
    with pytest.raises(Conflict, match="does not name your standing vote"):
        f.vote(subject=shown, workflow=flow, volunteer=alice, revises=foreign.id)


def test_after_the_reveal_a_vote_is_final():
    flow = f.workflow()
    shown, alice = f.subject(workflow=flow), f.volunteer()
    first = f.vote(subject=shown, workflow=flow, volunteer=alice)
    services.reveal(volunteer=alice, root=shown, now=LATER)
    with pytest.raises(Conflict, match="what others say") as caught:
        f.vote(subject=shown, workflow=flow, volunteer=alice, revises=first.id, now=LATER)
    assert list(caught.value.extra["errors"]) == ["revises"]
    with pytest.raises(Conflict, match="what others say") as caught:
        services.undo_classification(volunteer=alice, classification_id=first.id, now=LATER)
    assert list(caught.value.extra["errors"]) == ["id"]
    assert status_of(shown, flow).n_votes == 1


# --- undo ----------------------------------------------------------------------------------------


def test_undo_takes_back_everything_and_reopens_the_subject():
    flow = f.workflow(count=2, policy={"min_votes": 1})
    shown, alice = f.subject(workflow=flow), f.volunteer()
    f.vote(subject=shown, workflow=flow, answer="no")
    before = status_of(shown, flow)
    receipt = f.vote(subject=shown, workflow=flow, answer="yes", volunteer=alice, marks=[(1, 2, 30, 40)])
    assert status_of(shown, flow).state == "retired"
    services.undo_classification(volunteer=alice, classification_id=receipt.id, now=LATER)
    after = status_of(shown, flow)
    for name in ("state", "reason", "retired_at", "tally", "n_votes", "log_posterior"):
        assert getattr(after, name) == getattr(before, name)
    assert after.revision == before.revision + 2
    row = Classification.objects.get(pk=receipt.id).superseded_by
    assert (row.answer, row.counted) == ("", False)
    consensus = Consensus.objects.get()
    assert (consensus.label, consensus.settled, consensus.counts, consensus.revision) == ("no", False, {"no": 1}, 3)
    assert consensus.last_classification == row
    assert sum(HourlyTotal.objects.values_list("n", flat=True)) == 1
    f.vote(subject=shown, workflow=flow, answer="no", volunteer=alice, now=LATER)
    assert status_of(shown, flow).tally == {"no": 2}


def test_undo_twice_is_undo_once():
    flow = f.workflow()
    shown, alice = f.subject(workflow=flow), f.volunteer()
    receipt = f.vote(subject=shown, workflow=flow, volunteer=alice)
    services.undo_classification(volunteer=alice, classification_id=receipt.id, now=LATER)
    services.undo_classification(volunteer=alice, classification_id=receipt.id, now=AFTER_UNDO)
    assert Classification.objects.count() == 2
    assert status_of(shown, flow).n_votes == 0


def test_undo_has_its_time_and_its_owner():
    flow = f.workflow()
    shown, alice = f.subject(workflow=flow), f.volunteer()
    receipt = f.vote(subject=shown, workflow=flow, volunteer=alice)
    with pytest.raises(Conflict, match="is over"):
        services.undo_classification(volunteer=alice, classification_id=receipt.id, now=AFTER_UNDO)
    with pytest.raises(Problem) as caught:
        services.undo_classification(volunteer=f.volunteer(), classification_id=receipt.id, now=LATER)
    assert caught.value.status_code == 404
    revised = f.vote(subject=shown, workflow=flow, volunteer=alice, revises=receipt.id, now=LATER)
    with pytest.raises(Conflict, match="revised later"):
        services.undo_classification(volunteer=alice, classification_id=receipt.id, now=LATER)
    services.undo_classification(volunteer=alice, classification_id=revised.id, now=LATER)
    assert status_of(shown, flow).n_votes == 0


# --- blind ---------------------------------------------------------------------------------------


def test_who_has_seen_more_votes_without_weight_in_a_blind_workflow():
    blind, open_ = f.workflow(), f.workflow(blind=False)
    shown, alice = f.subject(workflow=blind), f.volunteer()
    f.status(subject=shown, workflow=open_)
    assert services.reveal(volunteer=alice, root=shown, now=NOW)
    assert not services.reveal(volunteer=alice, root=shown, now=LATER)
    receipt = f.vote(subject=shown, workflow=blind, volunteer=alice)
    assert (receipt.blind, receipt.counted) == (False, False)
    assert status_of(shown, blind).n_votes == 0
    assert not Consensus.objects.filter(workflow=blind).exists()
    receipt = f.vote(subject=shown, workflow=open_, volunteer=alice)
    assert (receipt.blind, receipt.counted) == (False, True)


def test_what_is_revealed_of_a_find_is_revealed_of_its_root():
    flow = f.workflow()
    root, alice = f.subject(workflow=flow), f.volunteer()
    services.reveal(volunteer=alice, root=f.find(root=root), now=NOW)
    assert Reveal.objects.get().root == root
    assert not f.vote(subject=root, workflow=flow, volunteer=alice).blind


def test_a_vote_that_keeps_the_machines_trail_is_not_blind():
    flow = f.workflow(blind=False)
    shown = f.find(workflow=flow)
    mark = {"x1": 20, "y1": 30, "x2": 100, "y2": 60, "suggestion": "t1"}
    alice = f.volunteer()
    receipt = services.record_classification(volunteer=alice, body=body_of(shown, flow, marks=[mark]), now=NOW)
    assert (receipt.blind, receipt.counted) == (False, True)
    assert Mark.objects.get().suggestion == "t1"


# --- gold ----------------------------------------------------------------------------------------


def test_gold_answers_at_once_is_final_and_counts_nowhere():
    flow = f.workflow()
    shown = f.gold(workflow=flow, answer="yes", marks=[{"x1": 10, "y1": 20, "x2": 90, "y2": 60}])
    alice = f.volunteer()
    receipt = f.vote(subject=shown, workflow=flow, answer="yes", volunteer=alice, marks=[(88, 62, 12, 19)])
    told = {"right": True, "outcome": "right", "answer": "yes", "marks_found": 1, "tolerance_px": 12.0, "explanation": "A trail curves."}
    assert receipt.gold["marks"] == [{"x1": 10.0, "y1": 20.0, "x2": 90.0, "y2": 60.0}]
    assert {name: receipt.gold[name] for name in told} == told
    assert set(receipt.gold) == {*told, "marks", "message", "guide", "injected"}
    assert (receipt.counted, receipt.undo_until) == (False, None)
    assert status_of(shown, flow).n_votes == 0
    assert Reveal.objects.filter(volunteer=alice, root=shown).exists()
    with pytest.raises(Conflict, match="final"):
        services.undo_classification(volunteer=alice, classification_id=receipt.id, now=NOW)
    with pytest.raises(Conflict, match="final"):
        f.vote(subject=shown, workflow=flow, volunteer=alice, revises=receipt.id)
    wrong = f.vote(subject=shown, workflow=flow, answer="no")
    assert (wrong.gold["right"], wrong.gold["marks_found"]) == (False, None)


# --- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"answer": "maybe"}, "answer"),
        ({"version": "7.3"}, "version"),
        ({"version": "one"}, "version"),
        ({"serve": "8c2d1f0e-3b4a-4c5d-9e6f-7a8b9c0d1e2f"}, "serve"),
        ({"subject": 5}, "subject"),
        ({"workflow": "nowhere"}, "workflow"),
        ({"marks": [{"x1": 1, "y1": 2, "x2": 3}]}, "marks[0].y2"),
        ({"marks": [{"x1": 1, "y1": 2, "x2": 3, "y2": 999}]}, "marks[0].y2"),
        ({"marks": [{"frame": 1, "x1": 1, "y1": 2, "x2": 3, "y2": 4}]}, "marks[0].frame"),
        ({"answer": "no", "marks": [{"x1": 1, "y1": 2, "x2": 3, "y2": 4}]}, "marks"),
    ],
)
def test_a_vote_that_does_not_fit_is_refused_by_name_and_nothing_is_stored(changes, field):
    flow = f.workflow()
    shown = f.subject(workflow=flow)
    with pytest.raises(BadField) as caught:
        services.record_classification(volunteer=f.volunteer(), body=body_of(shown, flow, **changes), now=NOW)
    assert caught.value.field == field
    assert Classification.objects.count() == Consensus.objects.count() == HourlyTotal.objects.count() == 0


def test_only_the_team_votes_in_a_draft():
    flow = f.workflow(live=False)
    shown = f.subject(workflow=flow)
    with pytest.raises(BadField):
        f.vote(subject=shown, workflow=flow)
    services.record_classification(volunteer=f.volunteer(), body=body_of(shown, flow), now=NOW, may_draft=lambda: True)


def test_somebody_elses_serve_is_refused():
    import random

    flow = f.workflow()
    shown = f.subject(workflow=flow)
    (served,) = services.next_subjects(volunteer=f.volunteer(), workflow=flow, n=1, now=NOW, rng=random.Random(1))
    with pytest.raises(BadField) as caught:
        f.vote(subject=shown, workflow=flow, serve=served.serve)
    assert caught.value.field == "serve"


# --- cost ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("before", [0, 1, 8])
def test_a_vote_costs_the_same_whatever_came_before(before, django_assert_num_queries):
    flow = f.workflow(count=30)
    shown = f.subject(workflow=flow)
    f.vote(subject=f.subject(workflow=flow), workflow=flow, volunteer=f.volunteer(pk=16_000))  # the hour's shard exists
    for _ in range(before):
        f.vote(subject=shown, workflow=flow)
    alice = f.volunteer(pk=16_016)
    f.vote(subject=f.subject(workflow=flow), workflow=flow, volunteer=alice)  # and her day
    body = body_of(shown, flow, answer="no")
    with django_assert_num_queries(11):
        services.record_classification(volunteer=alice, body=body, now=NOW)
