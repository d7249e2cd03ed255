"""What a random sample says about all: unbiased, whatever decided who was asked about the rest.

Horvitz & Thompson 1952 (JASA 47, 663): weigh each sampled unit with one over its probability to be in the sample. The ratio form is
Hajek's (1971, in Godambe & Sprott). Units enter the sample independently of each other (Bernoulli or Poisson sampling), as the audit
arm does: it is a lot drawn once for each subject. A unit is a subject, once, not each of its serves.

Rows without a probability (chosen by priority) tell about themselves only: they are left out.
"""

from collections.abc import Sequence
from math import isfinite, sqrt
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from classify.crowd.table import Floats


class Estimate(NamedTuple):
    """An estimate, its estimated variance, a normal interval, and of how many rows it is made.

    The interval is trustworthy from some ten sampled units upwards that differ from the rest; with fewer it is too short.
    """

    value: float
    variance: float
    low: float
    high: float
    n_used: int
    n_left_out: int


def total(values: Sequence[float], p: Sequence[float | None], *, level: float = 0.95) -> Estimate:
    """Return the Horvitz-Thompson estimate of the sum of `values` over all units: sum of y/p.

    `values` (n,) of the sampled units and their inclusion probabilities `p` (n,), None where chosen otherwise.
    Variance: sum of (1-p)/p^2 y^2. Raises ValueError for different lengths, values that are not finite, p not in (0, 1].
    """
    y, used_p, left_out = _rows(values, p)
    return _estimate((y / used_p).sum(), ((1 - used_p) / used_p**2 * y**2).sum(), len(y), left_out, level)


def mean(values: Sequence[float], p: Sequence[float | None], *, n_units: int, level: float = 0.95) -> Estimate:
    """Return the Horvitz-Thompson estimate of the mean (of 0 and 1: the proportion) over `n_units` units in all.

    Raises what `total` does, and ValueError for n_units below the number of rows used, or zero.
    """
    of_all = total(values, p, level=level)
    if n_units < max(1, of_all.n_used):
        raise ValueError(f"n_units: {n_units} is less than the {of_all.n_used} units that were sampled, or none.")
    return _estimate(of_all.value / n_units, of_all.variance / n_units**2, of_all.n_used, of_all.n_left_out, level)


def ratio_mean(values: Sequence[float], p: Sequence[float | None], *, level: float = 0.95) -> Estimate:
    """Return the ratio estimate of the mean: sum of y/p over sum of 1/p. It needs no number of units and varies less than `mean` where
    values are far from zero; its bias is of order 1/n.

    Variance by linearisation: sum of (1-p)/p^2 (y - mean)^2 over (sum of 1/p)^2. Raises what `total` does, and ValueError where
    no row has a probability.
    """
    y, used_p, left_out = _rows(values, p)
    if len(y) == 0:
        raise ValueError("p: no row has a probability.")
    units = (1 / used_p).sum()
    middle = (y / used_p).sum() / units
    return _estimate(middle, ((1 - used_p) / used_p**2 * (y - middle) ** 2).sum() / units**2, len(y), left_out, level)


def _rows(values: Sequence[float], p: Sequence[float | None]) -> tuple[Floats, Floats, int]:
    if len(values) != len(p):
        raise ValueError(f"values, p: {len(values)} and {len(p)} rows.")
    pairs = [(float(value), float(chance)) for value, chance in zip(values, p, strict=True) if chance is not None]
    rows = np.array(pairs, dtype=np.float64).reshape(-1, 2)
    y, chances = rows[:, 0], rows[:, 1]
    if not np.isfinite(y).all():
        raise ValueError("values: not finite.")
    if not ((chances > 0) & (chances <= 1)).all():
        raise ValueError("p: a probability is above 0 and at most 1.")
    return y, chances, len(p) - len(pairs)


def _estimate(value: float, variance: float, n_used: int, n_left_out: int, level: float) -> Estimate:
    if not (isfinite(level) and 0 < level < 1):
        raise ValueError(f"level: {level} is not between 0 and 1.")
    reach = NormalDist().inv_cdf(0.5 + level / 2) * sqrt(variance)
    return Estimate(float(value), float(variance), float(value) - reach, float(value) + reach, n_used, n_left_out)
