"""How much was done, by whom, and when it may be done: numbers for the public, from the totals and never from the votes.

What simulated and imported volunteers did stays out unless asked (`demo`). The number of queries does not depend on what is there.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import Avg, Count, Exists, F, Max, Min, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import TruncDay, TruncMonth

from classify import effort
from classify.crowd import consensus
from classify.models import Consensus, DailyTotal, GoldKey, HourlyTotal, SubjectStatus, Volunteer, Workflow
from classify.spans import Span

FRESH_S, HISTORY_S = 60, 300  # so old may be what depends on the range, and what does not
_State = SubjectStatus.State
_REAL = (Volunteer.Kind.PERSON, Volunteer.Kind.VISITOR)
_FEWEST_DONE = 30  # subjects, before their mean number of votes says more than the limit of the workflow
Counts = list[tuple[datetime, int]]


def numbers(span: Span, *, workflow: Workflow | None, demo: bool, today: date) -> dict[str, Any]:
    """Everything that /stats/ shows of a range, computed once in a short while whoever asks.

    {"votes", "volunteers", "done": [(start, n)], "done_before", "effort", "totals", "workflows"}; all workflows without `workflow`.
    """
    which = f"{workflow.pk if workflow else 0}:{demo:d}:{today}"
    ranged = cache.get_or_set(f"stats:{span.since}:{span.until}:{span.unit}:{which}", lambda: _of_range(span, _ids(workflow), demo), FRESH_S)
    return {**(ranged or {}), **(cache.get_or_set(f"stats-all:{which}", lambda: _of_all_time(_ids(workflow), demo, today), HISTORY_S) or {})}


def daily_votes(*, workflow: Workflow | None, demo: bool) -> Counts:
    """Votes per day from the first one on, days without votes left out."""
    return cache.get_or_set(f"stats-history:{workflow.pk if workflow else 0}:{demo:d}", lambda: _daily_votes(_ids(workflow), demo), HISTORY_S) or []


def has_simulated_votes() -> bool:
    """Say whether there is anything that `demo` would add."""
    return HourlyTotal.objects.filter(demo=True, n__gt=0).exists()


def _ids(workflow: Workflow | None) -> list[int]:
    """Workflows are always named, so that the indexes that begin with them serve."""
    return [workflow.pk] if workflow else list(Workflow.objects.order_by().values_list("pk", flat=True))


def _of_range(span: Span, ids: Sequence[int], demo: bool) -> dict[str, Any]:
    counts = sorted(_per_volunteer(span, ids, demo))
    done = _done(ids, demo)
    before = done.filter(retired_at__lt=span.start).count()
    return {
        "votes": _filled(span, _by_hour(_hours(ids, demo).filter(hour__gte=span.start, hour__lt=span.end))),
        "volunteers": _volunteers(span.by_day, ids, demo),
        "done": _filled(span.by_day, _by_day(done.filter(retired_at__gte=span.start, retired_at__lt=span.end))),
        "done_before": before,
        "effort": {
            "volunteers": len(counts),
            "classifications": sum(counts),
            "gini": effort.gini(counts),
            "top_tenth": effort.share_of_top_tenth(counts),
            "curve": effort.lorenz(counts),
        },
    }


def _of_all_time(ids: Sequence[int], demo: bool, today: date) -> dict[str, Any]:
    return {"totals": _totals(ids, demo), "workflows": _progress(ids, demo, today)}


def _hours(ids: Sequence[int], demo: bool) -> QuerySet[HourlyTotal]:
    rows = HourlyTotal.objects.filter(workflow_id__in=ids).order_by()
    return rows if demo else rows.filter(demo=False)


def _days(ids: Sequence[int], demo: bool) -> QuerySet[DailyTotal]:
    rows = DailyTotal.objects.filter(workflow_id__in=ids, n__gt=0).order_by()
    return rows if demo else rows.filter(volunteer__kind__in=_REAL)


def _done(ids: Sequence[int], demo: bool) -> QuerySet[SubjectStatus]:
    rows = SubjectStatus.objects.filter(workflow_id__in=ids, retired_at__isnull=False, state=_State.RETIRED).order_by()
    return rows if demo else rows.filter(n_demo=0)


def _daily_votes(ids: Sequence[int], demo: bool) -> Counts:
    sums: dict[datetime, int] = {}
    for hour, n in _by_hour(_hours(ids, demo)):
        day = hour.replace(hour=0)
        sums[day] = sums.get(day, 0) + n
    return sorted((day, n) for day, n in sums.items() if n)


def _by_hour(rows: QuerySet[HourlyTotal]) -> Iterator[tuple[datetime, int]]:
    """Sums per hour; days and months are made of them here, since the database would cut every row (SQLite by a call of Python each)."""
    yield from ((hour.astimezone(UTC), n) for hour, n in rows.values_list("hour").annotate(sum=Sum("n")))


def _by_day(rows: QuerySet[SubjectStatus]) -> Iterator[tuple[datetime, int]]:
    yield from rows.annotate(step=TruncDay("retired_at", tzinfo=UTC)).values_list("step").annotate(sum=Count("*"))


def _filled(span: Span, found: Iterable[tuple[datetime, int]]) -> Counts:
    """Sums per step of the span, steps without anything included."""
    sums: dict[datetime, int] = {}
    for at, n in found:
        step = span.step_of(at)
        sums[step] = sums.get(step, 0) + n
    return [(step, sums.get(step, 0)) for step in span.steps()]


def _volunteers(span: Span, ids: Sequence[int], demo: bool) -> Counts:
    """People with a standing vote in each day or month."""
    rows = _days(ids, demo).filter(day__gte=span.since, day__lte=span.until)
    step = TruncMonth("day") if span.unit == "month" else F("day")
    found = rows.annotate(step=step).values_list("step").annotate(sum=Count("volunteer", distinct=True))
    return _filled(span, ((datetime.combine(day, time(), UTC), n) for day, n in found))


def _per_volunteer(span: Span, ids: Sequence[int], demo: bool) -> Iterable[int]:
    rows = _days(ids, demo).filter(day__gte=span.since, day__lte=span.until)
    return rows.values("volunteer").annotate(sum=Sum("n")).values_list("sum", flat=True)


def _totals(ids: Sequence[int], demo: bool) -> dict[str, Any]:
    """Of all time: votes, seconds they took, people, and how far people agree on subjects that are done (mean share of the first answer)."""
    work = _days(ids, demo).aggregate(n=Sum("n"), seconds=Sum("seconds"), people=Count("volunteer", distinct=True), first=Min("day"))
    settled = Consensus.objects.filter(workflow_id__in=ids, method__in=consensus.RULES, settled=True)
    return {
        "classifications": work["n"] or 0,
        "hours": (work["seconds"] or 0.0) / 3600,
        "volunteers": work["people"],
        "first": work["first"],
        "agreement": (settled if demo else settled.filter(n_demo=0)).aggregate(mean=Avg("agreement"))["mean"],
    }


# --- subjects, and when they will be done --------------------------------------------------------


def _progress(ids: Sequence[int], demo: bool, today: date) -> list[dict[str, Any]]:
    """Per workflow with subjects: slug, subjects, done, active, paused, and the expected end. Known answers are no work to be done."""
    flows = {flow.pk: flow for flow in Workflow.objects.filter(pk__in=ids, live=True).select_related("current_version")}
    weekly = _weekly(ids, demo, today)
    return [
        _row(flows[row["workflow_id"]], row, weekly.get(row["workflow_id"], []), today)
        for row in sorted(_states(ids, demo), key=lambda row: row["workflow_id"])
        if row["workflow_id"] in flows
    ]


def _states(ids: Sequence[int], demo: bool) -> QuerySet[SubjectStatus, Any]:
    known = GoldKey.objects.filter(workflow_id=OuterRef("workflow_id"), subject_id=OuterRef("subject_id"))
    rows = SubjectStatus.objects.filter(~Exists(known), workflow_id__in=ids).order_by()
    rows = rows if demo else rows.exclude(state=_State.RETIRED, n_demo__gt=0)
    active, retired = Q(state=_State.ACTIVE), Q(state=_State.RETIRED)
    by_votes = retired & Q(reason__in=[SubjectStatus.Reason.CLASSIFICATION_COUNT, SubjectStatus.Reason.CONSENSUS])
    return rows.values("workflow_id").annotate(
        subjects=Count("*"),
        active=Count("pk", filter=active),
        done=Count("pk", filter=retired),
        open_votes=Sum("n_votes", filter=active),
        done_by_votes=Count("pk", filter=by_votes),
        votes_of_done=Sum("n_votes", filter=by_votes),
    )


def _weekly(ids: Sequence[int], demo: bool, today: date) -> dict[int, list[int]]:
    """Votes on subjects without known answer in each of the last whole weeks up to yesterday, oldest first, by workflow."""
    start = today - timedelta(weeks=effort.WEEKS)
    rows = _days(ids, demo).filter(day__gte=start, day__lt=today).values_list("workflow_id", "day")
    weeks: dict[int, list[int]] = {}
    for flow, day, n in rows.annotate(sum=Sum(F("n") - F("n_gold"))):
        weeks.setdefault(flow, [0] * effort.WEEKS)[(day - start).days // 7] += n
    return weeks


def _row(flow: Workflow, row: dict[str, Any], weekly: list[int], today: date) -> dict[str, Any]:
    limit = consensus.policy_from(flow.current_version.policy).count if flow.current_version else 0
    found = {name: row[name] for name in ("subjects", "done", "active")}
    found |= {
        "slug": flow.slug,
        "paused": row["subjects"] - row["done"] - row["active"],
        "ends": bool(limit),
        "remaining": None,
        "end": effort.End(0),
    }
    if limit:
        per_subject = row["votes_of_done"] / row["done_by_votes"] if row["done_by_votes"] >= _FEWEST_DONE else limit
        remaining = max(row["active"] * per_subject - (row["open_votes"] or 0), float(row["active"]))
        found |= {"remaining": round(remaining), "end": effort.expected_end(remaining=remaining, weekly=weekly, today=today)}
    return found


# --- one's own -----------------------------------------------------------------------------------


def own_days(volunteer: Volunteer, span: Span) -> Counts:
    """A volunteer's standing votes per day or month."""
    rows = DailyTotal.objects.filter(volunteer=volunteer, day__gte=span.since, day__lte=span.until).order_by()
    return _filled(span, ((datetime.combine(day, time(), UTC), n) for day, n in rows.values_list("day").annotate(sum=Sum("n"))))


def own_work(volunteer: Volunteer, *, since: date | None = None, until: date | None = None) -> list[dict[str, Any]]:
    """A volunteer's work per workflow: workflow (key), n, seconds, days, first, last; in the order of the workflows."""
    rows = DailyTotal.objects.filter(volunteer=volunteer, n__gt=0).order_by()
    if since:
        rows = rows.filter(day__gte=since)
    if until:
        rows = rows.filter(day__lte=until)
    sums = rows.values("workflow_id", "workflow__position").annotate(
        total=Sum("n"), seconds=Sum("seconds"), days=Count("day"), first=Min("day"), last=Max("day")
    )
    return [{"n": row["total"], **row} for row in sums.order_by("workflow__position", "workflow_id")]
