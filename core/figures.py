"""Server-rendered SVG figures: classes and attributes only (strict CSP), readable in dark and light, axes with units.

Series take their look from a class: `people`, `machine`, `known`, `truth`, `rejected` or `plain` (see static/css/figures.css).
"""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.utils.formats import date_format, get_format
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

WIDTH, HEIGHT = 640, 280
LEFT, RIGHT, TOP, BOTTOM = 56, 12, 32, 44
LOW = 162  # height of a figure to choose a range in; static/css/stats.css knows where its axes are
PLOT = (LEFT / WIDTH, 1 - RIGHT / WIDTH)  # where the axis of x begins and ends, as shares of the width: scripts lay things over it
WIDEST = 64.0  # bar: a few of them are bars, too, and not a wall
_THINNEST = 3.0  # thinner bars become one area


@dataclass(frozen=True)
class Series:
    """One line or group of bars: points in data units, and a meaning class."""

    name: str
    points: Sequence[tuple[float, float]]
    look: str = "plain"


def nice_ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Return round tick values that cover [low, high] (steps of 1, 2 or 5 times a power of ten)."""
    if not (math.isfinite(low) and math.isfinite(high)) or high <= low:
        return [low, low + 1] if math.isfinite(low) else [0, 1]
    raw = (high - low) / max(1, about)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next((m * power for m in (1, 2, 5, 10) if m * power >= raw), 10 * power)
    first = math.floor(low / step) * step
    count = math.ceil((high - first) / step - 1e-9)
    return [round(first + i * step, 12) for i in range(count + 1)]


def short(value: float) -> str:
    """Return a number as a tick label in the reader's way: no trailing zeros, thousands as k."""
    text = f"{value / 1000:g}k" if abs(value) >= 10_000 else f"{value:g}"
    return text.replace(".", get_format("DECIMAL_SEPARATOR"))


