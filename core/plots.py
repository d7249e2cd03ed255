"""More figures like those of `core.figures`: stacked bars, a table of shares as a grid, and estimates with their intervals."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from core.figures import BOTTOM, HEIGHT, LEFT, RIGHT, WIDEST, WIDTH, _Frame, nice_ticks, short

TONES = 5  # of one colour, from strong to faint: parts of one whole
_CELL, _HEAD, _SIDE = 46, 44, 150
_ROW, _NAMES, _NUMBERS = 34, 170, 150


def _svg(title: str, height: float, parts: Sequence[str]) -> str:
    name = escape(title)
    return f'<svg class="fig" viewBox="0 0 {WIDTH} {height:g}" role="img" aria-label="{name}"><title>{name}</title>{"".join(parts)}</svg>'


def _tone(place: int) -> str:
    return f"fig-tone-{min(place, TONES - 1)}"


def _legend(names: Sequence[str]) -> str:
    items = "".join(
        f'<li class="fig-key"><svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true" class="fig-swatch {_tone(place)}">'
        f'<rect class="fig-bar" x="0.5" y="0.5" width="15" height="15"/></svg>{escape(name)}</li>'
        for place, name in enumerate(names)
    )
    return f'<ul class="fig-legend">{items}</ul>' if len(names) > 1 else ""


def stacked_chart(
    layers: Sequence[tuple[str, Sequence[float]]], *, labels: Sequence[str], title: str, x_label: str, y_label: str, every: int | None = None
) -> SafeString:
    """Return stacked bars as SVG: one bar for each of `labels`, one tone for each layer (name, values), the first one at the bottom."""
    count = max(1, len(labels))
    tops = [sum(values[i] for _, values in layers) for i in range(len(labels))]
    frame = _Frame([-0.5, count - 0.5], nice_ticks(0.0, max(tops, default=1.0) or 1.0))
    parts = frame.axes(x_label, y_label, lambda _: "")
    width = min(max(1.0, 0.8 * (WIDTH - LEFT - RIGHT) / count), WIDEST)
    step = every or max(1, math.ceil(count / 10))
    for i, label in enumerate(labels):
        base = 0.0
        for place, (name, values) in enumerate(layers):
            if values[i]:
                low, high = frame.y(base), frame.y(base + values[i])
                words = f"{label}: {short(values[i])} {name}" if len(layers) > 1 else f"{label}: {short(values[i])}"
                parts.append(
                    f'<g class="{_tone(place)}"><rect class="fig-bar" x="{frame.x(i) - width / 2:.1f}" y="{high:.1f}" width="{width:.1f}" '
                    f'height="{low - high:.1f}"><title>{escape(words)}</title></rect></g>'
                )
                base += values[i]
        if i % step == 0:
            parts.append(f'<text class="fig-tick" x="{frame.x(i):.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{escape(label)}</text>')
    return mark_safe(f"{_legend([name for name, _ in layers])}{_svg(title, HEIGHT, parts)}")  # noqa: S308 - every piece of text is escaped


def grid_chart(
    cells: Sequence[Sequence[tuple[float, str]]], *, rows: Sequence[str], columns: Sequence[str], title: str, row_label: str, column_label: str
) -> SafeString:
    """Return a table as SVG whose cells (share from 0 to 1, text) are filled by their share. What lies on the diagonal gets a frame."""
    width = (WIDTH - _SIDE - RIGHT) / max(1, len(columns))
    parts = [f'<text class="fig-label" x="{_SIDE + width * len(columns) / 2:.1f}" y="14" text-anchor="middle">{escape(column_label)}</text>']
    parts.append(f'<text class="fig-label" x="4" y="{_HEAD - 8}">{escape(row_label)}</text>')
    for j, name in enumerate(columns):
        parts.append(f'<text class="fig-tick" x="{_SIDE + (j + 0.5) * width:.1f}" y="{_HEAD - 8}" text-anchor="middle">{escape(name)}</text>')
    for i, (name, line) in enumerate(zip(rows, cells, strict=True)):
        top = _HEAD + i * _CELL
        parts.append(f'<text class="fig-tick" x="{_SIDE - 8}" y="{top + _CELL / 2 + 4:.1f}" text-anchor="end">{escape(name)}</text>')
        for j, (share, text) in enumerate(line):
            x, frame = _SIDE + j * width, " fig-cell-right" if i == j else ""
            box = f'x="{x + 1:.1f}" y="{top + 1}" width="{width - 2:.1f}" height="{_CELL - 2}"'
            parts.append(f'<rect class="fig-fill" {box} fill-opacity="{0.55 * share:.3f}"/><rect class="fig-cell{frame}" {box}/>')
            parts.append(f'<text class="fig-label" x="{x + width / 2:.1f}" y="{top + _CELL / 2 + 4:.1f}" text-anchor="middle">{escape(text)}</text>')
    return mark_safe(_svg(title, _HEAD + _CELL * len(rows) + 4, parts))  # noqa: S308 - every piece of text is escaped


class Estimated(NamedTuple):
    """A row of `interval_chart`: an estimate with its interval, and what a plain count says, in shares of the axis' unit; `text` at its end."""

    name: str
    value: float
    low: float
    high: float
    plain: float
    text: str


