"""The posterior that moves with every vote: exact to the bit, the same one by one and for whole tables, and not led astray by its start."""

import random

import numpy as np
import pytest

from classify.crowd import online
from classify.crowd.simulated import crowd
from classify.crowd.table import vote_table


def a_skill(n_people=7, n_answers=3):
    rng = np.random.default_rng(4)
    pooled = rng.dirichlet(np.ones(n_answers), n_answers)
    return online.Skill(rng.gamma(0.5, 20.0, (n_people, n_answers, n_answers)), pooled, rng.dirichlet(np.ones(n_answers)))


def one_by_one(skill, person, answer):
    return online.vector(skill.counts[person].tolist(), skill.pooled.tolist(), answer, weight=skill.weight, temper=skill.temper)


def test_one_vote_and_a_whole_table_give_the_same_numbers():
    for n_answers in (2, 3, 8):
        skill = a_skill(n_answers=n_answers)
        table = online.vectors(skill)
        singles = [[one_by_one(skill, person, answer) for answer in range(n_answers)] for person in range(7)]
        assert table.tolist() == singles
        evidence = table.sum(axis=1)
        expected = [online.posterior(row, skill.prior) for row in evidence.tolist()]
        np.testing.assert_allclose(online.posteriors(evidence, skill.prior), expected, rtol=1e-12)


def test_somebody_unknown_answers_like_the_pooled_crowd():
    skill = a_skill()
    unknown = online.vector([], skill.pooled.tolist(), 1, weight=30.0, temper=1.0)
    np.testing.assert_allclose(unknown, np.log(skill.pooled[:, 1]), atol=1e-6)


def test_votes_taken_back_in_any_order_leave_exactly_what_was_there():
    skill, rng = a_skill(), random.Random(2)
    votes = [one_by_one(skill, rng.randrange(7), rng.randrange(3)) for _ in range(5_000)]
    total = [0.0] * 3
    for sign in (1, -1):
        rng.shuffle(votes)
        for vote in votes:
            total = [have + sign * value for have, value in zip(total, vote, strict=True)]
        if sign == 1:
            assert total == [sum(column) for column in zip(*reversed(votes), strict=True)]
    assert total == [0.0] * 3


def test_the_table_adds_up_what_each_vote_adds():
    skill = a_skill()
    table = vote_table([0, 2, 0, 2, 2], [1, 1, 6, 0, 3], [0, 2, 1, 1, 1], n_subjects=4, n_people=7, n_answers=3)
    expected = np.zeros((4, 3))
    for subject, person, answer in zip(table.subject, table.person, table.answer, strict=True):
        expected[subject] += one_by_one(skill, person, int(answer))
    assert online.evidence_of(table, online.vectors(skill)).tolist() == expected.tolist()


def test_learning_counts_each_answer_with_what_is_believed_of_the_subject():
    table = vote_table([0, 1, 1], [0, 0, 1], [0, 1, 0], n_subjects=3, n_people=2, n_answers=2)
    believed = np.array([[0.9, 0.1], [0.25, 0.75], [0.0, 0.0]])
    taught = online.learn(online.start(2, 2), table, believed)
    assert taught.counts.tolist() == [[[0.9, 0.25], [0.1, 0.75]], [[0.25, 0.0], [0.75, 0.0]]]
    assert taught.prior.tolist() == pytest.approx([2.15 / 4, 1.85 / 4])
    known = online.learn(online.start(2, 2), table, believed, known=np.array([True, False, False]))
    assert (known.counts == taught.counts).all()
    assert known.prior.tolist() == pytest.approx([1.25 / 3, 1.75 / 3])


def test_a_wrong_prior_and_unknown_people_are_learnt_from_votes_alone():
    world = crowd(4_000, 300, seed=5)
    skill = online.start(300, 3, prior=(0.8, 0.1, 0.1))
    for _ in range(8):
        believed = online.posteriors(online.evidence_of(world.table, online.vectors(skill)), skill.prior)
        skill = online.learn(skill, world.table, believed)
    np.testing.assert_allclose(skill.prior, np.bincount(world.truth) / 4_000, atol=0.01)
    busy = np.bincount(world.table.person, minlength=300) > 400
    learnt = np.exp(online.vectors(skill)[:, 0, 0] / skill.temper)
    assert busy.sum() > 20
    assert np.corrcoef(learnt[busy], world.confusion[busy, 0, 0])[0, 1] > 0.9


def test_who_always_says_the_same_tells_nothing():
    right, constant = np.eye(3) * 1e6, np.eye(3)[[0, 0, 0]] * 1e6
    told = online.informativeness(online.Skill(np.stack([right, constant]), np.full((3, 3), 1 / 3), np.full(3, 1 / 3)))
    assert told.tolist() == pytest.approx([np.log(3), 0.0], abs=1e-3)


def test_a_score_speaks_for_the_truths_it_came_with_and_an_unseen_bin_for_none():
    bins = online.bins_of([0.05, 0.1, 0.3, 0.95], edges=[0.1, 0.5, 0.9])
    assert bins.tolist() == [0, 1, 1, 3]
    believed = np.eye(2)[[0] * 90 + [1] * 10]
    added = online.score_vectors(np.array([0] * 85 + [1] * 5 + [1] * 8 + [0] * 2), believed, 3)
    assert added[0, 0] > added[0, 1]
    assert added[1, 0] < added[1, 1]
    assert added[2, 0] < 0
    assert abs(added[2, 0] - added[2, 1]) < 2.1  # only that so many subjects never fell there
    with pytest.raises(ValueError, match="edges"):
        online.bins_of([0.5], edges=[0.5, 0.5])


@pytest.mark.parametrize(
    "wrong", [{"prior": (0.5, 0.5)}, {"prior": (1.0, 0.0, 0.0)}, {"prior": (0.9, 0.9, 0.9)}, {"weight": 0.0}, {"temper": 0.0}, {"temper": 1.1}]
)
def test_a_start_that_makes_no_sense_is_refused_by_name(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        online.start(5, 3, **wrong)
