"""How a crowd does on known subjects: nobody's answer helps to foretell itself."""

import numpy as np
import pytest

from classify.crowd import known, online, reliability
from classify.crowd.table import VoteTable, vote_table

K = 3


def crowd(n_subjects: int, n_votes: int, *, right: float, seed: int = 1) -> tuple[VoteTable, np.ndarray]:
    """Everybody is right with this chance, else any other answer; each subject gets `n_votes` of 50 people."""
    rng = np.random.default_rng(seed)
    truth = rng.choice(K, n_subjects, p=[0.4, 0.5, 0.1])
    subject = np.tile(np.arange(n_subjects), n_votes)
    wrong = (truth[subject] + rng.integers(1, K, len(subject))) % K
    answer = np.where(rng.random(len(subject)) < right, truth[subject], wrong)
    return vote_table(subject, rng.integers(0, 50, len(subject)), answer, n_subjects=n_subjects, n_people=50, n_answers=K), truth


def test_chances_come_true_as_often_as_they_say() -> None:
    table, truth = crowd(4000, 2, right=0.7)

    chances = known.chances(table, truth, n_votes=2, learning=known.Learning(temper=1.0))

    bins = reliability.reliability(chances[:, 0], truth == 0)
    assert chances.sum(axis=1) == pytest.approx(1)
    assert reliability.expected_calibration_error(bins) < 0.02
    assert len(bins) > 3, "not all of them sure"


def test_what_nobody_can_see_is_not_foretold_from_its_own_answer() -> None:
    table, truth = crowd(300, 6, right=1 / K)  # votes say nothing; skill learnt on the same subjects would seem to

    chances = known.chances(table, truth, n_votes=6, learning=known.Learning(weight=0.5, temper=1.0))

    assert (chances.argmax(axis=1) == truth).mean() < 0.6
    assert known.chances(table, truth, n_votes=0)[0] == pytest.approx([0.4, 0.5, 0.1], abs=0.06), "without votes the prior of the others"
    with pytest.raises(ValueError, match="truth: not 300 answers from 0 to 2"):
        known.chances(table, truth + 1, n_votes=1)


def test_more_votes_find_more_and_the_table_ends_where_few_have_so_many() -> None:
    table, truth = crowd(400, 9, right=0.7)
    rows = known.recall(table.take(~((table.subject % 4 > 0) & (np.arange(len(table)) >= 400 * 5))), truth, [0], most=20, fewest=60)

    assert [row.votes for row in rows] == [1, 2, 3, 4, 5], "only a quarter has more than five votes"
    assert rows[0].subjects == (truth == 0).sum()
    assert rows[0].by_majority < rows[2].by_majority < rows[4].by_majority
    assert rows[3].by_chance >= rows[3].by_majority, "a tie is no majority, but a chance"


def test_votes_are_counted_by_truth_and_answer() -> None:
    table = vote_table([0, 0, 1, 1, 1], [0, 1, 0, 1, 2], [0, 2, 1, 1, 0], n_subjects=2, n_people=3, n_answers=K)

    assert known.said_of(table, np.array([0, 1])).tolist() == [[1, 0, 1], [1, 2, 0], [0, 0, 0]]
    assert known.enough(table, 3).tolist() == [False, True]
    assert known.USUAL == (online.POOLED_WEIGHT, online.TEMPER)
