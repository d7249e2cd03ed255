"""Server-rendered SVG figures: classes and attributes only (strict CSP), readable in dark and light, axes with units.

Series take their look from a class: `people`, `machine`, `known`, `truth`, `rejected` or `plain` (see static/css/figures.css).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.formats import get_format
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

WIDTH, HEIGHT = 640, 260
LEFT, RIGHT, TOP, BOTTOM = 56, 12, 12, 44
WIDEST = 64.0  # bar: a few of them are bars, too, and not a wall


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

    def __init__(self, x_ticks: list[float], y_ticks: list[float]) -> None:
        self.x_ticks, self.y_ticks = x_ticks, y_ticks

    def x(self, value: float) -> float:
        low, high = self.x_ticks[0], self.x_ticks[-1]
        return LEFT + (value - low) / ((high - low) or 1) * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        low, high = self.y_ticks[0], self.y_ticks[-1]
        return HEIGHT - BOTTOM - (value - low) / ((high - low) or 1) * (HEIGHT - TOP - BOTTOM)

    def axes(self, x_label: str, y_label: str, x_text: Callable[[float], str]) -> list[str]:
        parts = []
        for tick in self.y_ticks:
            y = self.y(tick)
            parts.append(f'<line class="fig-grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
            parts.append(f'<text class="fig-tick" x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{short(tick)}</text>')
        for tick in self.x_ticks:
            x = self.x(tick)
            parts.append(f'<text class="fig-tick" x="{x:.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{escape(x_text(tick))}</text>')
        middle = (TOP + HEIGHT - BOTTOM) / 2
        parts.append(f'<text class="fig-label" x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 8}" text-anchor="middle">{escape(x_label)}</text>')
        parts.append(f'<text class="fig-label" transform="translate(14 {middle}) rotate(-90)" text-anchor="middle">{escape(y_label)}</text>')
        return parts


def _wrap(title: str, parts: list[str], series: Sequence[Series]) -> SafeString:
    legend = ""
    if len(series) > 1:
        items = "".join(
            f'<li class="fig-key fig-{escape(s.look)}"><svg viewBox="0 0 24 8" width="24" height="8" aria-hidden="true">'
            f'<line class="fig-line" x1="0" x2="24" y1="4" y2="4"/></svg>{escape(s.name)}</li>'
            for s in series
        )
        legend = f'<ul class="fig-legend">{items}</ul>'
    svg = (
        f'<svg class="fig" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}" preserveAspectRatio="xMidYMid meet">'
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
) -> SafeString:
    """Return a line chart as SVG. Empty series draw the empty axes; points must be finite."""
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
    return _wrap(title, parts, series)


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