class _Frame:
    """Maps data to the drawing and draws the axes."""

    def __init__(self, x_ticks: list[float], y_ticks: list[float], *, x_range: tuple[float, float] | None = None, height: float = HEIGHT) -> None:
        self.x_ticks, self.y_ticks, self.height = x_ticks, y_ticks, height
        self.x_range = x_range or (x_ticks[0], x_ticks[-1])

    def x(self, value: float) -> float:
        low, high = self.x_range
        return LEFT + (value - low) / ((high - low) or 1) * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        low, high = self.y_ticks[0], self.y_ticks[-1]
        return self.height - BOTTOM - (value - low) / ((high - low) or 1) * (self.height - TOP - BOTTOM)

    def axes(self, x_label: str, y_label: str, x_text: Callable[[float], str]) -> list[str]:
        parts = []
        for tick in self.y_ticks:
            y = self.y(tick)
            parts.append(f'<line class="fig-grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
            parts.append(f'<text class="fig-tick" x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{short(tick)}</text>')
        for tick in self.x_ticks:
            x = self.x(tick)
            parts.append(f'<text class="fig-tick" x="{x:.1f}" y="{self.height - BOTTOM + 16}" text-anchor="middle">{escape(x_text(tick))}</text>')
        parts.append(f'<text class="fig-label" x="{(LEFT + WIDTH - RIGHT) / 2}" y="{self.height - 8}" text-anchor="middle">{escape(x_label)}</text>')
        parts.append(f'<text class="fig-label" x="4" y="{TOP - 16}">{escape(y_label)}</text>')
        return parts


def _wrap(title: str, parts: list[str], series: Sequence[Series], *, height: float = HEIGHT, reading: Sequence[tuple[float, str]] = ()) -> SafeString:
    """Join the pieces. `reading`: (x in the drawing, words) for scripts to read out under the pointer."""
    legend = ""
    if len(series) > 1:
        items = "".join(
            f'<li class="fig-key fig-{escape(s.look)}"><svg viewBox="0 0 24 8" width="24" height="8" aria-hidden="true">'
            f'<line class="fig-line" x1="0" x2="24" y1="4" y2="4"/></svg>{escape(s.name)}</li>'
            for s in series
        )
        legend = f'<ul class="fig-legend">{items}</ul>'
    told = f' data-reading="{escape(json.dumps([[round(x, 1), text] for x, text in reading], ensure_ascii=False))}"' if reading else ""
    svg = (
        f'<svg class="fig" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title)}" preserveAspectRatio="xMidYMid meet"{told}>'
        f"<title>{escape(title)}</title>{''.join(parts)}</svg>"
    )
    return mark_safe(f"{legend}{svg}")  # noqa: S308 - every piece of text above is escaped


def line_chart(
    series: Sequence[Series],
    *,
    title: str,
    x_label: str,
    y_label: str,
    x_range: tuple[float, float] | None = None,
    y_range: tuple[float, float] | None = None,
    x_text: Callable[[float], str] = short,
    markers: bool = False,
    read: Callable[[float, float], str] | None = None,
) -> SafeString:
    """Return a line chart as SVG. Empty series draw the empty axes; points must be finite.

    `read` says what a point of the first series means, for scripts that read out what is under the pointer.
    """
    xs = [x for s in series for x, _ in s.points] or [0.0, 1.0]
    ys = [y for s in series for _, y in s.points] or [0.0, 1.0]
    frame = _Frame(
        nice_ticks(*(x_range or (min(xs), max(xs)))),
        nice_ticks(*(y_range or (min(0.0, min(ys)), max(ys)))),
    )
    parts = frame.axes(x_label, y_label, x_text)
    for s in series:
        path = " ".join(f"{frame.x(x):.1f},{frame.y(y):.1f}" for x, y in s.points)
        dots = "".join(
            f'<circle class="fig-dot" cx="{frame.x(x):.1f}" cy="{frame.y(y):.1f}" r="3"><title>{escape(x_text(x))}: {short(y)}</title></circle>'
            for x, y in (s.points if markers else ())
        )
        parts.append(f'<g class="fig-{escape(s.look)}"><polyline class="fig-line" points="{path}"/>{dots}</g>')
    return _wrap(title, parts, series, reading=[(frame.x(x), read(x, y)) for x, y in series[0].points] if read and series else ())


def bar_chart(series: Series, *, title: str, x_label: str, y_label: str, labels: Sequence[str], every: int | None = None) -> SafeString:
    """Return a bar chart as SVG: bar i at x = i with `labels[i]`; every n-th label is written."""
    top = max([y for _, y in series.points] or [1.0]) or 1.0
    count = max(1, len(labels))
    frame = _Frame([-0.5, count - 0.5], nice_ticks(0.0, top))
    step = every or max(1, math.ceil(count / 10))
    parts = list(frame.axes(x_label, y_label, lambda _: ""))
    width = min(max(1.0, 0.8 * (WIDTH - LEFT - RIGHT) / count), WIDEST)
    base = frame.y(0)
    for x, y in series.points:
        parts.append(
            f'<g class="fig-{escape(series.look)}"><rect class="fig-bar" x="{frame.x(x) - width / 2:.1f}" y="{frame.y(y):.1f}" '
            f'width="{width:.1f}" height="{max(0.0, base - frame.y(y)):.1f}"><title>{escape(labels[int(x)])}: {short(y)}</title></rect></g>'
        )
        if int(x) % step == 0:
            parts.append(
                f'<text class="fig-tick" x="{frame.x(x):.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{escape(labels[int(x)])}</text>'
            )
    return _wrap(title, parts, [series])


def row_chart(rows: Sequence[tuple[str, float, str]], *, title: str) -> SafeString:
    """Return horizontal bars as SVG: one row per (label, value, look), labels at the left, values written at the bars' ends."""
    step, left, room = 30, 220, 60
    top = max([value for _, value, _ in rows] or [1.0]) or 1.0
    parts = []
    for i, (label, value, look) in enumerate(rows):
        y, width = i * step, value / top * (WIDTH - left - room)
        parts.append(f'<text class="fig-label" x="{left - 10}" y="{y + 20}" text-anchor="end">{escape(label)}</text>')
        parts.append(f'<g class="fig-{escape(look)}"><rect class="fig-bar" x="{left}" y="{y + 6}" width="{max(1.0, width):.1f}" height="18"/></g>')
        parts.append(f'<text class="fig-tick" x="{left + width + 8:.1f}" y="{y + 20}">{short(value)}</text>')
    height = max(1, len(rows)) * step + 8
    name = escape(title)
    svg = f'<svg class="fig" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{name}"><title>{name}</title>{"".join(parts)}</svg>'
    return mark_safe(svg)  # noqa: S308 - every piece of text above is escaped


# --- over time: x is in seconds since 1970, as `datetime.timestamp` gives it; all times are UTC --------------------------------------

_HOUR, _DAY = 3600, 86_400
_SHORT_STEPS = (_HOUR, 3 * _HOUR, 6 * _HOUR, 12 * _HOUR, _DAY, 2 * _DAY, 7 * _DAY, 14 * _DAY)
_MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60, 120)
_MONDAY = 4 * _DAY  # 1970-01-05: weeks begin there


