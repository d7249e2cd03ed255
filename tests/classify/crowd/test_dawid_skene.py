"""Expectation and maximisation, against a plain loop over votes, and against the truth."""

from itertools import pairwise
from math import exp, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classify.crowd.dawid_skene import dawid_skene
from classify.crowd.intervals import credible
from classify.crowd.simulated import crowd
from classify.crowd.table import counts, first_votes, from_labels, vote_table


def by_hand(votes, n_subjects, n_people, k, iterations, weight):
    """Dawid & Skene's two steps written out, vote by vote."""
    belief = []
    for subject in range(n_subjects):
        said = [answer for s, _, answer in votes if s == subject]
        belief.append([said.count(t) / len(said) for t in range(k)])
    for _ in range(iterations):
        prior = [max(1e-10, sum(row[t] for row in belief) + (weight > 0)) for t in range(k)]
        n = [
            [[sum(belief[s][t] for s, p, a in votes if (p, a) == (person, said)) for said in range(k)] for t in range(k)]
            for person in range(n_people)
        ]
        everybody = [[max(1e-10, sum(n[p][t][a] for p in range(n_people))) for a in range(k)] for t in range(k)]
        theta = [[[0.0] * k for _ in range(k)] for _ in range(n_people)]
        for p in range(n_people):
            for t in range(k):
                row = [max(1e-10, n[p][t][a] + weight * everybody[t][a] / sum(everybody[t])) for a in range(k)]
                theta[p][t] = [value / sum(row) for value in row]
        for subject in range(n_subjects):
            joint = [exp(log(prior[t] / sum(prior)) + sum(log(theta[p][t][a]) for s, p, a in votes if s == subject)) for t in range(k)]
            belief[subject] = [value / sum(joint) for value in joint]
    return belief, theta


@pytest.mark.parametrize(("weight", "k"), [(0.0, 3), (4.0, 3), (0.0, 2)])
def test_it_is_what_a_plain_loop_gives(weight, k):
    table = crowd(60, 12, 6.0, prior=(0.6, 0.25, 0.15), seed=3).table
    answer = np.minimum(table.answer, k - 1)
    table = vote_table(table.subject, table.person, answer, n_subjects=60, n_people=12, n_answers=k)
    votes = list(zip(table.subject.tolist(), table.person.tolist(), answer.tolist(), strict=True))

    belief, theta = by_hand(votes, 60, 12, k, 8, weight)
    fit = dawid_skene(table, pooled_weight=weight, tolerance=0, max_iterations=8)

    assert fit.iterations == 8
    assert fit.posterior == pytest.approx(np.array(belief), abs=1e-9)
    assert fit.confusion == pytest.approx(np.array(theta), abs=1e-9)
    assert fit.posterior.argmax(axis=1).tolist() == np.array(belief).argmax(axis=1).tolist()


def test_shrinking_beats_the_plain_form_and_the_majority_on_people_with_few_votes():
    made = crowd(15_000, 1_148)
    wrong = {
        "majority": (counts(made.table).argmax(axis=1) != made.truth).mean(),
        "plain": (dawid_skene(made.table, pooled_weight=0).posterior.argmax(axis=1) != made.truth).mean(),
        "shrunk": (dawid_skene(made.table).posterior.argmax(axis=1) != made.truth).mean(),
    }
    assert wrong["shrunk"] < 0.6 * min(wrong["majority"], wrong["plain"])


def test_the_same_votes_give_the_same_bytes_in_any_order():
    table = first_votes(crowd(2_000, 200).table, 6)
    shuffled = table.take(np.random.default_rng(1).permutation(len(table)))
    fits = [dawid_skene(votes) for votes in (table, table, shuffled)]
    for name in ("posterior", "confusion", "prior", "evidence", "support"):
        assert len({getattr(fit, name).tobytes() for fit in fits}) == 1
    assert len({fit.log_likelihood for fit in fits}) == 1


