"""Totals held against the votes that they sum: what differs, and putting it right while people go on voting.

The totals follow each vote in its own transaction, so nothing should ever differ. What can make them differ is from outside: workers of
a version that knew no daily totals, rows changed by hand.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, Max, Min, OuterRef, Q, QuerySet

from classify.models import Classification, DailyTotal, GoldKey, HourlyTotal, Volunteer
from classify.services.totals import SHARDS, UNPUBLISHED, DayKey, HourKey, seconds_of

Sums = tuple[float, ...]  # (votes,) of an hour; (votes, votes on gold, seconds) of a day
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Difference:
    """One row of totals that is not what the votes say."""

    key: HourKey | DayKey
    kept: Sums
    true: Sums

    @property
    def of_day(self) -> bool:
        """Whether it is a volunteer's day, and not an hour of a workflow."""
        return len(self.kept) > 1


def differences(*, repair: bool = False) -> Iterator[Difference]:
    """Yield each row of totals that is not what the votes say, and put it right if asked. In constant memory, a month at a time.

    Whatever seems to differ is looked at again under the locks that votes take, so votes that arrive meanwhile are no difference.
    """
    start, end = _span()
    while start <= end:
        after = (start.replace(day=1) + 32 * _DAY).replace(day=1)
        votes, hours, days = _standing(start, after), *_totals(start, after)
        kept_hours, kept_days = _kept_hours(hours), _kept_days(days)
        true_hours, true_days = _sums(votes)
        for hour in sorted(key for key in kept_hours.keys() | true_hours.keys() if _differ(kept_hours.get(key), true_hours.get(key))):
            yield from _look_at_hour(hour, repair)
        for day in sorted(key for key in kept_days.keys() | true_days.keys() if _differ(kept_days.get(key), true_days.get(key))):
            yield from _look_at_day(day, repair)
        start = after


def _span() -> tuple[date, date]:
    """First and last day with a vote or a total; the last before the first without any."""
    found = [
        *Classification.objects.order_by().aggregate(low=Min("created_at"), high=Max("created_at")).values(),
        *HourlyTotal.objects.order_by().aggregate(low=Min("hour"), high=Max("hour")).values(),
        *DailyTotal.objects.order_by().aggregate(low=Min("day"), high=Max("day")).values(),
    ]
    days = [at.astimezone(UTC).date() if isinstance(at, datetime) else at for at in found if at]
    return (min(days), max(days)) if days else (date.max, date.min)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _standing(start: date, after: date) -> QuerySet[Classification]:
    """The votes that count in totals: not superseded, no undo rows, not left out."""
    rows = Classification.objects.filter(created_at__gte=_midnight(start), created_at__lt=_midnight(after), superseded_by__isnull=True)
    return rows.filter(Q(flag="") | Q(verdict=Classification.Verdict.COUNTED)).exclude(answer="").order_by()


def _totals(start: date, after: date) -> tuple[QuerySet[HourlyTotal], QuerySet[DailyTotal]]:
    hours = HourlyTotal.objects.filter(hour__gte=_midnight(start), hour__lt=_midnight(after)).order_by()
    return hours, DailyTotal.objects.filter(day__gte=start, day__lt=after).order_by()


def _kept_hours(rows: QuerySet[HourlyTotal]) -> dict[HourKey, Sums]:
    return {(flow, hour.astimezone(UTC), *key): (n,) for flow, hour, *key, n in rows.values_list("workflow_id", "hour", "shard", "demo", "n")}  # type: ignore[misc]


def _kept_days(rows: QuerySet[DailyTotal]) -> dict[DayKey, Sums]:
    found = rows.values_list("volunteer_id", "workflow_id", "day", "n", "n_gold", "seconds")
    return {(volunteer, flow, day): tuple(sums) for volunteer, flow, day, *sums in found}


def _sums(votes: QuerySet[Classification]) -> tuple[dict[HourKey, Sums], dict[DayKey, Sums]]:
    """What the totals of these votes must be."""
    gold = GoldKey.objects.filter(workflow_id=OuterRef("workflow_id"), subject_id=OuterRef("subject_id"))
    columns = ("workflow_id", "volunteer_id", "volunteer__kind", "created_at", "started_at", "finished_at", "is_gold")
    hours: dict[HourKey, Sums] = {}
    days: dict[DayKey, Sums] = {}
    for flow, who, kind, at, start, end, is_gold in votes.annotate(is_gold=Exists(gold)).values_list(*columns).iterator(chunk_size=5000):
        at = at.astimezone(UTC)
        hour = (flow, at.replace(minute=0, second=0, microsecond=0), who % SHARDS, kind in UNPUBLISHED)
        _add(hours, hour, (1,))
        _add(days, (who, flow, at.date()), (1, int(is_gold), seconds_of(start, end)))
    return hours, days


def _add(sums: dict[Any, Sums], key: Any, more: Sums) -> None:
    old = sums.get(key)
    sums[key] = tuple(a + b for a, b in zip(old, more, strict=True)) if old else more


def _differ(one: Sums | None, other: Sums | None) -> bool:
    """Whether two sums differ; no row is the same as a row of zeros."""
    return any(one or ()) != any(other or ()) or (one is not None and other is not None and one != other)


@transaction.atomic
def _look_at_hour(key: HourKey, repair: bool) -> list[Difference]:
    """Hold the row: no vote of this shard commits between reading it and reading the votes."""
    flow, hour, shard, demo = key
    rows = HourlyTotal.objects.filter(workflow_id=flow, hour=hour, shard=shard, demo=demo)
    if repair:
        HourlyTotal.objects.bulk_create([HourlyTotal(workflow_id=flow, hour=hour, shard=shard, demo=demo)], ignore_conflicts=True)
    row = rows.select_for_update().first()
    votes = _standing(hour.date(), hour.date() + _DAY).filter(workflow_id=flow, created_at__gte=hour, created_at__lt=hour + timedelta(hours=1))
    kept: Sums = (row.n if row else 0,)
    true = _sums(votes)[0].get(key, (0,))
    if kept == true:
        return []
    if repair:
        rows.update(n=true[0])
    return [Difference(key, kept, true)]


@transaction.atomic
def _look_at_day(key: DayKey, repair: bool) -> list[Difference]:
    """Hold the volunteer, as their votes do, and the row."""
    who, flow, day = key
    list(Volunteer.objects.select_for_update(no_key=True).filter(pk=who))
    rows = DailyTotal.objects.filter(volunteer_id=who, workflow_id=flow, day=day)
    if repair:
        DailyTotal.objects.bulk_create([DailyTotal(volunteer_id=who, workflow_id=flow, day=day)], ignore_conflicts=True)
    row = rows.select_for_update().first()
    votes = _standing(day, day + _DAY).filter(volunteer_id=who, workflow_id=flow)
    kept: Sums = (row.n, row.n_gold, row.seconds) if row else (0, 0, 0.0)
    true = _sums(votes)[1].get(key, (0, 0, 0.0))
    if kept == true:
        return []
    if repair:
        rows.update(n=true[0], n_gold=true[1], seconds=true[2])
    return [Difference(key, kept, true)]
