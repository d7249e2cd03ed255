"""A range of days, and the hours, days or months it is counted in. Pure; days are those of UTC."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.utils.translation import gettext as _

UNITS = ("hour", "day", "month")
MOST_DAYS_IN_HOURS, MOST_DAYS_IN_DAYS = 14, 800  # more would be read by nobody
FEW_DAYS, MANY_DAYS = 3, 400  # up to these hours, and days, where nobody chose
SHORTEST = 30  # days at least, where nobody chose: a young project has its first days in a picture of a month
_FIRST = date(1990, 1, 1)  # nothing that is shown here is older
_DAY = timedelta(days=1)


class BadSpan(ValueError):
    """A range that cannot be: `field` names what is wrong, the message says why."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class Span:
    """Days from `since` to `until`, both included, counted per `unit`."""

    since: date
    until: date
    unit: str

    @property
    def days(self) -> int:
        return (self.until - self.since).days + 1

    @property
    def start(self) -> datetime:
        """Its first moment."""
        return datetime.combine(self.since, time(), UTC)

    @property
    def end(self) -> datetime:
        """The first moment after it."""
        return datetime.combine(self.until + _DAY, time(), UTC)

    @property
    def by_day(self) -> "Span":
        """The same days for what is not known by the hour."""
        return Span(self.since, self.until, "day") if self.unit == "hour" else self

    def steps(self) -> Iterator[datetime]:
        """Yield the beginning of each hour, day or month; of the first month the first day of the range."""
        at = self.start
        while at < self.end:
            yield at
            at = self._next(at)

    def step_of(self, at: datetime) -> datetime:
        """The beginning of the hour, day or month that a moment lies in, as `steps` gives it."""
        at = at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        if self.unit == "hour":
            return at
        return max(at.replace(hour=0, day=1 if self.unit == "month" else at.day), self.start)

    def _next(self, at: datetime) -> datetime:
        if self.unit == "month":
            return (at.replace(day=1) + 32 * _DAY).replace(day=1)
        return at + (timedelta(hours=1) if self.unit == "hour" else _DAY)


def span_from(params: Mapping[str, str], *, today: date, first: date | None) -> Span:
    """Read `since`, `until` and `per`; what is left out is everything from the `first` day on, counted so that a picture can be read.

    A unit that is too fine for the range gives way to the next one. Raises BadSpan, naming the field.
    """
    until = min(_day(params, "until") or today, today)
    since = _day(params, "since") or min(first or until, until - (SHORTEST - 1) * _DAY)
    if since > until:
        raise BadSpan("since", _("The range ends before it begins."))
    return Span(since, until, _unit(params.get("per", ""), (until - since).days + 1))


def _day(params: Mapping[str, str], name: str) -> date | None:
    text = params.get(name, "").strip()
    if not text:
        return None
    try:
        return max(date.fromisoformat(text), _FIRST)
    except ValueError:
        raise BadSpan(name, _("This is no date. Write it as 2026-03-31.")) from None


def _unit(asked: str, days: int) -> str:
    if asked not in ("", *UNITS):
        raise BadSpan("per", _("Choose one of: %(names)s.") % {"names": ", ".join(UNITS)})
    finest = "hour" if days <= MOST_DAYS_IN_HOURS else "day" if days <= MOST_DAYS_IN_DAYS else "month"
    fitting = "hour" if days <= FEW_DAYS else "day" if days <= MANY_DAYS else "month"
    return max(finest, asked, key=UNITS.index) if asked else fitting
