"""Who chooses a served subject, and what is drawn for it. Pure functions; the random generator is passed in.

A workflow's mixture is a list of [arm, weight]; each place of a request draws its arm by weight:

- `random`: whoever comes next in a shuffled order. Its share of the weights is the share of exploration.
- `priority`: the most urgent first, by what the detector says.
- `uncertain`: those first whose posterior says least, of those with votes.
- `set:<slug>`: the subjects of a set, in a shuffled order.

Whatever the mixture, a share f of the places goes to the audit arm: the fixed Bernoulli sample drawn at pooling (lot < f). Each serve is
logged with an arm and the chance of a subject to be in it:

- `audit`: p = f, exactly, whoever chose it and whenever.
- `random`: the rest, where all comes at random: p = 1 - f. In a mixture the others spoil it: p is null, and it enters no estimator.
- `priority`, `uncertain`, `set`: p is null.
- `gold`: known answers; p is the chance with which gold took this place in the queue (1 where all is gold).
"""

import random
import re
from collections.abc import Iterable, Sequence
from math import isfinite, log
from typing import Any, NamedTuple

from classify.crowd import policies
from classify.crowd.policies import Retirement

RANDOM, PRIORITY, UNCERTAIN, AUDIT = "random", "priority", "uncertain", "audit"
SET = "set:"
MOST_ARMS = 20
MOST_WEIGHT = 1_000_000
_NAME = re.compile(rf"{RANDOM}|{PRIORITY}|{UNCERTAIN}|{SET}[-\w]{{1,50}}", re.ASCII)


class BadSelection(ValueError):
    """A mixture that cannot be followed; the message says which part and why."""


class Weighted(NamedTuple):
    """An arm of a mixture and its share of the places; the shares of a mixture sum to one."""

    arm: str
    share: float


class Draw(NamedTuple):
    """The arm of one serve, and the chance that is logged with it."""

    arm: str
    p: float | None


# --- mixtures ------------------------------------------------------------------------------------


def mixture_of(data: Any) -> list[Weighted]:
    """Read a mixture from its JSON form, arms without weight left out. Raises BadSelection for what is no mixture."""
    if not isinstance(data, list | tuple) or not data or len(data) > MOST_ARMS:
        raise BadSelection(f"selection: a list of 1 to {MOST_ARMS} pairs of an arm and its weight.")
    weights: dict[str, float] = {}
    for pair in data:
        arm, weight = _pair(pair)
        if arm in weights:
            raise BadSelection(f"selection: {arm} stands twice.")
        weights[arm] = weight
    total = sum(weights.values())
    if not total:
        raise BadSelection("selection: the weights sum to nothing, so that nobody would be asked anything.")
    return [Weighted(arm, weight / total) for arm, weight in weights.items() if weight]


def _pair(pair: Any) -> tuple[str, float]:
    if not isinstance(pair, list | tuple) or len(pair) != 2:
        raise BadSelection("selection: each part is a pair of an arm and its weight.")
    arm, weight = pair
    if not isinstance(arm, str) or not _NAME.fullmatch(arm):
        raise BadSelection(f"selection: {arm!r} is none of random, priority, uncertain, set:<slug>.")
    if not isinstance(weight, int | float) or isinstance(weight, bool) or not isfinite(weight) or not 0 <= weight <= MOST_WEIGHT:
        raise BadSelection(f"selection: the weight of {arm} is a number from 0 to {MOST_WEIGHT:,}.")
    return arm, float(weight)


def is_random(mixture: Sequence[Weighted]) -> bool:
    """Say whether all comes at random, so that every subject has the same chance."""
    return [arm for arm, _ in mixture] == [RANDOM]


def has_arm(data: Any, arm: str) -> bool:
    """Say whether a stored mixture gives this arm any weight."""
    return any(name == arm and weight for name, weight in data)


def sets_of(mixture: Sequence[Weighted]) -> list[str]:
    """The slugs of the sets in a mixture."""
    return [arm.removeprefix(SET) for arm, _ in mixture if arm.startswith(SET)]


def draw_places(mixture: Sequence[Weighted], *, n: int, audit_fraction: float, rng: random.Random) -> list[str]:
    """Draw the arm of each of n places: `audit` with its fixed chance (so many of n: Binomial(n, f)), else by the shares."""
    arms, shares = [arm for arm, _ in mixture], [share for _, share in mixture]
    return [AUDIT if rng.random() < audit_fraction else rng.choices(arms, shares)[0] for _ in range(n)]


def arm_of(*, lot: float, audit_fraction: float, chosen_by: str, fair: bool, is_gold: bool) -> Draw:
    """Return the arm of a chosen subject from its secret lot (uniform in [0, 1), drawn once at pooling). `fair`: all comes at random."""
    if is_gold:
        return Draw("gold", 1.0)
    if lot < audit_fraction:
        return Draw(AUDIT, audit_fraction)
    if chosen_by in (RANDOM, AUDIT):
        return Draw(RANDOM, 1.0 - audit_fraction if fair else None)
    return Draw("set" if chosen_by.startswith(SET) else chosen_by, None)


def entropy(chances: Iterable[float]) -> float:
    """How little a posterior says, in nats: 0 where one answer is sure, log K where K answers are as likely."""
    return sum(-chance * log(chance) for chance in chances if chance > 0) or 0.0


# --- how many people one subject takes -----------------------------------------------------------


def soonest(ends: Retirement) -> int:
    """With how many votes a subject can end at the soonest; 0: no number of votes ends it."""
    return 0 if ends.rule == "hand" else policies.fewest(ends)


def room(soonest: int, n_votes: int) -> int:
    """How many more people a subject with so many votes may be given to at once without a vote too many: it could end with the last of them.

    Past that number, and when it was opened again at its limit, it takes one at a time. `classify.services.choosing` has the same in SQL.
    """
    return max(1, soonest - n_votes)


# --- suggestions and known subjects --------------------------------------------------------------


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
