"""How work is shared out among people, and when it may be done. Pure functions of numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, sqrt
from statistics import fmean, stdev

FEWEST_PEOPLE = 5  # fewer make no curve, and would show what single people did
FEWEST_WEEKS, WEEKS = 4, 8
CHANCE = 0.8  # that the end lies between `earliest` and `latest`, if people go on as in the weeks before
_T = {4: 1.638, 5: 1.533, 6: 1.476, 7: 1.440, 8: 1.415}  # Student's t at 0.9, by number of weeks
_LONGEST = timedelta(days=20 * 365)  # beyond that a date says nothing


def gini(counts: Sequence[int]) -> float | None:
    """Return the Gini coefficient: 0 where all did the same, near 1 where one did everything. None for too few people."""
    ordered = sorted(counts)
    n, total = len(ordered), sum(ordered)
    if n < FEWEST_PEOPLE or not total:
        return None
    return 2 * sum(rank * count for rank, count in enumerate(ordered, start=1)) / (n * total) - (n + 1) / n


def lorenz(counts: Sequence[int], points: int = 100) -> list[tuple[float, float]]:
    """Return the Lorenz curve: (share of the people, those who did least first; share of the work they did). Empty for too few people."""
    ordered = sorted(counts)
    n, total = len(ordered), sum(ordered)
    if n < FEWEST_PEOPLE or not total:
        return []
    wanted = {round(i * n / points) for i in range(points + 1)}
    curve, done = [(0.0, 0.0)], 0
    for rank, count in enumerate(ordered, start=1):
        done += count
        if rank in wanted:
            curve.append((rank / n, done / total))
    return curve


def share_of_top_tenth(counts: Sequence[int]) -> float | None:
    """Return the share of the work that the most active tenth of the people did. None for too few people."""
    n, total = len(counts), sum(counts)
    if n < FEWEST_PEOPLE or not total:
        return None
    return sum(sorted(counts, reverse=True)[: ceil(n / 10)]) / total


@dataclass(frozen=True)
class End:
    """When work is expected to be done. Without `earliest` there is not enough to say; without `latest` it may go on for ever."""

    weeks: int
    earliest: date | None = None
    latest: date | None = None


def expected_end(*, remaining: float, weekly: Sequence[int], today: date) -> End:
    """Return when `remaining` votes are there at the rate of the last whole weeks (oldest first), with what its scatter leaves open.

    Weeks before the first vote do not count; a week without votes after it does. Weeks, not days: people vote on Sundays.
    """
    started = list(weekly[-WEEKS:])
    while started and not started[0]:
        started.pop(0)
    if len(started) < FEWEST_WEEKS:
        return End(len(started))
    rate = fmean(started)
    error = _T[len(started)] * stdev(started) / sqrt(len(started))
    return End(len(started), _after(today, remaining, rate + error), _after(today, remaining, rate - error))


def _after(today: date, remaining: float, rate: float) -> date | None:
    if rate <= 0 or remaining / rate * 7 > _LONGEST.days:
        return None
    return today + timedelta(days=ceil(remaining / rate * 7))
