"""Simulated volunteers: what a person of a given skill would answer about a cutout whose truth is known.

Pure functions; the numbers follow what is known of the original project's volunteers: most are good, a few guess,
faint trails are missed more often than bright ones, and cosmic rays, arcs and satellites are sometimes taken for asteroids.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class SeenThing:
    """A true object as it lies on one cutout: class, polyline in cutout pixels (0-based centres), and ridge signal to noise."""

    klass: str
    points: tuple[tuple[float, float], ...]
    snr: float


@dataclass(frozen=True)
class SimulatedVolunteer:
    """`snr50`: the ridge signal to noise at which half the trails are seen. `invent`: chance of a Yes without a trail."""

    name: str
    snr50: float
    invent: float
    impossible: float
    scatter_px: float


PEOPLE = tuple(
    SimulatedVolunteer(name, snr50, invent, impossible, scatter)
    for name, snr50, invent, impossible, scatter in [
        ("vega", 1.1, 0.01, 0.02, 1.2),
        ("deneb", 1.3, 0.01, 0.02, 1.5),
        ("altair", 1.3, 0.02, 0.03, 1.5),
        ("mira", 1.5, 0.02, 0.03, 2.0),
        ("rigel", 1.5, 0.02, 0.04, 2.0),
        ("spica", 1.7, 0.03, 0.03, 2.0),
        ("algol", 1.9, 0.03, 0.05, 2.5),
        ("castor", 2.0, 0.03, 0.04, 2.5),
        ("pollux", 2.2, 0.04, 0.05, 3.0),
        ("sirius", 2.4, 0.05, 0.05, 3.0),
        ("procyon", 2.8, 0.08, 0.06, 3.5),
        ("thuban", 3.5, 0.15, 0.10, 5.0),
    ]
)
CONFUSION = {"satellite": 0.06, "arc": 0.08}  # chance that this thing alone draws a Yes, for a volunteer of average care


def vote(
    person: SimulatedVolunteer, things: Sequence[SeenThing], *, valid_fraction: float, rng: np.random.Generator
) -> tuple[str, list[dict[str, float]]]:
    """Return (answer key, marks) of one person about one cutout. Marks are the two ends of each trail seen, with the person's scatter."""
    seen = [thing for thing in things if thing.klass == "asteroid" and rng.random() < chance_of_seeing(person, thing)]
    if seen:
        return "yes", [_mark(thing, person.scatter_px, rng) for thing in seen[:5]]
    if rng.random() < person.impossible + 0.5 * max(0.0, 0.7 - valid_fraction):
        return "impossible", []
    fooled = 1.0 - math.prod(1.0 - CONFUSION.get(thing.klass, 0.0) for thing in things)
    if rng.random() < fooled:
        thing = next(thing for thing in things if thing.klass in CONFUSION)
        return "yes", [_mark(thing, person.scatter_px, rng)]
    if rng.random() < person.invent:
        return "yes", []
    return "no", []


def chance_of_seeing(person: SimulatedVolunteer, thing: SeenThing) -> float:
    """Return the probability that this person sees the trail: logistic in log(ridge S/N x sqrt(length / 40 px))."""
    points: NDArray[np.float64] = np.asarray(thing.points, dtype=float)
    length_px = float(np.hypot(*np.diff(points, axis=0).T).sum())
    strength = max(1e-3, thing.snr * math.sqrt(min(4.0, max(0.1, length_px / 40.0))))
    return 0.985 / (1.0 + math.exp(-4.0 * math.log(strength / person.snr50)))


def _mark(thing: SeenThing, scatter_px: float, rng: np.random.Generator) -> dict[str, float]:
    ends = np.asarray([thing.points[0], thing.points[-1]], dtype=float) + rng.normal(0.0, scatter_px, (2, 2))
    if rng.random() < 0.5:
        ends = ends[::-1]
    (x1, y1), (x2, y2) = ends
    return {"x1": float(x1), "y1": float(y1), "x2": float(x2), "y2": float(y2)}