def time_ticks(start: float, end: float, about: int = 5) -> list[tuple[float, str]]:
    """Return round moments in [start, end] with labels in the reader's language: hours, days, Mondays, firsts of months or years."""
    for step in _SHORT_STEPS:
        if (end - start) / step <= about:
            first = math.ceil((start - _MONDAY) / step) * step + _MONDAY
            return [(float(at), _tick_text(at, step)) for at in range(int(first), int(end) + 1, step)]
    first_day = datetime.fromtimestamp(start, UTC)
    months = first_day.year * 12 + first_day.month - 1
    for step in _MONTH_STEPS:
        firsts = [_first_of(n) for n in range(-(-months // step) * step, months + about * step + step + 1, step)]
        inside = [at for at in firsts if start <= at.timestamp() <= end]
        if firsts[-1].timestamp() > end and len(inside) <= about:
            return [(at.timestamp(), date_format(at, "Y" if step >= 12 else "M Y")) for at in inside]
    return []


def _first_of(months: int) -> datetime:
    return datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC)


def _tick_text(at: float, step: float) -> str:
    moment = datetime.fromtimestamp(at, UTC)
    return date_format(moment, "H:i" if step < _DAY and moment.hour else "j M")


def time_chart(
    series: Series,
    *,
    end: float,
    title: str,
    x_label: str,
    y_label: str,
    read: Callable[[float, float], str] | None = None,
    kind: str = "bars",
    height: float = HEIGHT,
    window: tuple[float, float] | None = None,
) -> SafeString:
    """Return counts over time as SVG: each point stands from its x up to the next one's, the last up to `end`.

    `kind`: "bars" (one area where they would be too thin), "area", or "line" (through the points as they are). `window` marks a part
    of the time that was chosen. `read` says what a point means, for what is under the pointer.
    """
    xs = [x for x, _ in series.points] or [end - _DAY]
    ticks = time_ticks(xs[0], end)
    top = max([y for _, y in series.points] or [0.0])
    frame = _Frame([x for x, _ in ticks], nice_ticks(0.0, max(top, 4.0), 5 if height >= HEIGHT else 2), x_range=(xs[0], end), height=height)
    words = dict(ticks)
    parts = frame.axes(x_label, y_label, lambda x: words[x])
    if window:
        low, high = (min(max(frame.x(x), LEFT), WIDTH - RIGHT) for x in window)
        parts.append(f'<rect class="fig-window" x="{low:.1f}" y="{TOP}" width="{high - low:.1f}" height="{height - BOTTOM - TOP}"/>')
    parts.append(f'<g class="fig-{escape(series.look)}">{_over_time(frame, series, end, kind, read)}</g>')
    middles = [(x + after) / 2 if kind != "line" else x for x, after in zip(xs, [*xs[1:], end], strict=True)]
    reading = [(frame.x(x), read(*point)) for x, point in zip(middles, series.points, strict=False)] if read else ()
    return _wrap(title, parts, [series], height=height, reading=reading)


def _over_time(frame: _Frame, series: Series, end: float, kind: str, read: Callable[[float, float], str] | None) -> str:
    """Bars, an area or a line."""
    points, base = series.points, frame.y(0)
    if kind == "line" or not points:
        return f'<polyline class="fig-line" points="{" ".join(f"{frame.x(x):.1f},{frame.y(y):.1f}" for x, y in points)}"/>'
    edges = [frame.x(x) for x, _ in points] + [frame.x(end)]
    if kind == "area" or (edges[-1] - edges[0]) / len(points) < _THINNEST:
        path = " ".join(f"{a:.1f},{frame.y(y):.1f} {b:.1f},{frame.y(y):.1f}" for a, b, (_, y) in zip(edges, edges[1:], points, strict=False))
        return f'<polygon class="fig-bar" points="{edges[0]:.1f},{base:.1f} {path} {edges[-1]:.1f},{base:.1f}"/>'
    bars = []
    for a, b, (x, y) in zip(edges, edges[1:], points, strict=False):
        width = min(0.85 * (b - a), WIDEST)
        words = f"<title>{escape(read(x, y))}</title>" if read else ""
        bars.append(
            f'<rect class="fig-bar" x="{(a + b - width) / 2:.1f}" y="{frame.y(y):.1f}" width="{width:.1f}" '
            f'height="{max(0.0, base - frame.y(y)):.1f}">{words}</rect>'
        )
    return "".join(bars)
