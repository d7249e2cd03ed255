"""Subjects, their pixels and sets."""

import pytest

from classify import selectors, services
from tests import factories as f
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def test_a_subject_is_found_by_its_public_number():
    found = f.find()
    assert selectors.subject_by_public_id(found.public_id) == found
    assert selectors.subject_by_public_id(found.public_id).root == found.root
    assert selectors.subject_by_public_id(7) is None
    assert selectors.subject_by_public_id(2**80) is None


def test_subjects_and_cutouts_find_each_other():
    shown = f.subject()
    cutout = shown.frames.get().cutout
    assert selectors.cutouts_of(shown) == [cutout]
    assert selectors.first_cutouts([shown.pk]) == {shown.pk: cutout}
    assert selectors.subject_of_cutout(cutout.pk) == shown
    assert selectors.subjects_of_cutouts([cutout.pk, cutout.pk + 1]) == {cutout.pk: shown}
    assert selectors.subjects_by_ids([shown.pk]) == {shown.pk: shown}


def test_sets_are_read_by_purpose():
    flow = f.workflow()
    shown = f.gold(workflow=flow)
    cutout = shown.frames.get().cutout
    assert [row.slug for row in selectors.sets_by_purpose("gold")] == [f"gold-{flow.slug}"]
    assert selectors.cutouts_in_sets("gold", "evaluation") == {(cutout.pk, cutout.plane.exposure_id)}
    assert selectors.cutouts_in_sets("negative") == set()


def test_subjects_of_a_workflow_with_their_cutouts_by_survey():
    flow = f.workflow()
    shown = f.subject(workflow=flow)
    f.subject(workflow=flow, cutout=f.cutout(exposure=f.exposure(survey="hst")))
    f.subject()
    assert list(selectors.subjects_with_cutouts(flow.slug, survey="sim")) == [(shown, shown.frames.get().cutout)]
    assert len(list(selectors.subjects_with_cutouts(flow.slug))) == 2


def test_history_shows_standing_votes_newest_first():
    flow, alice = f.workflow(), f.volunteer()
    first = f.vote(subject=f.subject(workflow=flow), workflow=flow, volunteer=alice)
    shown = f.subject(workflow=flow)
    undone = f.vote(subject=f.subject(workflow=flow), workflow=flow, volunteer=alice)
    services.undo_classification(volunteer=alice, classification_id=undone.id, now=NOW)
    second = f.vote(subject=shown, workflow=flow, volunteer=alice, now=NOW.replace(hour=13))
    assert [str(vote.pk) for vote in selectors.history_of(alice)] == [second.id, first.id]


def test_consensus_of_a_subject_with_its_trails(django_assert_num_queries):
    flow = f.workflow()
    shown = f.subject(workflow=flow)
    for _ in range(3):
        f.vote(subject=shown, workflow=flow, answer="yes", marks=[(1, 2, 50, 60)])
    with django_assert_num_queries(2):
        (row,) = selectors.consensus_of(shown)
        assert (row.workflow, row.label, row.trails.all()[0].n_markers) == (flow, "yes", 3)