def test_what_it_returns_fits_together():
    made = crowd(1_500, 150)
    fit = dawid_skene(made.table)
    joint = np.exp(fit.evidence) * fit.prior
    assert fit.converged
    assert fit.posterior == pytest.approx(joint / joint.sum(axis=1, keepdims=True), abs=1e-9)
    assert fit.log_likelihood == pytest.approx(np.log(joint.sum(axis=1)).sum())
    assert fit.confusion.sum(axis=2) == pytest.approx(np.ones((150, 3)))
    assert fit.support.sum() == pytest.approx(len(made.table) + 100 * 3 * 150)
    assert fit.prior == pytest.approx([0.93, 0.02, 0.05], abs=0.02)


def test_the_plain_form_never_gets_less_likely():
    table = crowd(500, 60, seed=4).table
    steps = [dawid_skene(table, pooled_weight=0, tolerance=0, max_iterations=n).log_likelihood for n in range(1, 15)]
    assert all(after >= before - 1e-6 for before, after in pairwise(steps))


def test_known_truths_are_kept_teach_skill_and_leave_the_prior_alone():
    keys = ["a", "b"]
    # Person 2 says the opposite. Known subjects, half of each kind, give that away; the prior comes from the others, all of one kind.
    votes = [(s, p, keys[(s % 2) ^ (p == 2)]) for s in range(40) for p in (0, 1, 2)] + [(s, p, keys[p // 2]) for s in range(40, 60) for p in (0, 2)]
    columns = list(zip(*votes, strict=True))
    table = from_labels(*columns, subject_list=range(60), person_list=[0, 1, 2], answer_list=keys)
    known = np.full(60, -1)
    known[:40] = np.arange(40) % 2
    fit = dawid_skene(table, known=known, pooled_weight=1)

    assert fit.posterior[:40].argmax(axis=1).tolist() == known[:40].tolist()
    assert set(fit.posterior[:40].max(axis=1)) == {1.0}
    assert fit.confusion[2, 0, 1] > 0.9
    assert (fit.posterior[40:].argmax(axis=1) == 0).all()
    assert fit.prior[0] > 0.9


def test_without_votes_it_says_the_prior():
    empty = vote_table([], [], [], n_subjects=2, n_people=1, n_answers=4)
    assert dawid_skene(empty).posterior.tolist() == [[0.25] * 4] * 2
    silent = dawid_skene(vote_table([0, 0, 1], [0, 1, 0], [1, 1, 0], n_subjects=3, n_people=3, n_answers=2))
    assert silent.posterior[2] == pytest.approx(silent.prior)
    assert silent.support[2] == pytest.approx([100, 100])
    assert dawid_skene(vote_table([], [], [], n_subjects=0, n_people=0, n_answers=2)).posterior.shape == (0, 2)


@pytest.mark.parametrize("wrong", [{"known": [0]}, {"known": [0, 5, 0]}, {"known": [0.5, 1, 0]}, {"pooled_weight": -1}, {"max_iterations": 0}])
def test_settings_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ValueError, match=r"known|pooled_weight"):
        dawid_skene(vote_table([0], [0], [1], n_subjects=3, n_people=1, n_answers=2), **wrong)


@settings(max_examples=60, deadline=None)
@given(
    k=st.integers(2, 8),
    weight=st.sampled_from([0.0, 0.5, 100.0]),
    votes=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3), st.integers(0, 7)), max_size=40),
)
def test_whatever_was_voted_the_figures_are_probabilities(k, weight, votes):
    columns = list(zip(*votes, strict=True)) or [[], [], []]
    table = vote_table(columns[0], columns[1], [answer % k for answer in columns[2]], n_subjects=6, n_people=4, n_answers=k)
    fit = dawid_skene(table, pooled_weight=weight)
    for shares in (fit.posterior, fit.confusion, fit.prior):
        assert np.isfinite(shares).all()
        assert shares.sum(axis=-1) == pytest.approx(np.ones(shares.shape[:-1]))
    low, high = credible(table, fit, k - 1)
    assert ((low >= 0) & (low <= high + 1e-12) & (high <= 1)).all()
