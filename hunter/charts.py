"""The figures of /stats/ and of one's own work, drawn from the numbers of the room that keeps them."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from classify.spans import Span
from core.figures import LOW, Series, line_chart, time_chart

Counts = Sequence[tuple[datetime, int]]
_DAY = timedelta(days=1)
_WEEKS_FROM = 730  # days of history, from which on the figure to choose a range in counts weeks


def number(value: float, digits: int | None = None) -> str:
    """A number in the reader's way."""
    return str(number_format(value, digits, force_grouping=True))


def votes(counts: Counts, span: Span) -> SafeString:
    """Classifications per hour, day or month."""
    return _over_time(counts, span, title=titles(span)["classifications"], y_label=_("classifications"))


def volunteers(counts: Counts, span: Span) -> SafeString:
    """People who classified, per day or month."""
    return _over_time(counts, span, title=titles(span)["volunteers"], y_label=_("volunteers"))


def done(counts: Counts, before: int, span: Span) -> SafeString:
    """Subjects that nobody needs to look at any more, summed up."""
    points, total = [(span.start.timestamp(), float(before))], before
    ends = [at.timestamp() for at, _n in counts[1:]] + [span.end.timestamp()]
    for end, (_at, n) in zip(ends, counts, strict=True):
        total += n
        points.append((end, float(total)))
    return time_chart(
        Series(_("subjects done"), points, "people"),
        end=span.end.timestamp(), title=titles(span)["subjects-done"], x_label=_x_label(span), y_label=_("subjects"), kind="line",
        read=lambda x, y: _("%(n)s by %(day)s") % {"n": number(y, 0), "day": date_format(datetime.fromtimestamp(x - 1, UTC), "DATE_FORMAT")},
    )  # fmt: skip


def effort(found: dict[str, Any]) -> SafeString:
    """The Lorenz curve of classifications by volunteer, with equal work for comparison."""
    everybody, work = _("volunteers"), _("classifications")
    return line_chart(
        [Series(_("as it is"), found["curve"], "people"), Series(_("if all did the same"), [(0, 0), (1, 1)], "plain")],
        title=titles()["effort"],
        x_label=_("share of the volunteers, those who did least first"),
        y_label=_("share of the classifications"),
        x_range=(0, 1),
        y_range=(0, 1),
        read=lambda x, y: f"{number(100 * x, 0)} % {everybody}: {number(100 * y, 0)} % {work}",
    )


def choose(days: Counts, span: Span, first: date, today: date) -> SafeString:
    """Classifications of all time, per day or week, with the range that was chosen."""
    step = 7 if (today - first).days > _WEEKS_FROM else 1
    sums: dict[int, int] = {}
    for at, n in days:
        place = (at.date() - first).days // step
        sums[place] = sums.get(place, 0) + n
    start, end = (datetime.combine(day, time(), UTC).timestamp() for day in (first, today + _DAY))
    points = [(start + 86_400 * step * i, float(sums.get(i, 0))) for i in range((today - first).days // step + 1)]
    return time_chart(
        Series(_("classifications"), points, "people"),
        end=end, title=_("All of it"), x_label=_("day (UTC)"), y_label=_("classifications"), kind="area", height=LOW,
        window=(span.start.timestamp(), span.end.timestamp()),
    )  # fmt: skip


def titles(span: Span | None = None) -> dict[str, str]:
    """The figures by name, in the words for this range."""
    by_month, by_hour = (span is not None and span.unit == unit for unit in ("month", "hour"))
    return {
        "classifications": _("Classifications per month") if by_month else _("Classifications per hour") if by_hour else _("Classifications per day"),
        "volunteers": _("Volunteers active per month") if by_month else _("Volunteers active per day"),
        "subjects-done": _("Subjects done"),
        "effort": _("How the work is shared out"),
    }


def _over_time(counts: Counts, span: Span, *, title: str, y_label: str) -> SafeString:
    points = [(at.timestamp(), float(n)) for at, n in counts]
    return time_chart(
        Series(y_label, points, "people"), end=span.end.timestamp(), title=title, x_label=_x_label(span), y_label=y_label, read=_reader(span)
    )


def _x_label(span: Span) -> str:
    return {"hour": _("hour (UTC)"), "day": _("day (UTC)"), "month": _("month (UTC)")}[span.unit]


def _reader(span: Span) -> Callable[[float, float], str]:
    form = {"hour": "DATETIME_FORMAT", "day": "DATE_FORMAT", "month": "YEAR_MONTH_FORMAT"}[span.unit]
    return lambda x, y: f"{date_format(datetime.fromtimestamp(x, UTC), form)}: {number(y, 0)}"
