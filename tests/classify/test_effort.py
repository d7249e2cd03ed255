"""Shares of work, and honest ends."""

import csv
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from classify import effort
from classify.effort import End, expected_end

TODAY = date(2026, 3, 1)


def test_gini_is_nought_for_equal_work_and_near_one_where_one_did_all() -> None:
    assert effort.gini([7] * 20) == pytest.approx(0)
    assert effort.gini([0] * 99 + [5]) == pytest.approx(0.99)
    assert effort.gini([1, 2, 3, 4, 5]) == pytest.approx(4 / 15)
    assert effort.gini([9, 9, 9, 9]) is None, "four people are no curve"
    assert effort.share_of_top_tenth([1] * 9 + [91]) == 0.91


def test_the_curve_of_many_people_has_few_points_and_ends_at_all_the_work() -> None:
    curve = effort.lorenz(range(1, 5001))
    assert (len(curve), curve[0], curve[-1]) == (101, (0.0, 0.0), (1.0, 1.0))
    assert all(a[1] <= b[1] and b[1] <= b[0] for a, b in pairwise(curve))
    area = sum((b[0] - a[0]) * (a[1] + b[1]) / 2 for a, b in pairwise(curve))
    assert 1 - 2 * area == pytest.approx(effort.gini(range(1, 5001)), abs=0.001)


def test_the_end_needs_four_weeks_and_says_how_sure_it_is() -> None:
    assert expected_end(remaining=100, weekly=[0, 0, 0, 0, 0, 10, 10, 10], today=TODAY) == End(3)
    even = expected_end(remaining=100, weekly=[0, 0, 0, 0, 10, 10, 10, 10], today=TODAY)
    assert even == End(4, TODAY + timedelta(weeks=10), TODAY + timedelta(weeks=10))
    uneven = expected_end(remaining=100, weekly=[14, 6, 10, 13, 7, 10, 12, 8], today=TODAY)
    assert uneven.earliest is not None
    assert uneven.latest is not None
    assert TODAY + timedelta(weeks=8) < uneven.earliest < even.latest < uneven.latest < TODAY + timedelta(weeks=12)


def test_an_end_that_may_never_come_has_no_latest_day() -> None:
    wild = expected_end(remaining=1000, weekly=[200, 0, 0, 1, 0, 0, 0, 2], today=TODAY)
    assert wild.earliest is not None
    assert wild.latest is None
    assert expected_end(remaining=1e9, weekly=[1] * 8, today=TODAY) == End(8), "a date in a million years says nothing"


@pytest.mark.parametrize(("name", "people", "gini"), [("SSO_pipeline", 2682, 0.835), ("blind", 1458, 0.866)])
def test_the_original_projects_effort_has_the_published_gini(shared_data: Path, name: str, people: int, gini: float) -> None:
    with (shared_data / "hah_volunteer_effort" / f"class_counts_{name}.csv").open() as lines:
        counts = [int(row["nclass_user"]) for row in csv.DictReader(lines)]

    assert len(counts) == people
    assert round(effort.gini(counts), 3) == gini
