"""Votes weigh as much as is known of who casts them."""

import pytest

from classify import services
from classify.models import Classification, Consensus, CrowdState, SubjectStatus, VolunteerSkill
from tests import factories as f
from tests.factories import NOW

pytestmark = pytest.mark.django_db
ANSWERS = ["yes", "no", "impossible"]
POOLED = [[0.9, 0.08, 0.02], [0.02, 0.95, 0.03], [0.05, 0.15, 0.8]]
PRIOR = [0.02, 0.93, 0.05]
EARLY = {"rule": "bayes", "min_votes": 2, "negative": ["no"], "retirement": {"rule": "consensus", "default_sure": 0.99, "markers": 2}}


def known_crowd(flow):
    """Store what a task would have learnt."""
    more = {"pooled": POOLED, "prior": PRIOR, "weight": 60.0, "temper": 0.9, "n_votes": 1000, "learnt_at": NOW}
    CrowdState.objects.create(workflow=flow, answers=ANSWERS, **more)


def test_the_posterior_moves_with_each_vote_and_ends_the_subject_when_sure():
    flow = f.workflow(count=10, policy=EARLY)
    known_crowd(flow)
    shown = f.subject(workflow=flow)
    chances, states = [], []
    for _ in range(3):
        if SubjectStatus.objects.get().state == "active":
            f.vote(subject=shown, workflow=flow, answer="no")
            chances.append(Consensus.objects.get().posterior["no"])
            states.append(SubjectStatus.objects.get().reason)
    assert chances == sorted(chances)
    assert states == ["", "consensus"]
    row = Consensus.objects.get()
    assert (row.method, row.label, row.settled) == ("bayes", "no", True)
    assert sum(row.posterior.values()) == pytest.approx(1, abs=1e-6)
    # by hand: prior * product of P(no | truth)^0.9
    joint = [chance * (row_[1] ** 0.9) ** 2 for chance, row_ in zip(PRIOR, POOLED, strict=True)]
    assert row.posterior["no"] == pytest.approx(joint[1] / sum(joint), abs=1e-5)


def test_who_sees_better_weighs_more_and_known_answers_teach_at_once():
    flow = f.workflow(policy=EARLY)
    known_crowd(flow)
    keen, known = f.volunteer(), f.gold(workflow=flow, answer="yes")
    f.vote(subject=known, workflow=flow, volunteer=keen, answer="yes")
    skill = VolunteerSkill.objects.get()
    assert (skill.confusion, skill.n_gold, skill.n_gold_right) == ({"yes": {"yes": 1.0}}, 1, 1)
    skill.confusion = {"yes": {"yes": 500}, "no": {"no": 500}}
    skill.save()
    shown = [f.subject(workflow=flow) for _ in range(2)]
    f.vote(subject=shown[0], workflow=flow, volunteer=keen, answer="yes")
    f.vote(subject=shown[1], workflow=flow, answer="yes")
    practised, anybody = (Consensus.objects.get(subject=subject).posterior["yes"] for subject in shown)
    assert practised > 0.5 > anybody > PRIOR[0]
    assert SubjectStatus.objects.get(subject=known).log_posterior == {}


def test_a_subject_heading_for_a_find_waits_for_marks():
    flow = f.workflow(count=8, policy={**EARLY, "retirement": {**EARLY["retirement"], "default_sure": 0.6}})
    shown = f.subject(workflow=flow)
    marks = [(10, 20, 90, 60)]
    for marked in (None, None, None, marks):
        f.vote(subject=shown, workflow=flow, answer="yes", marks=marked)
        assert SubjectStatus.objects.get().state == "active"
    f.vote(subject=shown, workflow=flow, answer="yes", marks=marks)
    assert SubjectStatus.objects.get().reason == "consensus"


def test_a_late_vote_leaves_it_retired_and_a_vote_taken_back_opens_it():
    flow = f.workflow(count=10, policy=EARLY)
    known_crowd(flow)
    shown, last = f.subject(workflow=flow), f.volunteer()
    f.vote(subject=shown, workflow=flow, answer="no")
    receipt = f.vote(subject=shown, workflow=flow, answer="no", volunteer=last)
    f.vote(subject=shown, workflow=flow, answer="yes")
    row = Consensus.objects.get()
    assert (row.label, row.settled, row.posterior["no"] < 0.99) == ("no", True, True)
    assert Classification.objects.filter(late=True).count() == 1
    services.undo_classification(volunteer=last, classification_id=receipt.id, now=NOW)
    assert SubjectStatus.objects.get().state == "active"


def test_a_crowd_that_knows_other_answers_is_not_asked():
    flow = f.workflow(policy=EARLY)
    CrowdState.objects.create(
        workflow=flow, answers=["a", "b"], pooled=[[0.5, 0.5]] * 2, prior=[0.5, 0.5], weight=60.0, temper=0.9, n_votes=1, learnt_at=NOW
    )
    f.vote(subject=f.subject(workflow=flow), workflow=flow, answer="no")
    assert Consensus.objects.get().posterior["no"] == pytest.approx(0.657, abs=0.01)
