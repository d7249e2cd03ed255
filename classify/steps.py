"""What a workflow asks, and whether a body answers it. Pure functions; errors name the field."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

MARGIN_PX = 16.0  # a mark may end a little outside the frame: trails leave it
MAX_ANNOTATIONS = 20_000  # characters of JSON
MAX_VIEWER = 4_000
MAX_FRAMES = 64
_MAX_MARKS = 5


class BadField(ValueError):
    """A field of a classification that cannot be stored: `field` names it, the message says why."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class CleanMark(NamedTuple):
    """A checked line: frame number and both ends in cutout pixels (0-based pixel centres)."""

    step: str
    frame: int
    x1: float
    y1: float
    x2: float
    y2: float
    suggestion: str


def check_steps(data: Mapping[str, Any]) -> None:
    """Refuse steps that cannot be walked: no first question, not 2-8 answers with keys of their own, or a next that is no step."""
    steps, first = data.get("steps", {}), data.get("first", "")
    if first not in steps or steps[first].get("type") != "single":
        raise BadField("first", _("The first step must be a question with answers."))
    for name, step in steps.items():
        keys = [answer["key"] for answer in step.get("answers", [])]
        if step.get("type") == "single" and not (2 <= len(keys) <= 8 and len(set(keys)) == len(keys) and all(keys)):
            raise BadField(name, _("A question has 2 to 8 answers, each with a key of its own."))
        following = [step.get("next", ""), *(answer.get("next", "") for answer in step.get("answers", []))]
        if any(target and target not in steps for target in following):
            raise BadField(name, _("A step leads to one that does not exist."))


def answer_keys(data: Mapping[str, Any]) -> list[str]:
    """Return the answer keys of the first step."""
    return [str(answer["key"]) for answer in data["steps"][data["first"]]["answers"]]


def segment_step(data: Mapping[str, Any], answer: str) -> tuple[str, int] | None:
    """Return (name, most marks) of the first drawing step that follows this answer; None where nothing is drawn."""
    steps = data["steps"]
    chosen = next(option for option in steps[data["first"]]["answers"] if option["key"] == answer)
    name, seen = chosen.get("next", ""), set[str]()
    while name and name not in seen:
        seen.add(name)
        step = steps[name]
        if step.get("type") == "segment":
            return name, int(step.get("max", _MAX_MARKS))
        name = step.get("next", "")
    return None


def clean_answer(data: Mapping[str, Any], answer: Any) -> str:
    """Return the answer if the version has it."""
    keys = answer_keys(data)
    if answer not in keys:
        raise BadField("answer", _("%(answer)s is not one of: %(keys)s.") % {"answer": repr(answer), "keys": ", ".join(keys)})
    return str(answer)


def clean_marks(data: Mapping[str, Any], answer: str, marks: Any, sizes: Sequence[tuple[int, int]], suggestions: Sequence[str]) -> list[CleanMark]:
    """Return the marks with finite ends inside their frame (and a margin of 16 px). `sizes` are (width, height) per frame."""
    if not isinstance(marks, list):
        raise BadField("marks", _("Marks are a list of lines."))
    if not marks:
        return []
    drawing = segment_step(data, answer)
    if drawing is None:
        raise BadField("marks", _("Nothing is marked after the answer %(answer)s.") % {"answer": repr(answer)})
    step, most = drawing
    if len(marks) > most:
        raise BadField("marks", _("At most %(most)d lines can be marked; these are %(n)d.") % {"most": most, "n": len(marks)})
    return [_clean_mark(number, mark, step, sizes, suggestions) for number, mark in enumerate(marks)]


def _clean_mark(number: int, mark: Any, step: str, sizes: Sequence[tuple[int, int]], suggestions: Sequence[str]) -> CleanMark:
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
    return CleanMark(step, frame, x1, y1, x2, y2, str(suggestion))


def _inside(mark: Mapping[str, Any], where: str, name: str, size: int) -> float:
    """Return one coordinate, finite and within the margin around pixel centres 0 to size - 1."""
    value = mark.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value or value in {math.inf, -math.inf}:
        raise BadField(f"{where}.{name}", _("This must be a finite number."))
    if not -MARGIN_PX <= value <= size - 1 + MARGIN_PX:
        raise BadField(f"{where}.{name}", _("%(value)s lies outside the frame (0 to %(last)d).") % {"value": str(value)[:20], "last": size - 1})
    return float(value)


def clean_object(name: str, value: Any, limit: int) -> dict[str, Any]:
    """Return a JSON object as it came, if it is one and not too large; unknown content is kept verbatim."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadField(name, _("This must be an object."))
    try:
        size = len(json.dumps(value, allow_nan=False))
    except ValueError:
        raise BadField(name, _("Numbers must be finite.")) from None
    if size > limit:
        raise BadField(name, _("This is too large: %(size)d characters of JSON, at most %(limit)d.") % {"size": size, "limit": limit})
    if "\\u0000" in json.dumps(value):
        raise BadField(name, _("The character NUL cannot be stored."))
    return value
