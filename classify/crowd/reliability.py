"""Does 0.9 happen nine times in ten? A table that shows it, and one number for it; NumPy alone, so that a page can ask.

Reliability table and expected calibration error: Naeini et al. 2015 (AAAI 29). Interval of a share: Wilson 1927 (JASA 22, 209).
"""

from math import sqrt
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from classify.crowd.table import Floats


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
    z = NormalDist().inv_cdf(0.5 + level / 2)
    middle = (k + z * z / 2) / (n + z * z)
    reach = z / (n + z * z) * sqrt(k * (n - k) / n + z * z / 4)
    return (0.0 if k == 0 else middle - reach), (1.0 if k == n else middle + reach)


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
