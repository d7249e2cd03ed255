"""The numbers of /stats/ are those of the votes, per hour, day and month, for real people or for all, at a fixed number of queries."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from classify import selectors, services
from classify.models import DailyTotal
from classify.spans import Span
from tests import factories as f
from tests.factories import NOW

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
WEEK = Span(TODAY - timedelta(days=6), TODAY, "day")


def numbers(span: Span = WEEK, workflow: Any = None, *, demo: bool = False) -> dict[str, Any]:
    cache.clear()
    return selectors.numbers(span, workflow=workflow, demo=demo, today=TODAY)


def told(counts: list[tuple[datetime, int]]) -> dict[str, int]:
    """Without the steps in which nothing happened."""
    return {f"{at:%m-%d %H}": n for at, n in counts if n}


def test_votes_people_and_finished_subjects_per_day_and_hour() -> None:
    flow, other = f.workflow(count=2), f.workflow(count=9)
    shown = [f.subject(workflow=flow, cutout=f.cutout(images=False)) for _ in range(2)]
    ada, ben, sim = f.volunteer(), f.volunteer(kind="visitor"), f.volunteer(kind="demo")
    yesterday = NOW - timedelta(days=1)
    f.vote(subject=shown[0], workflow=flow, volunteer=ada, now=yesterday)
    f.vote(subject=shown[0], workflow=flow, volunteer=ben, now=NOW)
    f.vote(subject=shown[1], workflow=flow, volunteer=ada, now=NOW + timedelta(hours=1))
    f.vote(subject=shown[1], workflow=flow, volunteer=sim, now=NOW + timedelta(hours=1))
    f.vote(subject=f.subject(workflow=other), workflow=other, volunteer=ada, now=NOW)
    undone = f.vote(subject=f.subject(workflow=flow), workflow=flow, volunteer=ben, now=NOW)
    services.undo_classification(volunteer=ben, classification_id=undone.id, now=NOW)

    found = numbers()
    assert (told(found["votes"]), len(found["votes"])) == ({"02-28 00": 1, "03-01 00": 3}, 7)
    assert told(found["volunteers"]) == {"02-28 00": 1, "03-01 00": 2}
    assert told(found["done"]) == {"03-01 00": 1}, "what a simulated volunteer had a part in stays out"
    assert {name: found["totals"][name] for name in ("classifications", "volunteers", "first")} == {
        "classifications": 4, "volunteers": 2, "first": TODAY - timedelta(days=1),
    }  # fmt: skip

    hourly = numbers(Span(TODAY, TODAY, "hour"), flow)
    assert (told(hourly["votes"]), len(hourly["votes"])) == ({"03-01 12": 1, "03-01 13": 1}, 24)
    assert hourly["done_before"] == 0
    monthly = numbers(Span(date(2026, 1, 15), TODAY, "month"), flow)
    assert [(f"{at:%Y-%m-%d}", n) for at, n in monthly["votes"]] == [("2026-01-15", 0), ("2026-02-01", 1), ("2026-03-01", 2)]
    assert [n for _, n in monthly["volunteers"]] == [0, 1, 2]
    everybody = numbers(WEEK, flow, demo=True)
    assert (told(everybody["votes"]), told(everybody["done"])) == ({"02-28 00": 1, "03-01 00": 3}, {"03-01 00": 2})
    assert [row["slug"] for row in everybody["workflows"]] == [flow.slug]
    assert everybody["totals"]["agreement"] == 1.0
    cache.clear()
    assert told(selectors.daily_votes(workflow=flow, demo=False)) == {"02-28 00": 1, "03-01 00": 2}
    assert selectors.has_simulated_votes()


def test_the_end_is_told_from_the_votes_that_are_still_needed() -> None:
    flow, gone = f.workflow(count=10), f.workflow(count=0)
    for _ in range(21):
        f.subject(workflow=flow, cutout=f.cutout(images=False))
    f.gold(workflow=flow)  # never done, and no work to be done
    f.subject(workflow=gone)
    shown, ada = f.subject(workflow=flow), f.volunteer()
    for _ in range(4):
        f.vote(subject=shown, workflow=flow)
    days = [TODAY - timedelta(days=1 + 7 * week) for week in range(8)]
    DailyTotal.objects.bulk_create(DailyTotal(volunteer=ada, workflow=flow, day=day, n=30, n_gold=9) for day in days)

    mine, other = numbers()["workflows"]

    assert (mine["subjects"], mine["active"], mine["done"], mine["remaining"]) == (22, 22, 0, 216)
    weeks = 216 / 21  # votes a week, known answers left out
    assert mine["end"].earliest == mine["end"].latest == TODAY + timedelta(days=-int(-weeks * 7 // 1)), "no scatter"
    assert (other["ends"], other["end"].earliest) == (False, None)


def test_the_effort_curve_is_of_the_range_and_of_people_who_did_something() -> None:
    flow = f.workflow()
    for n in (1, 1, 1, 1, 16):
        DailyTotal.objects.create(volunteer=f.volunteer(), workflow=flow, day=TODAY, n=n)
    DailyTotal.objects.create(volunteer=f.volunteer(), workflow=flow, day=TODAY, n=0)  # all taken back
    DailyTotal.objects.create(volunteer=f.volunteer(), workflow=flow, day=TODAY - timedelta(days=20), n=99)

    found = numbers()["effort"]

    assert (found["volunteers"], found["classifications"], found["gini"]) == (5, 20, pytest.approx(0.6))
    assert found["curve"] == [(0, 0), (0.2, 0.05), (0.4, 0.1), (0.6, pytest.approx(0.15)), (0.8, 0.2), (1, 1)]
    assert found["top_tenth"] == 0.8


def test_the_numbers_cost_the_same_however_much_there_is() -> None:
    costs = []
    for n in (1, 3):
        for _ in range(n):
            flow = f.workflow(count=2)
            shown = f.subject(workflow=flow, cutout=f.cutout(images=False))
            for _ in range(n):
                f.vote(subject=shown, workflow=flow)
        cache.clear()
        with CaptureQueriesContext(connection) as queries:
            numbers()
            numbers(Span(TODAY, TODAY, "hour"))
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 24
    with CaptureQueriesContext(connection) as queries:
        selectors.numbers(Span(TODAY, TODAY, "hour"), workflow=None, demo=False, today=TODAY)
    assert len(queries) == 0, "remembered for a moment"


def test_a_volunteer_sees_their_own_days_and_hours() -> None:
    flow, ada = f.workflow(), f.volunteer()
    start = NOW - timedelta(seconds=90)
    times = {"started_at": start.isoformat(), "finished_at": NOW.isoformat()}
    f.vote(subject=f.subject(workflow=flow), workflow=flow, volunteer=ada, now=NOW, **times)
    f.vote(subject=f.subject(workflow=flow), workflow=flow, volunteer=ada, now=NOW)
    f.vote(subject=f.subject(workflow=flow), workflow=flow, now=NOW)

    assert told(selectors.own_days(ada, WEEK)) == {"03-01 00": 2}
    (row,) = selectors.own_work(ada)
    assert (row["workflow_id"], row["n"], row["seconds"], row["days"], row["first"], row["last"]) == (flow.pk, 2, 90.0, 1, TODAY, TODAY)
    assert selectors.own_work(ada, since=TODAY + timedelta(days=1)) == selectors.own_work(ada, until=TODAY - timedelta(days=1)) == []
    assert NOW.tzinfo is UTC
