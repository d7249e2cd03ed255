"""Turns candidates into scores that mean something: Platt's logistic (1999) on a few features, kept as JSON.

With a handful of checked candidates the fit is not trusted and the prior below is used, so that a first model works.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from ml.detector.decode import Candidate

FEATURES = ("bias", "logit of probability", "log length / 30 px", "log contrast", "unevenness", "log (1 + sag / px)")
PRIOR = (-4.8, 2.7, 1.7, -0.5, -1.3, 0.7)  # from simulated skies; the fit is pulled towards it
PRIOR_STRENGTH = 2.0
ENOUGH = 10  # candidates of each kind, right and wrong


@dataclass(frozen=True)
class Calibration:
    """Coefficients of the logistic, one a feature, and how many checked candidates they rest on (0: the prior)."""

    coefficients: tuple[float, ...] = PRIOR
    n: int = 0

    def score(self, candidate: Candidate) -> float:
        """Return the probability (0-1) that a candidate is a trail."""
        z = float(_features([candidate])[0] @ np.asarray(self.coefficients))
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, z))))

    def to_json(self) -> dict[str, Any]:
        """Return what `from_json` reads back."""
        return {"features": list(FEATURES), "coefficients": list(self.coefficients), "n": self.n}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Rebuild a calibration; ValueError where it rests on other features."""
        if tuple(stored["features"]) != FEATURES:
            raise ValueError("The calibration was made for other features of a candidate.")
        return cls(tuple(float(c) for c in stored["coefficients"]), int(stored["n"]))


def calibrate(candidates: Sequence[Candidate], right: Sequence[bool]) -> Calibration:
    """Fit a calibration to checked candidates by penalised maximum likelihood (convex: one answer)."""
    y = np.asarray(right, dtype=float)
    if y.sum() < ENOUGH or len(y) - y.sum() < ENOUGH:
        return Calibration()
    x, prior = _features(candidates), np.asarray(PRIOR)
    # Platt's targets: never quite 0 or 1, since the checked ones are few.
    target = np.where(y == 1, (y.sum() + 1) / (y.sum() + 2), 1 / (len(y) - y.sum() + 2))
    penalty = PRIOR_STRENGTH * np.diag([0.1] + [1.0] * (len(PRIOR) - 1))

    def cost(w: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        z = x @ w
        value = (np.logaddexp(0, z) - target * z).sum() + (w - prior) @ penalty @ (w - prior) / 2
        return float(value), x.T @ (1 / (1 + np.exp(-np.clip(z, -30, 30))) - target) + penalty @ (w - prior)

    w = minimize(cost, prior, jac=True, method="L-BFGS-B").x
    return Calibration(tuple(float(v) for v in w), len(y))


def _features(candidates: Sequence[Candidate]) -> NDArray[np.float64]:
    p = np.clip([c.probability for c in candidates], 0.01, 0.99)
    length = np.log([max(c.length_px, 1.0) / 30 for c in candidates])
    contrast = np.log([max(c.contrast, 0.3) for c in candidates])
    uneven, sag = np.clip([c.unevenness for c in candidates], 0, 3), np.log1p([c.sag_px for c in candidates])
    return np.column_stack([np.ones(len(candidates)), np.log(p / (1 - p)), np.clip(length, -2, 2), contrast, uneven, sag])
