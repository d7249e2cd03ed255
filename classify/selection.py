"""Which arm a served subject belongs to, and what is drawn for it. Pure functions; the random generator is passed in.

Arms (one per serve, logged with the chance of a subject to be in it):

- `audit`: the fixed Bernoulli sample drawn at pooling (lot < f): p = f, exactly, whoever is served and whenever.
- `random`: the rest of a workflow in random order: p = 1 - f.
- `priority`: the rest of a workflow ordered by priority: p is null, and it enters no estimator.
- `gold`: known answers; p is the chance with which gold took this place in the queue (1 where all is gold).
"""

import random
from collections.abc import Sequence
from typing import NamedTuple


class Draw(NamedTuple):
    """The arm of one serve, and the chance that is logged with it."""

    arm: str
    p: float | None


def arm_of(*, lot: float, audit_fraction: float, by_priority: bool, is_gold: bool) -> Draw:
    """Return the arm of a chosen subject from its secret lot (uniform in [0, 1), drawn once at pooling)."""
    if is_gold:
        return Draw("gold", 1.0)
    if lot < audit_fraction:
        return Draw("audit", audit_fraction)
    if by_priority:
        return Draw("priority", None)
    return Draw("random", 1.0 - audit_fraction)


def audit_quota(n: int, audit_fraction: float, rng: random.Random) -> int:
    """Return how many of `n` serves of a workflow in priority order are taken from the audit arm instead: Binomial(n, f)."""
    return sum(rng.random() < audit_fraction for _ in range(n))


def show_suggestion(*, has_suggestion: bool, suggest_fraction: float, rng: random.Random) -> tuple[bool, float | None]:
    """Draw whether this serve shows the machine's suggestion; return (shown, its logged probability or None without one)."""
    if not has_suggestion:
        return False, None
    return rng.random() < suggest_fraction, suggest_fraction


def gold_chance(schedule: Sequence[Sequence[float | None]], seen: int) -> float:
    """Return the chance of a known subject for somebody who has seen so many: of the first of [[seen, chance], ...] not yet reached."""
    for until, chance in schedule:
        if until is None or seen < until:
            return float(chance or 0.0)
    return 0.0


def gold_places(*, schedule: Sequence[Sequence[float | None]], seen: int, n: int, rng: random.Random) -> dict[int, float]:
    """Draw which of the next n places go to known subjects: {place: the chance it had}. Each place is drawn for itself."""
    chances = [gold_chance(schedule, seen + place) for place in range(n)]
    return {place: chance for place, chance in enumerate(chances) if rng.random() < chance}
