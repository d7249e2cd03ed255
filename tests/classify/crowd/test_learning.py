"""What is learnt of a crowd from all its votes: the prior comes to rest, and known answers say how far votes can be trusted."""

import numpy as np
import pytest

from classify.crowd import learning, online
from classify.crowd.simulated import crowd
from classify.crowd.table import by_subject


@pytest.fixture(scope="module")
def made():
    return crowd(3_000, 300, prior=(0.8, 0.12, 0.08), seed=5)


def test_the_prior_rests_near_the_truth_whatever_it_was_at_first(made):
    found = [learning.learn(online.start(300, 3, prior=prior), made.table) for prior in ((), (0.1, 0.8, 0.1))]
    assert found[0].prior == pytest.approx(np.bincount(made.truth) / 3_000, abs=0.02)
    assert found[0].prior == pytest.approx(found[1].prior, abs=2e-3)
    shuffled = learning.learn(online.start(300, 3), by_subject(made.table))
    assert shuffled.prior == pytest.approx(found[0].prior, abs=1e-12)
    assert learning.learn(online.start(300, 3), made.table, keep_prior=True).prior == pytest.approx(1 / 3)


def test_known_answers_may_show_that_votes_are_to_be_trusted_less_and_never_more(made):
    known = np.full(3_000, -1)
    known[:80] = made.truth[:80]
    assert learning.fit_temper(made.table, known) == online.TEMPER  # too few
    known[:600] = made.truth[:600]
    assert 0.3 < learning.fit_temper(made.table, known, most=1.0) < 1.0  # hard subjects mislead many at once
    easy = crowd(3_000, 300, prior=(0.8, 0.12, 0.08), difficulty=False, seed=5)
    known[:600] = easy.truth[:600]
    assert learning.fit_temper(easy.table, known) == online.TEMPER
