"""Workflows as they are shown, and how far they are."""

from datetime import date, timedelta

import pytest

from classify import selectors, services
from classify.models import Classification
from tests import factories as f
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def test_drafts_are_seen_by_the_team_only():
    live, draft = f.workflow(position=1), f.workflow(live=False, position=2)
    assert list(selectors.workflows()) == [live]
    assert list(selectors.workflows(f.user())) == [live]
    team = f.user(permissions=["classify.change_workflow"])
    assert list(selectors.workflows(team)) == [live, draft]
    assert selectors.workflow_for(team, draft.slug) == draft
    assert selectors.workflow_for(f.user(), draft.slug) is None


def test_a_workflow_has_work_while_a_subject_is_active():
    flow = f.workflow()
    assert not selectors.workflows_with_work().get().has_work
    f.status(subject=f.subject(), workflow=flow, state="retired")
    assert not selectors.workflows_with_work().get().has_work
    f.subject(workflow=flow)
    assert selectors.workflows_with_work().get().has_work


def test_progress_counts_states_and_votes():
    flow = f.workflow(count=1, policy={"min_votes": 1})
    for _ in range(3):
        f.subject(workflow=flow)
    f.vote(subject=f.subject(workflow=flow), workflow=flow)
    f.status(subject=f.subject(), workflow=flow, state="paused")
    assert selectors.progress(flow) == {"subjects": 5, "active": 3, "retired": 1, "paused": 1, "votes": 1, "percent": 20}
    assert selectors.progress(f.workflow())["percent"] == 0
    assert selectors.subjects_by_state()[0] == {"workflow": flow.slug, "name": flow.name, "state": "active", "n": 3}


def test_totals_never_disagree_with_the_rows():
    flow, other, alice = f.workflow(), f.workflow(), f.volunteer()
    shown = [f.subject(workflow=flow) for _ in range(4)]
    receipts = [f.vote(subject=subject, workflow=flow, volunteer=alice, now=NOW + timedelta(hours=7 * n)) for n, subject in enumerate(shown)]
    f.vote(subject=f.subject(workflow=other), workflow=other, volunteer=f.volunteer(kind="demo"))
    services.undo_classification(volunteer=alice, classification_id=receipts[0].id, now=NOW)
    f.vote(subject=shown[1], workflow=flow, volunteer=alice, revises=receipts[1].id, answer="yes", now=NOW + timedelta(days=2))
    standing = Classification.objects.filter(superseded_by=None).exclude(answer="")
    assert selectors.votes_in_total(demo=True) == standing.count() == 4
    assert selectors.votes_in_total() == selectors.votes_in_total(workflow=flow) == 3
    assert selectors.votes_per_day(workflow=flow) == [(date(2026, 3, 2), 2), (date(2026, 3, 3), 1)]
    assert selectors.votes_per_day(workflow=flow, since=date(2026, 3, 3)) == [(date(2026, 3, 3), 1)]


def test_active_volunteers_are_people_with_a_standing_vote():
    flow, alice = f.workflow(), f.volunteer()
    receipt = f.vote(subject=f.subject(workflow=flow), workflow=flow, volunteer=alice)
    f.vote(subject=f.subject(workflow=flow), workflow=flow, volunteer=f.volunteer(kind="demo"))
    f.vote(subject=f.subject(workflow=flow), workflow=flow, volunteer=f.volunteer(kind="visitor"))
    f.volunteer()
    assert selectors.active_volunteers() == 2
    assert selectors.active_volunteers(demo=True) == 3
    services.undo_classification(volunteer=alice, classification_id=receipt.id, now=NOW)
    assert selectors.active_volunteers() == 1
