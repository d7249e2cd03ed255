"""Which arm a served subject belongs to, and what is drawn for it. Pure functions; the random generator is passed in.

Arms (one per serve, logged with the chance of a subject to be in it):

- `audit`: the fixed Bernoulli sample drawn at pooling (lot < f): p = f, exactly, whoever is served and whenever.
- `random`: the rest of a workflow in random order: p = 1 - f.
- `priority`: the rest of a workflow ordered by priority: p is null, and it enters no estimator.
- `gold`: known answers; p is the chance with which gold was offered (1 where all is gold).
"""

import random
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
