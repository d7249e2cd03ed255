"""A replay is what would have happened vote by vote."""

from dataclasses import replace

import numpy as np
import pytest

from classify.crowd import online
from classify.crowd.policies import REASONS, BadRetirement, Retirement, decide
from classify.crowd.replay import Learning, figures, frontier, in_turns, replay
from classify.crowd.simulated import crowd
from classify.crowd.table import VoteTable, counts

KEYS = ("no", "yes", "unclear")
SURE = Retirement("consensus", max_votes=12, min_votes=3, default_sure=0.99, sure={"no": 0.995}, markers=4, positive=("yes",))
WRONG = Learning(prior=(0.8, 0.1, 0.1), first=300, growth=0.3)
ONCE = replace(WRONG, passes=1)  # before the prior can have come to rest


@pytest.fixture(scope="module")
def world():
    return crowd(6_000, 400, seed=21)


class Loop:
    """The same as `replay`, with a loop over votes and the functions for one vote."""

    def __init__(self, table, policy, learning):
        self.table, self.policy, self.learning, self.due = table, policy, learning, learning.first
        self.skill = online.start(table.n_people, 3, prior=learning.prior, weight=learning.weight, temper=learning.temper)
        self.evidence, self.tally = np.zeros((table.n_subjects, 3)), np.zeros((table.n_subjects, 3), dtype=int)
        self.taken, self.ended = [], {}

    def run(self, batch):
        for row, vote in enumerate(zip(self.table.subject, self.table.person, self.table.answer, strict=True), start=1):
            if vote[0] not in self.ended:
                self.take(*(int(code) for code in vote))
            if row % batch == 0 and len(self.taken) >= self.due:
                self.learn()

    def take(self, subject, person, answer):
        self.taken.append((subject, person, answer))
        self.tally[subject, answer] += 1
        counted, pooled = self.skill.counts[person].tolist(), self.skill.pooled.tolist()
        self.evidence[subject] += online.vector(counted, pooled, answer, weight=self.skill.weight, temper=self.skill.temper)
        self.settle(subject)

    def settle(self, subject):
        posterior = online.posterior(self.evidence[subject].tolist(), self.skill.prior.tolist())
        counted = dict(zip(KEYS, self.tally[subject].tolist(), strict=True))
        outcome = decide(self.policy, KEYS, tally=counted, posterior=posterior, n_markers=counted["yes"])
        if outcome.retire:
            self.ended[subject] = (outcome.reason, posterior)

    def learn(self):
        self.due = int(len(self.taken) * (1 + self.learning.growth)) + 1
        columns = (np.array(column) for column in zip(*self.taken, strict=True))
        so_far = VoteTable(*columns, self.table.n_subjects, self.table.n_people, 3)
        for _ in range(self.learning.passes):
            believed = online.posteriors(online.evidence_of(so_far, online.vectors(self.skill)), self.skill.prior)
            believed[self.tally.sum(axis=1) < self.learning.least] = 0
            self.skill = online.learn(self.skill, so_far, believed)
        if self.learning.rescore:
            self.weigh_anew(so_far)

    def weigh_anew(self, so_far):
        fresh = online.evidence_of(so_far, online.vectors(self.skill))
        for subject in np.flatnonzero(self.tally.any(axis=1)):
            if subject not in self.ended:
                self.evidence[subject] = fresh[subject]
                self.settle(int(subject))


@pytest.mark.parametrize("learning", [ONCE, replace(ONCE, rescore=True)])
def test_a_replay_is_the_loop_over_votes(learning):
    small = crowd(250, 40, seed=9).table
    policy = Retirement("consensus", max_votes=6, min_votes=3, default_sure=0.97, markers=4, positive=("yes",))
    loop = Loop(small, policy, learning)
    loop.run(batch=200)
    result = replay(small, policy, KEYS, learning=learning, batch=200)
    assert result.n_votes.tolist() == loop.tally.sum(axis=1).tolist()
    assert [REASONS[code] for code in result.code] == [loop.ended.get(subject, ("",))[0] for subject in range(250)]
    for subject, (_reason, posterior) in loop.ended.items():
        np.testing.assert_allclose(result.posterior[subject], posterior, rtol=1e-9)
    assert {"consensus", "classification_count"} <= {reason for reason, _ in loop.ended.values()}


def test_a_fixed_number_of_votes_costs_that_number(world):
    result = replay(world.table, Retirement("count", max_votes=5), KEYS)
    assert (result.n_votes == 5).all()
    assert {REASONS[code] for code in result.code} == {"classification_count"}


def test_consensus_saves_votes_at_no_more_error_even_from_a_wrong_start(world):
    fixed = figures(replay(world.table, Retirement("count", max_votes=9), KEYS), world.truth, of=1)
    ours = figures(replay(world.table, SURE, KEYS, learning=WRONG, batch=2_000), world.truth, of=1)
    assert ours.votes < 5.5 < fixed.votes
    assert ours.error < 0.006
    assert ours.f1 > 0.93
    assert ours.unfinished < 0.03


def test_votes_after_the_end_change_nothing(world):
    result = replay(world.table, SURE, KEYS, batch=2_000)
    kept = np.zeros(len(world.table), dtype=bool)
    seen = np.zeros(6_000, dtype=int)
    for row, subject in enumerate(world.table.subject):
        kept[row] = seen[subject] < result.n_votes[subject]
        seen[subject] += 1
    scrambled = VoteTable(world.table.subject, world.table.person, np.where(kept, world.table.answer, 1).astype(np.int8), 6_000, 400, 3)
    again = replay(scrambled, SURE, KEYS, batch=2_000)
    assert (again.n_votes == result.n_votes).all()
    assert (again.posterior == result.posterior).all()


def test_a_bonus_counts_in_the_decision_and_known_truths_only_teach(world):
    sure = np.zeros((6_000, 3))
    sure[np.arange(6_000), world.truth] = 4.0
    plain, helped = (figures(replay(world.table, SURE, KEYS, bonus=bonus), world.truth, of=1) for bonus in (None, sure))
    assert helped.votes < plain.votes
    assert helped.error < plain.error
    known = np.where(np.arange(6_000) % 20 == 0, world.truth, -1)
    taught = replay(world.table, SURE, KEYS, known=known, batch=2_000)
    assert figures(taught, world.truth, of=1, among=known < 0).error < 0.008


def test_in_turns_asks_everybody_once_before_anybody_twice(world):
    turns = in_turns(world.table)
    assert sorted(turns.subject[:6_000].tolist()) == list(range(6_000))
    assert (counts(turns) == counts(world.table)).all()
    waves = in_turns(world.table, at_once=1_000)
    assert waves.subject[: (counts(world.table)[:1_000].sum())].max() == 999


def test_more_certainty_costs_more_votes(world):
    curve = frontier(world.table, SURE, KEYS, world.truth, of=1, certainties=(0.9, 0.99, 0.999))
    assert [sure for sure, _ in curve] == [0.9, 0.99, 0.999]
    votes = [each.votes for _, each in curve]
    assert votes == sorted(votes)
    assert curve[0][1].error > curve[2][1].error


def test_a_policy_that_makes_no_sense_is_refused(world):
    with pytest.raises(BadRetirement, match="max_votes"):
        replay(world.table, Retirement(max_votes=0), KEYS)
