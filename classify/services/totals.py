"""How much was done, kept in the transaction of the vote itself: per workflow and hour in shards, and per volunteer, workflow and day.

What is counted are standing votes (not superseded, no undo rows) that are not left out. Callers hold the locks of the voters.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime

from classify.models import Classification, DailyTotal, GoldKey, HourlyTotal, SubjectStatus, Volunteer
from core import prepared

SHARDS = 16
UNPUBLISHED = (Volunteer.Kind.DEMO, Volunteer.Kind.IMPORTED)
LONGEST_S = 600.0  # of one vote: whoever took longer was away from the screen
_EIGHTHS = 8  # sums of eighths are exact in floating point, so that taking back leaves nothing

HourKey = tuple[int, datetime, int, bool]  # workflow, hour, shard, demo
DayKey = tuple[int, int, date]  # volunteer, workflow, day


def count(changes: Iterable[tuple[Classification, int]], *, is_gold: bool | None = None) -> None:
    """Move the totals by +1 or -1 for each vote (its volunteer at hand) that is not left out.

    `is_gold`: the answer of all these votes' subjects is known, or of none; None looks it up.
    """
    moves = [(vote, n) for vote, n in changes if not vote.left_out]
    known = _known(moves) if is_gold is None else {_place(vote) for vote, _ in moves if is_gold}
    hours: dict[HourKey, int] = {}
    days: dict[DayKey, list[float]] = {}
    for vote, n in moves:
        key = hour_key(vote)
        hours[key] = hours.get(key, 0) + n
        day = days.setdefault(day_key(vote), [0, 0, 0.0])
        for i, value in enumerate((1, int(_place(vote) in known), seconds_of(vote.started_at, vote.finished_at))):
            day[i] += n * value
    for hour, n in sorted(hours.items()):
        if n:
            _add_to_hour(hour, n)
    for day_of, sums in sorted(days.items()):
        if any(sums):
            _add_to_day(day_of, int(sums[0]), int(sums[1]), sums[2])


def learn_gold(*, workflow_id: int, subject_id: int) -> None:
    """The answer of a subject has become known: votes on it that stand already are votes on gold from now on. In a transaction."""
    here = {"workflow_id": workflow_id, "subject_id": subject_id}
    list(SubjectStatus.objects.select_for_update(of=("self",)).filter(**here))  # no vote on it while we look
    votes = Classification.objects.filter(**here, superseded_by__isnull=True).exclude(answer="")
    for key in sorted(day_key(vote) for vote in votes.order_by() if not vote.left_out):
        _add_to_day(key, 0, 1, 0.0)


def hour_key(vote: Classification) -> HourKey:
    """The row of hourly totals that a vote stands in. Shards are by volunteer, so that votes rarely meet."""
    hour = vote.created_at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return vote.workflow_id, hour, vote.volunteer_id % SHARDS, vote.volunteer.kind in UNPUBLISHED


def day_key(vote: Classification) -> DayKey:
    """The row of daily totals that a vote stands in."""
    return vote.volunteer_id, vote.workflow_id, vote.created_at.astimezone(UTC).date()


def seconds_of(started_at: datetime | None, finished_at: datetime | None) -> float:
    """Seconds that a vote took, to an eighth, at most LONGEST_S; 0 where they are not known or cannot be."""
    if started_at is None or finished_at is None:
        return 0.0
    seconds = (finished_at - started_at).total_seconds()
    return round(min(max(seconds, 0.0), LONGEST_S) * _EIGHTHS) / _EIGHTHS


def _place(vote: Classification) -> tuple[int, int]:
    return vote.workflow_id, vote.subject_id


def _known(moves: list[tuple[Classification, int]]) -> set[tuple[int, int]]:
    """(workflow, subject) of these votes whose answer is known."""
    subjects = {vote.subject_id for vote, _ in moves}
    return set(GoldKey.objects.filter(subject_id__in=subjects).values_list("workflow_id", "subject_id")) if subjects else set()


def _add_to_hour(key: HourKey, n: int) -> None:
    workflow_id, hour, shard, demo = key
    prepared.add(HourlyTotal, {"workflow": workflow_id, "hour": hour, "shard": shard, "demo": demo}, {"n": n})


def _add_to_day(key: DayKey, n: int, n_gold: int, seconds: float) -> None:
    volunteer_id, workflow_id, day = key
    place = {"volunteer": volunteer_id, "workflow": workflow_id, "day": day}
    prepared.add(DailyTotal, place, {"n": n, "n_gold": n_gold, "seconds": seconds})
