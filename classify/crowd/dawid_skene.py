"""Truth and skill together, from nothing but the votes, by expectation and maximisation.

Dawid & Skene 1979, Applied Statistics 28, 20: each person p has a confusion matrix theta[p, t, a] = P(says a | truth t); votes are
independent given the truth. People with few votes have no reliable row for a rare truth, and the plain form then over-fits it. So by
default each row is shrunk to the row of everybody pooled (a Dirichlet prior, the partial pooling of Paun et al. 2018, TACL 6, 571).

The K answers are the K possible truths: "cannot tell" is one class among them, a property of the image, not of the person's mood.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array

from classify.crowd.table import Floats, VoteTable, cells, counts

POOLED_WEIGHT = 100.0
TOLERANCE = 1e-7  # of the log likelihood per vote
MAX_ITERATIONS = 100
UNKNOWN = -1
_FLOOR = 1e-10  # no answer is impossible


@dataclass(frozen=True, eq=False)
class Fit:
    """What the votes say, and of whom they say it.

    `posterior` float64 (S, K): P(truth of the subject); the prior where nobody voted. `evidence` float64 (S, K): the sum of log
    theta[p, truth, answer] over the subject's votes, so that posterior ~ prior * exp(evidence) where the truth is not known.
    `confusion` float64 (P, K, K), [p, t, a]; the pooled rows for people without votes. `support` float64 (P, K): how many votes each
    row stands on, those of the prior included. `prior` float64 (K,). `log_likelihood` (natural) is that of all votes under
    these; `converged` says whether it came to rest within the iterations allowed.
    """

    posterior: Floats
    evidence: Floats
    confusion: Floats
    support: Floats
    prior: Floats
    iterations: int
    log_likelihood: float
    converged: bool


def dawid_skene(
    table: VoteTable,
    *,
    known: ArrayLike | None = None,
    pooled_weight: float = POOLED_WEIGHT,
    tolerance: float = TOLERANCE,
    max_iterations: int = MAX_ITERATIONS,
) -> Fit:
    """Return the fit to these votes.

    `known` int (S,): the truth where it is known, -1 elsewhere. It is held fixed and teaches skill, and stays out of the prior, since
    known subjects are no fair sample. `pooled_weight`: so many votes of the pooled crowd are added to each row, and one subject of each
    truth to the prior; 0 is the plain form. It stops when the log likelihood per vote changes by less than `tolerance`, or after
    `max_iterations`.

    The order of the votes plays no role: the same votes with the same code lists give the same bytes, on one kind of processor with one
    version of NumPy (another may round exp and log otherwise in the last bit: compare at nine decimals). One thread, no random numbers.
    Raises ValueError for known truths of another shape or range, and for settings below zero.
    """
    if pooled_weight < 0 or tolerance < 0 or max_iterations < 1:
        raise ValueError("pooled_weight and tolerance: at least 0; max_iterations: at least 1.")
    truth = _known(table, known)
    given = answers_given(table)
    received = given.T.tocsr()
    received.sort_indices()
    posterior = _hold(_shares(table), truth)
    learns_prior = _of_prior(table, truth)
    before, iterations, converged = -np.inf, 0, False
    while not converged and iterations < max_iterations:
        iterations += 1
        prior = _prior(posterior, learns_prior, extra=float(pooled_weight > 0))
        confusion, support = _confusion(received, posterior, table, pooled_weight)
        evidence = _evidence(given, confusion)
        posterior, likelihood = _posterior(evidence, prior, truth)
        # With a prior it may also fall a little, so both ways.
        converged = abs(likelihood - before) < tolerance * max(1, len(table))
        before = likelihood
    return Fit(posterior, evidence, confusion, support, prior, iterations, likelihood, converged)


def _known(table: VoteTable, known: ArrayLike | None) -> NDArray[np.int64]:
    if known is None:
        return np.full(table.n_subjects, UNKNOWN, dtype=np.int64)
    truth = np.asarray(known)
    if truth.shape != (table.n_subjects,) or truth.dtype.kind not in "iu":
        raise ValueError(f"known: not {table.n_subjects} whole numbers, one for each subject.")
    if truth.size and not UNKNOWN <= truth.min() <= truth.max() < table.n_answers:
        raise ValueError(f"known: not from {UNKNOWN} to {table.n_answers - 1}.")
    return truth.astype(np.int64)


def answers_given(table: VoteTable) -> csr_array:
    """Return how often each person gave each answer to each subject, sparse (S, P*K), with sorted columns, so that sums have one order."""
    shape = (table.n_subjects, table.n_people * table.n_answers)
    given = csr_array((np.ones(len(table)), (table.subject, cells(table))), shape=shape)
    given.sum_duplicates()
    return given


def _shares(table: VoteTable) -> Floats:
    """Return the share of each answer (S, K); equal shares where nobody voted."""
    tally = counts(table)
    total = tally.sum(axis=1, keepdims=True)
    shares: Floats = np.divide(tally, total, out=np.full(tally.shape, 1.0 / table.n_answers), where=total > 0)
    return shares


def _hold(posterior: Floats, truth: NDArray[np.int64]) -> Floats:
    """Set the rows of known subjects to their truth, in place."""
    rows = np.flatnonzero(truth != UNKNOWN)
    posterior[rows] = 0.0
    posterior[rows, truth[rows]] = 1.0
    return posterior


def _of_prior(table: VoteTable, truth: NDArray[np.int64]) -> NDArray[np.intp]:
    """Return the subjects that the prior is learnt from: voted on and not known; else all that were voted on; else all."""
    voted = np.bincount(table.subject, minlength=table.n_subjects) > 0
    for chosen in (voted & (truth == UNKNOWN), voted):
        if chosen.any():
            return np.flatnonzero(chosen)
    return np.arange(table.n_subjects)


def _prior(posterior: Floats, rows: NDArray[np.intp], *, extra: float) -> Floats:
    total = np.maximum(posterior[rows].sum(axis=0) + extra, _FLOOR)
    return np.asarray(total / total.sum())


def _confusion(received: csr_array, posterior: Floats, table: VoteTable, pooled_weight: float) -> tuple[Floats, Floats]:
    """Return the confusion matrices (P, K, K) that these posteriors make most likely, and what each row stands on (P, K)."""
    said = (received @ posterior).reshape(table.n_people, table.n_answers, table.n_answers).transpose(0, 2, 1)
    pooled = np.maximum(said.sum(axis=0), _FLOOR)
    pooled /= pooled.sum(axis=1, keepdims=True)
    weighed = np.maximum(said + pooled_weight * pooled, _FLOOR)
    support = weighed.sum(axis=2)
    return weighed / support[:, :, None], support


def _evidence(given: csr_array, confusion: Floats) -> Floats:
    """Return for each subject and truth the sum of log theta over its votes, (S, K)."""
    log_theta = np.log(confusion).transpose(0, 2, 1).reshape(-1, confusion.shape[2])
    return np.asarray(given @ np.ascontiguousarray(log_theta))


def _posterior(evidence: Floats, prior: Floats, truth: NDArray[np.int64]) -> tuple[Floats, float]:
    """Return the posteriors (S, K) and the log likelihood of all votes."""
    joint = evidence + np.log(prior)
    top = joint.max(axis=1, keepdims=True)
    posterior = np.exp(joint - top)
    total = posterior.sum(axis=1, keepdims=True)
    likelihood = (top + np.log(total))[:, 0]
    rows = np.flatnonzero(truth != UNKNOWN)
    likelihood[rows] = evidence[rows, truth[rows]]
    posterior /= total
    return _hold(posterior, truth), float(likelihood.sum())
