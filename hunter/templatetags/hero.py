"""The picture on the home page: which part of it is shown."""

from collections.abc import Mapping
from typing import Any

from django import template

register = template.Library()

ASPECT = 0.58  # height of the part over its width
ROOM = 3.0  # widths of the part per length of the trail
LEAST_PX = 480.0
TRAIL_AT = 0.6  # the words stand at the left


@register.filter
def view_box(hero: Mapping[str, Any]) -> str:
    """Return an SVG viewBox, in cutout pixels (edges), that shows the trail large and right of the words.

    `hero` has `points` (0-based pixel centres), `width` and `height`. The part may reach beyond the left edge of the image, where
    the page is dark anyway, but not beyond the others.
    """
    (x1, y1), (x2, y2) = hero["points"][0], hero["points"][-1]
    width, height = float(hero["width"]), float(hero["height"])
    w = min(max(ROOM * max(abs(x2 - x1), abs(y2 - y1) / ASPECT), LEAST_PX), width, height / ASPECT)
    h = ASPECT * w
    x = min(max((x1 + x2) / 2 + 0.5 - TRAIL_AT * w, max(x1, x2) + 1 - w), width - w)
    y = min(max((y1 + y2) / 2 + 0.5 - h / 2, 0.0), height - h)
    return f"{x:.1f} {y:.1f} {w:.1f} {h:.1f}"
