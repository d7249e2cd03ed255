"""Subjects come in once, whatever asks how often."""

import random

import pytest

from classify import services
from classify.models import MachineOpinion, Subject, SubjectFrame, SubjectSet, SubjectStatus, Workflow
from classify.services.pool import fresh_public_ids
from tests import factories as f
from tests.factories import NOW

pytestmark = pytest.mark.django_db
TRAIL = {"id": "find-7", "klass": "asteroid", "score": 0.8, "points": [[10, 20], [50, 45], [90, 60]]}


def pool(seed=1, **more):
    return services.pool_new(now=NOW, rng=random.Random(seed), **more)


def test_each_cutout_becomes_one_subject_in_the_workflows_that_take_cutouts():
    taking = f.workflow(takes_cutouts=True)
    f.workflow(takes_cutouts=True, live=False)
    f.workflow()
    cutouts = [f.cutout() for _ in range(3)]
    f.cutout(images=False)
    assert pool() == 3
    assert {frame.cutout for frame in SubjectFrame.objects.all()} == set(cutouts)
    assert {subject.origin for subject in Subject.objects.all()} == {f"cutout:{cutout.pk}" for cutout in cutouts}
    assert set(SubjectStatus.objects.values_list("workflow", "state")) == {(taking.pk, "active")}
    assert all(0 <= row.lot < 1 and 0 <= row.shuffle < 1 for row in SubjectStatus.objects.all())


def test_pooling_again_changes_nothing():
    f.workflow(takes_cutouts=True)
    f.cutout()
    pool()
    before = list(SubjectStatus.objects.values())
    assert pool(seed=2) == 0
    assert list(SubjectStatus.objects.values()) == before
    later = f.cutout()
    assert pool(seed=3) == 1
    assert Subject.objects.get(origin=f"cutout:{later.pk}").ready


def test_a_workflow_that_comes_later_gets_the_old_subjects():
    f.cutout()
    assert pool() == 0
    f.workflow(takes_cutouts=True)
    assert pool() == 1


def test_a_limit_leaves_the_rest_for_the_next_time():
    f.workflow(takes_cutouts=True)
    for _ in range(3):
        f.cutout()
    assert [pool(limit=2), pool(limit=2), pool(limit=2)] == [2, 1, 0]


def test_the_audit_arm_is_a_fixed_share():
    flow = f.workflow(audit_fraction=0.05)
    shown = [f.subject(cutout=f.cutout(images=False)).pk for _ in range(2)]
    lots = []
    rng = random.Random(4)
    for _ in range(250):
        SubjectStatus.objects.all().delete()
        services.open_subjects(workflow=flow, subject_ids=shown, now=NOW, rng=rng)
        lots += SubjectStatus.objects.values_list("lot", flat=True)
    assert sum(lot < 0.05 for lot in lots) / len(lots) == pytest.approx(0.05, abs=0.030)  # three standard errors of 500 draws


def test_public_numbers_are_never_used_twice(monkeypatch):
    taken = f.subject().public_id
    drawn = iter([taken, 5, 5, 6, 7])
    monkeypatch.setattr("core.identity.random_number", lambda: next(drawn))
    assert sorted(fresh_public_ids(3)) == [5, 6, 7]


def test_a_find_becomes_a_subject_of_its_cutout_once():
    flow = f.workflow(slug="review", selection=[["priority", 1]], blind=False)
    cutout = f.cutout()
    offer = {"origin": "find:7", "cutout_id": cutout.pk, "suggestions": [TRAIL], "priority": 0.8, "model": "detector-1", "now": NOW}
    found = services.offer_find(**offer)
    assert (found.kind, found.root.origin, found.ready) == ("find", f"cutout:{cutout.pk}", True)
    assert found.frames.get().cutout == cutout
    (trail,) = found.suggestions
    assert (trail["x1"], trail["y1"], trail["x2"], trail["y2"]) == (10.0, 20.0, 90.0, 60.0)
    assert SubjectStatus.objects.get(subject=found, workflow=flow).priority == 0.8
    assert services.offer_find(**{**offer, "priority": 0.3, "suggestions": []}) == found
    found.refresh_from_db()
    assert len(found.suggestions) == 1
    assert SubjectStatus.objects.get(subject=found).priority == 0.3
    assert Subject.objects.count() == 2


def test_two_finds_on_one_cutout_share_the_root():
    f.workflow(slug="review")
    root = f.subject()
    offers = [
        services.offer_find(origin=f"find:{n}", cutout_id=root.frames.get().cutout_id, suggestions=[TRAIL], priority=1, model="m", now=NOW)
        for n in (1, 2)
    ]
    assert {offer.root for offer in offers} == {root}


def test_a_find_needs_its_workflow_and_its_cutout():
    with pytest.raises(Workflow.DoesNotExist):
        services.offer_find(origin="find:1", cutout_id=1, suggestions=[], priority=1, model="m", now=NOW)


def test_a_machines_opinion_is_overwritten_and_stays_out_of_the_tally():
    flow = f.workflow()
    shown = f.subject(workflow=flow)
    services.set_machine_opinion(workflow=flow.slug, subject_id=shown.pk, model="m1", probabilities={"yes": 0.2}, now=NOW)
    assert services.set_machine_opinions(workflow=flow.slug, model="m1", probabilities={shown.pk: {"yes": 0.9}}, now=NOW) == 1
    assert MachineOpinion.objects.get().probabilities == {"yes": 0.9}
    assert SubjectStatus.objects.get().n_votes == 0


def test_a_priority_can_be_set_where_the_subject_is():
    flow = f.workflow()
    shown = f.subject(workflow=flow)
    assert services.set_priority(workflow=flow.slug, subject_id=shown.pk, priority=2.5)
    assert not services.set_priority(workflow=f.workflow().slug, subject_id=shown.pk, priority=2.5)
    assert SubjectStatus.objects.get().priority == 2.5


def test_sets_open_their_subjects_in_their_workflows():
    flow = f.workflow()
    made = services.make_set(slug="lot-1", name="Lot 1", purpose=SubjectSet.Purpose.SERVE, now=NOW, workflows=[flow])
    assert services.make_set(slug="lot-1", name="other", purpose=SubjectSet.Purpose.SERVE, now=NOW) == made
    pks = [f.subject().pk for _ in range(3)]
    assert [services.add_to_set(subject_set=made, subject_ids=pks), services.add_to_set(subject_set=made, subject_ids=pks)] == [3, 0]
    filled = [services.fill_set(subject_set=made, subject_ids=pks, actor=None, now=NOW, rng=random.Random(1)) for _ in range(2)]
    assert filled == [(0, 3), (0, 0)]


def test_gold_must_be_an_answer_of_the_workflow():
    from classify.steps import BadField

    with pytest.raises(BadField):
        f.gold(workflow=f.workflow(), answer="maybe")
