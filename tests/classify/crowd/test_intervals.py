"""The interval holds the posterior that one would have, knowing everybody exactly, about as often as it says."""

import numpy as np
import pytest
from scipy.special import softmax

from classify.crowd.dawid_skene import dawid_skene
from classify.crowd.intervals import credible, variances
from classify.crowd.table import vote_table

POOLED = np.array([[0.85, 0.05, 0.1], [0.2, 0.7, 0.1], [0.2, 0.1, 0.7]])
PRIOR = np.array([0.6, 0.25, 0.15])


def world(n_people=150, n_subjects=3_000, n_votes=4, n_known=400, concentration=20, seed=1):
    """Return votes of people drawn around the pooled matrix, what is known, and the posterior under their true matrices."""
    rng = np.random.default_rng(seed)
    theta = np.stack([rng.dirichlet(concentration * row, n_people) for row in POOLED], axis=1)
    truth = rng.choice(3, size=n_subjects, p=PRIOR)
    person = rng.random((n_subjects, n_people)).argpartition(n_votes, axis=1)[:, :n_votes].ravel()
    subject = np.repeat(np.arange(n_subjects), n_votes)
    steps = theta[person, truth[subject]].cumsum(axis=1)[:, :-1]
    answer = (rng.random(len(subject))[:, None] >= steps).sum(axis=1)
    evidence = np.zeros((n_subjects, 3))
    np.add.at(evidence, subject, np.log(theta[person, :, answer]))
    table = vote_table(subject, person, answer, n_subjects=n_subjects, n_people=n_people, n_answers=3)
    known = np.where(np.arange(n_subjects) < n_known, truth, -1)
    return table, known, softmax(evidence + np.log(PRIOR), axis=1)


@pytest.mark.parametrize(("level", "at_least", "at_most"), [(0.95, 0.87, 0.97), (0.8, 0.69, 0.84)])
def test_it_covers_about_as_often_as_it_says(level, at_least, at_most):
    table, known, exact = world()
    fit = dawid_skene(table, known=known, pooled_weight=20)
    for answer in range(3):
        interval = credible(table, fit, answer, level=level)
        inside = (interval.low <= exact[:, answer]) & (exact[:, answer] <= interval.high)
        in_doubt = (known < 0) & (exact[:, answer] > 0.05) & (exact[:, answer] < 0.95)
        assert at_least < inside[known < 0].mean() < at_most
        assert at_least < inside[in_doubt].mean() < at_most


def test_the_posterior_lies_inside_and_more_votes_make_it_narrower():
    table, _, _ = world(n_subjects=600, n_known=0)
    fit = dawid_skene(table, pooled_weight=20)
    low, high = credible(table, fit, 1)
    assert ((low <= fit.posterior[:, 1]) & (fit.posterior[:, 1] <= high)).all()
    assert (variances(table, fit) > 0).all()

    larger, _, _ = world(n_subjects=6_000, n_known=0)
    narrow = credible(larger, dawid_skene(larger, pooled_weight=20), 1)
    assert (narrow.high - narrow.low).mean() < 0.75 * (high - low).mean()


def test_nobody_voted_is_the_prior_itself():
    table = vote_table([0, 0], [0, 1], [1, 1], n_subjects=2, n_people=2, n_answers=2)
    fit = dawid_skene(table)
    low, high = credible(table, fit, 1)
    assert low[1] == pytest.approx(fit.prior[1]) == high[1]


@pytest.mark.parametrize(("answer", "level"), [(2, 0.9), (-1, 0.9), (0, 0.0), (0, 1.0)])
def test_what_makes_no_sense_is_refused(answer, level):
    table = vote_table([0], [0], [1], n_subjects=1, n_people=1, n_answers=2)
    with pytest.raises(ValueError, match=r"answer|level"):
        credible(table, dawid_skene(table), answer, level=level)


def test_a_fit_of_another_table_is_refused():
    table, _, _ = world(n_subjects=50, n_known=0)
    with pytest.raises(ValueError, match="fit"):
        credible(vote_table([0], [0], [1], n_subjects=1, n_people=1, n_answers=3), dawid_skene(table), 0)
