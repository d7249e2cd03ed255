"""Ranges of days are read strictly, and counted so that a picture can be read."""

from datetime import UTC, date, datetime

import pytest

from classify.spans import BadSpan, Span, span_from

TODAY, FIRST = date(2026, 3, 1), date(2025, 3, 1)


@pytest.mark.parametrize(
    ("params", "first", "expected"),
    [
        ({}, FIRST, (FIRST, TODAY, "day")),
        ({}, date(2021, 1, 1), (date(2021, 1, 1), TODAY, "month")),
        ({}, None, (date(2026, 1, 31), TODAY, "day")),
        ({}, date(2026, 2, 27), (date(2026, 1, 31), TODAY, "day")),
        ({"since": "2026-02-27"}, FIRST, (date(2026, 2, 27), TODAY, "hour")),
        ({"since": "2026-02-20", "per": "hour"}, FIRST, (date(2026, 2, 20), TODAY, "hour")),
        ({"since": "2026-01-20", "per": "hour"}, FIRST, (date(2026, 1, 20), TODAY, "day")),
        ({"since": "2020-01-20", "per": "day"}, FIRST, (date(2020, 1, 20), TODAY, "month")),
        ({"since": "2026-02-01", "until": "2026-02-28", "per": "month"}, FIRST, (date(2026, 2, 1), date(2026, 2, 28), "month")),
        ({"until": "2999-01-01"}, FIRST, (FIRST, TODAY, "day")),
    ],
)
def test_what_is_asked_for(params: dict[str, str], first: date | None, expected: tuple[date, date, str]) -> None:
    assert span_from(params, today=TODAY, first=first) == Span(*expected)


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"since": "yesterday"}, "since"),
        ({"until": "2026-02-30"}, "until"),
        ({"since": "2026-02-02", "until": "2026-02-01"}, "since"),
        ({"per": "week"}, "per"),
    ],
)
def test_what_cannot_be_is_named(params: dict[str, str], field: str) -> None:
    with pytest.raises(BadSpan) as caught:
        span_from(params, today=TODAY, first=FIRST)
    assert caught.value.field == field


def test_steps_cover_the_range_and_every_moment_has_one() -> None:
    months = Span(date(2025, 12, 15), date(2026, 2, 2), "month")
    assert [f"{at:%Y-%m-%d}" for at in months.steps()] == ["2025-12-15", "2026-01-01", "2026-02-01"]
    assert months.step_of(datetime(2025, 12, 31, 23, tzinfo=UTC)) == months.start
    hours = Span(date(2026, 2, 1), date(2026, 2, 2), "hour")
    assert (len(list(hours.steps())), hours.days, hours.by_day.unit) == (48, 2, "day")
    assert hours.step_of(datetime(2026, 2, 1, 5, 59, 59, tzinfo=UTC)) == datetime(2026, 2, 1, 5, tzinfo=UTC)
