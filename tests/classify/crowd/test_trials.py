"""Policies side by side: each stops and labels as the product would, and is compared with what it did not see."""

from dataclasses import replace

import numpy as np
import pytest

from classify.crowd import consensus, trials
from classify.crowd.consensus import policy_from
from classify.crowd.simulated import crowd
from classify.crowd.trials import Bench, Tried, Votes

ANSWERS = ("no", "yes", "impossible")
TEN = policy_from({"count": 10, "positive": ["yes"], "negative": ["no"]}, ANSWERS)
EARLY = {
    "count": 8, "min_votes": 2, "labels": [{"answer": "yes", "above": 0.3}, {"answer": "impossible", "above": 0.2}],
    "positive": ["yes"], "negative": ["no"], "retirement": {"rule": "count", "empties": 4, "flags": 2, "flagging": ["impossible"]},
}  # fmt: skip
SURE = {"rule": "bayes", "count": 15, "positive": ["yes"], "negative": ["no"], "retirement": {"rule": "consensus", "default_sure": 0.99}}


@pytest.fixture(scope="module")
def world():
    return crowd(1_500, 150, seed=5, prior=(0.75, 0.2, 0.05))


def votes_of(world, known=None, ended=None):
    n = len(world.truth)
    return Votes(ANSWERS, world.table, np.full(n, -1) if known is None else known, np.ones(n, dtype=bool) if ended is None else ended)


def test_a_policy_of_shares_stops_and_labels_each_subject_as_the_vote_would(world):
    policy = policy_from(EARLY, ANSWERS)
    _rows, ended = Bench(votes_of(world), ("yes",)).compare(Tried(trials.TRIAL, policy))
    for subject in range(100):
        said = [ANSWERS[code] for code in world.table.answer[world.table.subject == subject]]
        for taken in range(1, len(said) + 1):
            tally = {answer: said[:taken].count(answer) for answer in ANSWERS}
            decision = consensus.decide(tally, policy, dict.fromkeys(ANSWERS, 1 / 3))
            if decision.retire:
                break
        label = ANSWERS[ended.label[subject]] if ended.label[subject] >= 0 else ""
        assert (ended.n_votes[subject], label, ended.unfinished[subject]) == (taken, decision.label, not decision.retire)


def test_what_is_certain_saves_votes_and_more_certainty_costs_more(world):
    known = np.where(np.arange(1_500) % 10 == 0, world.truth, -1)
    *_, (done, total, result) = trials.run(votes_of(world, known), TEN, {"": policy_from(SURE, ANSWERS)})
    assert done == total == len(result["rows"]) == 4 + len(trials.FIXED) + len(trials.CERTAINTIES)
    rows = {(row["kind"], row["order"], row["size"]): row for row in result["rows"]}
    now, tried = rows["present", "arrival", 0], rows["trial", "arrival", 0]
    assert (now["labels"]["n"], now["gold"]["n"], result["is_joint"]) == (1_350, 150, False)
    assert tried["labels"]["votes"] < 0.6 * now["labels"]["votes"]
    assert tried["gold"]["wrong"] < 0.05 < tried["gold"]["f1"]
    assert now["labels"]["admitted"] is None
    assert 0 < tried["labels"]["admitted"] < 0.02
    frontier = [row["labels"]["votes"] for row in result["rows"] if row["kind"] == "frontier"]
    assert frontier == sorted(frontier)
    assert sum(result["histograms"][1]["subjects"]) == 1_350


def test_only_what_has_ended_is_counted_and_too_little_says_so(world):
    ended = np.arange(1_500) < 100
    bench = Bench(votes_of(world, ended=ended), ("yes",))
    assert bench.compare(Tried(trials.FIXED_COUNT, TEN, size=3))[0]["labels"].n == 100
    few = world.table.take(world.table.subject < trials.FEWEST - 1)
    with pytest.raises(trials.TooFew, match="19 subjects"):
        next(trials.run(replace(votes_of(world), table=few), TEN, {}))
    everybody_known = Bench(votes_of(world, world.truth), ("yes",))
    assert everybody_known.is_joint, "without others the known ones stand for them, and their truth teaches nothing"
    assert everybody_known.compare(Tried(trials.FIXED_COUNT, TEN, size=5))[0]["gold"].n == 1_500
