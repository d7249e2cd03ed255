"""One exponent ("temperature": Guo et al. 2017, ICML 34) that makes chances come true as often as they say; `reliability` shows whether."""

from math import isfinite

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from classify.crowd.table import Floats

LARGEST_EXPONENT = 5.0


def log_loss(evidence: ArrayLike, prior: ArrayLike, truth: ArrayLike, *, exponent: float = 1.0) -> float:
    """Return the mean of -log P(truth), where P ~ prior * exp(exponent * evidence); shapes as in `fit_temper`."""
    of_votes, of_prior, known = _evidence(evidence, prior, truth)
    return _loss(exponent, of_votes, np.log(of_prior), known)


def fit_temper(evidence: ArrayLike, prior: ArrayLike, truth: ArrayLike) -> float:
    """Return the exponent on the votes' likelihoods that minimises the log loss on subjects whose truth is known.

    `evidence` (n, K): log likelihoods as in `Fit.evidence`, made without knowing the truth of these subjects; `prior` (K,), that of these
    subjects; `truth` int (n,). Below 1: the votes are less independent than they look. The loss is convex in the exponent, so there is
    one answer, from 0 to 5. Raises ValueError for no subjects, other shapes, evidence that is not finite, a prior that is none.
    """
    of_votes, of_prior, known = _evidence(evidence, prior, truth)
    found = minimize_scalar(
        _loss, bounds=(0.0, LARGEST_EXPONENT), args=(of_votes, np.log(of_prior), known), method="bounded", options={"xatol": 1e-6}
    )
    return float(found.x)


def temper(evidence: ArrayLike, prior: ArrayLike, exponent: float) -> Floats:
    """Return the posterior (n, K) with the likelihoods of the votes (n, K) raised to an exponent. Raises ValueError for one below 0."""
    if not (isfinite(exponent) and exponent >= 0):
        raise ValueError(f"exponent: {exponent} is not at least 0.")
    joint = np.log(np.asarray(prior, dtype=np.float64)) + exponent * np.asarray(evidence, dtype=np.float64)
    return np.asarray(np.exp(log_softmax(joint, axis=1)))


def _loss(exponent: float, evidence: Floats, log_prior: Floats, truth: NDArray[np.intp]) -> float:
    log_p = log_softmax(log_prior + exponent * evidence, axis=1)
    return -float(log_p[np.arange(len(truth)), truth].mean())


def _evidence(evidence: ArrayLike, prior: ArrayLike, truth: ArrayLike) -> tuple[Floats, Floats, NDArray[np.intp]]:
    rows, shares, known = np.asarray(evidence, dtype=np.float64), np.asarray(prior, dtype=np.float64), np.asarray(truth)
    if rows.ndim != 2 or len(rows) == 0 or not np.isfinite(rows).all():
        raise ValueError("evidence: not finite log likelihoods of shape (subjects, answers), one subject at least.")
    if shares.shape != rows.shape[1:] or not (shares > 0).all() or abs(shares.sum() - 1) > 1e-6:
        raise ValueError(f"prior: not {rows.shape[1]} shares above 0 that sum to 1.")
    if known.shape != rows.shape[:1] or known.dtype.kind not in "iu" or not 0 <= known.min() <= known.max() < rows.shape[1]:
        raise ValueError(f"truth: not {len(rows)} whole numbers from 0 to {rows.shape[1] - 1}.")
    return rows, shares, known.astype(np.intp)
