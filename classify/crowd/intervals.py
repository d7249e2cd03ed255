"""How sure the posterior is of itself: an interval from what is not known about the people.

A row of a confusion matrix that stands on n votes is a Dirichlet distribution, in which log theta has the variance
trigamma(alpha_a) - trigamma(sum of alpha) (Minka 2000, "Estimating a Dirichlet distribution"). Votes are independent given the truth, so
the variances add up over the votes of a subject, and the log-odds of an answer are close to normal (delta method for K > 2).

The interval holds what the posterior would be if everybody's confusion matrix were known exactly. It does not hold the uncertainty
of the prior or of the pooled rows, nor the misfit of the model: errors that go together on hard subjects make every posterior too
sure (see `classify.crowd.calibration`). In simulations of the model itself, 95 % intervals held that posterior for 89 to 95 % of subjects.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import expit, logsumexp, ndtri, polygamma

from classify.crowd.dawid_skene import Fit, answers_given
from classify.crowd.table import Floats, VoteTable


class Interval(NamedTuple):
    """Low and high end of P(answer) for each subject, float64 (S,) each; the posterior lies between them."""

    low: Floats
    high: Floats


def credible(table: VoteTable, fit: Fit, answer: int, *, level: float = 0.95) -> Interval:
    """Return the interval of the posterior of `answer` for each subject, from the fit to this same table.

    Known subjects get the interval that their votes give. Raises ValueError for an answer that there is not, a level that is not
    between 0 and 1, and a fit of another size.
    """
    if not 0 <= answer < table.n_answers:
        raise ValueError(f"answer: {answer} is not from 0 to {table.n_answers - 1}.")
    if not 0 < level < 1:
        raise ValueError(f"level: {level} is not between 0 and 1.")
    if fit.evidence.shape != (table.n_subjects, table.n_answers) or len(fit.confusion) != table.n_people:
        raise ValueError("fit: not of this table.")
    joint = fit.evidence + np.log(fit.prior)
    others = np.delete(joint, answer, axis=1)
    rest = logsumexp(others, axis=1)
    odds = joint[:, answer] - rest
    spread = variances(table, fit)
    weights = np.exp(others - rest[:, None])
    variance = spread[:, answer] + (weights**2 * np.delete(spread, answer, axis=1)).sum(axis=1)
    reach = float(ndtri(0.5 + level / 2)) * np.sqrt(variance)
    return Interval(expit(odds - reach), expit(odds + reach))


def variances(table: VoteTable, fit: Fit) -> Floats:
    """Return the variance of each entry of `fit.evidence`, (S, K)."""
    of_row = polygamma(1, fit.support)[:, :, None]
    of_log = polygamma(1, fit.confusion * fit.support[:, :, None]) - of_row
    by_vote = of_log.transpose(0, 2, 1).reshape(-1, table.n_answers)
    return np.asarray(answers_given(table) @ np.ascontiguousarray(by_vote))
