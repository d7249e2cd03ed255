"""The generated crowd is the one that its docstring describes."""

import numpy as np
import pytest

from classify.crowd.simulated import crowd
from classify.crowd.table import counts


def test_the_crowd_has_the_shares_and_errors_it_was_asked_for():
    made = crowd(20_000, 1_500)
    table = made.table
    n_votes = np.bincount(table.subject)
    effort = np.sort(np.bincount(table.person, minlength=1_500))
    right = table.answer == made.truth[table.subject]

    assert np.bincount(made.truth) / 20_000 == pytest.approx([0.93, 0.02, 0.05], abs=0.006)
    assert len(table) / 20_000 == pytest.approx(13.4, abs=0.3)
    assert n_votes.max() <= 20
    assert effort[-15:].sum() > 0.1 * effort.sum()  # one in a hundred people casts far more than a hundredth
    assert right.mean() == pytest.approx(0.885, abs=0.02)
    assert made.confusion.sum(axis=2) == pytest.approx(np.ones((1_500, 3)))
    assert len(np.unique(table.subject.astype(np.int64) * 1_500 + table.person)) == len(table)
    assert 0.003 < (counts(table).argmax(axis=1) != made.truth).mean() < 0.009


def test_errors_on_one_subject_go_together_only_where_there_is_difficulty():
    def spread(difficulty):
        made = crowd(5_000, 500, spammers=0, difficulty=difficulty, seed=2)
        empty = made.truth == 0
        wrong = (counts(made.table).sum(axis=1) - counts(made.table)[:, 0])[empty]
        return wrong.var() / wrong.mean()

    assert spread(True) > 1.1 * spread(False)


def test_the_same_seed_gives_the_same_crowd_and_another_seed_another():
    one, again, other = crowd(300, 40), crowd(300, 40), crowd(300, 40, seed=2)
    assert one.table.answer.tobytes() == again.table.answer.tobytes()
    assert one.confusion.tobytes() == again.confusion.tobytes()
    assert one.truth.tobytes() != other.truth.tobytes()


@pytest.mark.parametrize("wrong", [{"n_people": 0}, {"spammers": 1.5}, {"prior": (0.5, 0.5, 0.5)}, {"votes_per_subject": 0.0}])
def test_sizes_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ValueError, match=r"above 0|sum to 1"):
        crowd(**{"n_subjects": 10, "n_people": 5} | wrong)
