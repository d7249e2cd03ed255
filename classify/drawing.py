"""Drawn lines: whether they lie on their frame. Pure functions; errors name the field."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from classify.steps import BadField

MARGIN_PX = 16.0  # a mark may end a little outside the frame: trails leave it
_ENDS = ("x1", "y1", "x2", "y2")


class CleanMark(NamedTuple):
    """A checked line: frame number and both ends in cutout pixels (0-based pixel centres). `step`: where it was drawn; see `walking`."""

    step: str
    frame: int
    x1: float
    y1: float
    x2: float
    y2: float
    suggestion: str

    def said(self) -> dict[str, Any]:
        """The line as it stands in annotations."""
        ends = {name: getattr(self, name) for name in ("frame", *_ENDS)}
        return {**ends, "suggestion": self.suggestion} if self.suggestion else ends

    def is_said(self, said: Any) -> bool:
        """Whether this line of an annotation is the same line."""
        same = isinstance(said, Mapping) and (said.get("frame") or 0) == self.frame
        return same and all(said.get(name) == getattr(self, name) for name in _ENDS)


def clean_marks(marks: Any, *, most: int, sizes: Sequence[tuple[int, int]], suggestions: Sequence[str]) -> list[CleanMark]:
    """Return the marks with finite ends inside their frame (and a margin of 16 px). `sizes` are (width, height) per frame.

    `most`: how many the answer takes.
    """
    if not isinstance(marks, list):
        raise BadField("marks", _("Marks are a list of lines."))
    if len(marks) > most:
        if not most:
            raise BadField("marks", _("Nothing is marked after this answer."))
        raise BadField("marks", _("At most %(most)d lines can be marked; these are %(n)d.") % {"most": most, "n": len(marks)})
    return [_clean_mark(number, mark, sizes, suggestions) for number, mark in enumerate(marks)]


def _clean_mark(number: int, mark: Any, sizes: Sequence[tuple[int, int]], suggestions: Sequence[str]) -> CleanMark:
    where = f"marks[{number}]"
    if not isinstance(mark, Mapping):
        raise BadField(where, _("A mark is an object with x1, y1, x2, y2."))
    frame = mark.get("frame", 0)
    if type(frame) is not int or not 0 <= frame < len(sizes):
        raise BadField(f"{where}.frame", _("%(frame)s is not a frame of this subject; it has %(n)d.") % {"frame": repr(frame)[:20], "n": len(sizes)})
    width, height = sizes[frame]
    x1, x2 = (_inside(mark, where, name, width) for name in ("x1", "x2"))
    y1, y2 = (_inside(mark, where, name, height) for name in ("y1", "y2"))
    if (x1, y1) == (x2, y2):
        raise BadField(where, _("Both ends are the same point."))
    suggestion = mark.get("suggestion") or ""
    if suggestion and suggestion not in suggestions:
        raise BadField(f"{where}.suggestion", _("%(suggestion)s was not suggested.") % {"suggestion": repr(suggestion)[:80]})
    return CleanMark("", frame, x1, y1, x2, y2, str(suggestion))


def _inside(mark: Mapping[str, Any], where: str, name: str, size: int) -> float:
    """Return one coordinate, finite and within the margin around pixel centres 0 to size - 1."""
    value = mark.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value or value in {math.inf, -math.inf}:
        raise BadField(f"{where}.{name}", _("This must be a finite number."))
    if not -MARGIN_PX <= value <= size - 1 + MARGIN_PX:
        raise BadField(f"{where}.{name}", _("%(value)s lies outside the frame (0 to %(last)d).") % {"value": str(value)[:20], "last": size - 1})
    return float(value)
