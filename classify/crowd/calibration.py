"""Does 0.9 happen nine times in ten? A table that shows it, one number for it, and one exponent that mends it.

Reliability table and expected calibration error: Naeini et al. 2015 (AAAI 29). One exponent ("temperature"): Guo et al. 2017 (ICML 34).
Interval of a share: Wilson 1927 (JASA 22, 209).
"""

from math import isfinite, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, ndtri

from classify.crowd.table import Floats

LARGEST_EXPONENT = 5.0


class Bin(NamedTuple):
    """The cases whose prediction lies in [low, high): how many, their mean prediction, the share that came true and its Wilson interval."""

    low: float
    high: float
    n: int
    predicted: float
    observed: float
    observed_low: float
    observed_high: float


def reliability(predicted: ArrayLike, came_true: ArrayLike, *, bins: int | ArrayLike = 10, level: float = 0.95) -> list[Bin]:
    """Return the filled bins of predicted probabilities (n,) against what came true, 0 or 1 (n,).

    `bins`: how many of equal width, or the edges from 0 to 1, rising (close to 1 they may be as fine as wanted). The last bin holds 1.
    Raises ValueError for columns of different lengths, values that are no probability or no 0 and 1, and edges that are none.
    """
    p, true = _columns(predicted, came_true)
    edges = _edges(bins)
    place = np.clip(np.searchsorted(edges, p, side="right") - 1, 0, len(edges) - 2)
    n = np.bincount(place, minlength=len(edges) - 1)
    sum_p, sum_true = (np.bincount(place, weights=column, minlength=len(edges) - 1) for column in (p, true))
    return [
        Bin(float(edges[i]), float(edges[i + 1]), int(n[i]), sum_p[i] / n[i], sum_true[i] / n[i], *wilson(int(sum_true[i]), int(n[i]), level=level))
        for i in np.flatnonzero(n)
    ]


def expected_calibration_error(table: list[Bin]) -> float:
    """Return the mean distance between prediction and what was observed, weighted by the bins' n; 0 without cases."""
    total = sum(row.n for row in table)
    return sum(row.n * abs(row.predicted - row.observed) for row in table) / total if total else 0.0


def wilson(k: int, n: int, *, level: float = 0.95) -> tuple[float, float]:
    """Return the interval of a share of which k of n were seen; (0, 1) for n = 0. Raises ValueError unless 0 <= k <= n."""
    if not 0 <= k <= n or not 0 < level < 1:
        raise ValueError(f"k: {k} of {n} at level {level} is no share.")
    if n == 0:
        return 0.0, 1.0
    z = float(ndtri(0.5 + level / 2))
    middle = (k + z * z / 2) / (n + z * z)
    reach = z / (n + z * z) * sqrt(k * (n - k) / n + z * z / 4)
    return (0.0 if k == 0 else middle - reach), (1.0 if k == n else middle + reach)


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


def _columns(predicted: ArrayLike, came_true: ArrayLike) -> tuple[Floats, Floats]:
    p, true = np.asarray(predicted, dtype=np.float64), np.asarray(came_true, dtype=np.float64)
    if p.ndim != 1 or p.shape != true.shape:
        raise ValueError("predicted and came_true: not two flat lists of one length.")
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError("predicted: not from 0 to 1.")
    if not np.isin(true, (0.0, 1.0)).all():
        raise ValueError("came_true: not 0 or 1.")
    return p, true


def _edges(bins: int | ArrayLike) -> Floats:
    edges = np.linspace(0.0, 1.0, bins + 1) if isinstance(bins, int) else np.asarray(bins, dtype=np.float64)
    if edges.ndim != 1 or len(edges) < 2 or edges[0] != 0 or edges[-1] != 1 or not (np.diff(edges) > 0).all():
        raise ValueError("bins: not a number above 0, nor edges that rise from 0 to 1.")
    return edges