def interval_chart(rows: Sequence[Estimated], *, title: str, x_label: str, names: tuple[str, str]) -> SafeString:
    """Return estimates as SVG: a dot with whiskers for each, and a hollow diamond where a plain count stands. `names`: of both."""
    top = max([max(row.high, row.plain) for row in rows] or [1.0]) or 1.0
    ticks = nice_ticks(0.0, top, 4)
    bottom = _ROW * len(rows) + 8

    def x(value: float) -> float:
        return _NAMES + max(0.0, value) / ticks[-1] * (WIDTH - _NAMES - _NUMBERS)

    parts = []
    for tick in ticks:
        parts.append(f'<line class="fig-grid" x1="{x(tick):.1f}" x2="{x(tick):.1f}" y1="4" y2="{bottom}"/>')
        parts.append(f'<text class="fig-tick" x="{x(tick):.1f}" y="{bottom + 16}" text-anchor="middle">{short(tick)}</text>')
    for i, row in enumerate(rows):
        y = _ROW * i + 8 + _ROW / 2
        parts.append(f'<text class="fig-label" x="{_NAMES - 10}" y="{y + 4:.1f}" text-anchor="end">{escape(row.name)}</text>')
        whisker = f"M{x(row.low):.1f} {y:.1f}H{x(row.high):.1f}M{x(row.low):.1f} {y - 5:.1f}v10M{x(row.high):.1f} {y - 5:.1f}v10"
        dot = f'<circle class="fig-dot" cx="{x(row.value):.1f}" cy="{y:.1f}" r="5"/>'
        parts.append(f'<g class="fig-people"><path class="fig-whisker" d="{whisker}"/>{dot}</g>')
        parts.append(f'<path class="fig-hollow" d="{_diamond(x(row.plain), y)}"/>')
        parts.append(f'<text class="fig-tick" x="{WIDTH - _NUMBERS + 10}" y="{y + 4:.1f}">{escape(row.text)}</text>')
    parts.append(f'<text class="fig-label" x="{(_NAMES + WIDTH - _NUMBERS) / 2}" y="{bottom + 36}" text-anchor="middle">{escape(x_label)}</text>')
    shapes = ('<circle class="fig-dot" cx="8" cy="8" r="5"/>', f'<path class="fig-hollow" d="{_diamond(8, 8)}"/>')
    keys = "".join(
        f'<li class="fig-key"><svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true" class="fig-swatch fig-people">{shape}</svg>'
        f"{escape(name)}</li>"
        for shape, name in zip(shapes, names, strict=True)
    )
    return mark_safe(f'<ul class="fig-legend">{keys}</ul>{_svg(title, bottom + 44, parts)}')  # noqa: S308 - every piece of text is escaped


def _diamond(x: float, y: float) -> str:
    return f"M{x:.1f} {y - 6:.1f}l6 6l-6 6l-6 -6z"
