"""Shares with what they may be: 95 % intervals of counts, and figures that show them as bands and whiskers."""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from django.utils.html import escape
from django.utils.safestring import SafeString

from core.figures import Series, _Frame, _wrap, nice_ticks, short

Z_95 = 1.959963984540054
PERCENT_TICKS = [0.0, 25.0, 50.0, 75.0, 100.0]


class Share(NamedTuple):
    """k of n, and between which shares (0 to 1) the true one lies with 95 % confidence."""

    k: int
    n: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """k / n; 0 of 0 is 0."""
        return self.k / self.n if self.n else 0.0


def share_of(k: int, n: int, z: float = Z_95) -> Share:
    """Return k of n with its Wilson score interval (Wilson 1927; Brown, Cai & DasGupta 2001, Statistical Science 16, 101).

    It is right for few counts and for shares near 0 and 1, too. Of nothing everything may be true: 0 to 1. ValueError unless 0 <= k <= n.
    """
    if not 0 <= k <= n:
        raise ValueError(f"{k} of {n} is no share.")
    if n == 0:
        return Share(0, 0, 0.0, 1.0)
    p, z2 = k / n, z * z
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = z / (1 + z2 / n) * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    return Share(k, n, 0.0 if k == 0 else max(0.0, middle - half), 1.0 if k == n else min(1.0, middle + half))


def share_chart(
    points: Sequence[tuple[float, Share]],
    *,
    title: str,
    x_label: str,
    y_label: str,
    read: Callable[[float, Share], str],
    x_text: Callable[[float], str] = short,
    x_ticks: Sequence[float] = (),
    look: str = "people",
    joined: bool = False,
    reference: Sequence[tuple[float, float]] = (),
) -> SafeString:
    """Return shares in per cent over x as SVG: dots with whiskers, or a line in a band where they are `joined`.

    `read` puts a point in words; `x_ticks` cover all points (round values are found where none are given); `reference`: a line to
    compare with.
    """
    xs = [x for x, _ in points] or [0.0, 1.0]
    ticks = list(x_ticks) or (nice_ticks(min(xs), max(xs)) if max(xs) > min(xs) else [xs[0] - 1, xs[0], xs[0] + 1])
    frame = _Frame(ticks, PERCENT_TICKS)
    parts = frame.axes(x_label, y_label, x_text)
    line = " ".join(f"{frame.x(x):.1f},{frame.y(y):.1f}" for x, y in reference)
    parts += [f'<g class="fig-plain"><polyline class="fig-line" points="{line}"/></g>'] if line else []
    inner = _band(frame, points) if joined else "".join(_whisker(frame, x, share) for x, share in points)
    dots = "".join(
        f'<circle class="fig-dot" cx="{frame.x(x):.1f}" cy="{frame.y(100 * share.share):.1f}" r="4"><title>{escape(read(x, share))}</title></circle>'
        for x, share in points
    )
    parts.append(f'<g class="fig-{escape(look)}">{inner}{dots}</g>')
    return _wrap(title, parts, [Series(title, [])])


def _whisker(frame: _Frame, x: float, share: Share) -> str:
    at, low, high = frame.x(x), frame.y(100 * share.low), frame.y(100 * share.high)
    return f'<path class="fig-whisker" d="M{at:.1f} {low:.1f}V{high:.1f}M{at - 5:.1f} {low:.1f}h10M{at - 5:.1f} {high:.1f}h10"/>'


def _band(frame: _Frame, points: Sequence[tuple[float, Share]]) -> str:
    upper = [f"{frame.x(x):.1f},{frame.y(100 * share.high):.1f}" for x, share in points]
    lower = [f"{frame.x(x):.1f},{frame.y(100 * share.low):.1f}" for x, share in reversed(points)]
    line = " ".join(f"{frame.x(x):.1f},{frame.y(100 * share.share):.1f}" for x, share in points)
    return f'<polygon class="fig-band" points="{" ".join([*upper, *lower])}"/><polyline class="fig-line" points="{line}"/>'
