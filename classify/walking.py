"""The way that one answer takes through a workflow's steps: which step each mark belongs to, and what was answered to later questions.

What a client leaves out is derived where only one answer fits: more marks than were drawn so far mean the answer that leads to drawing,
no more marks the one that does not. A question that no answer was given to, and none follows for, ends the way. Pure; errors name the field.
"""

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from classify import steps
from classify.drawing import CleanMark
from classify.steps import BadField


def walk(data: Mapping[str, Any], answer: str, marks: Sequence[CleanMark], annotations: Mapping[str, Any]) -> tuple[list[CleanMark], dict[str, Any]]:
    """Return (marks, each with its step; annotations, complete). `marks` are in the order in which they were drawn.

    Annotations of steps: the first question's key, a list of keys for each later question in the order asked, a list of marks for each
    drawing step. What contradicts the answer, the marks or the version raises BadField (`annotations.T2`). Other tasks' are kept as they are.
    """
    walker = _Walker(data, answer, deque(marks))
    other = {name: value for name, value in annotations.items() if name not in data["steps"]}
    walker.told = {name: _told(data, name, value) for name, value in annotations.items() if name in data["steps"]}
    if walker.told.pop(data["first"], [answer]) not in ([], [answer]):
        raise _contradiction(data["first"])
    walker.go()
    return walker.drawn, {**walker.said, data["first"]: answer, **other}


def _told(data: Mapping[str, Any], name: str, value: Any) -> list[Any]:
    """What a client says of one step, as a list."""
    if value is None:
        return []
    if data["steps"][name]["type"] == steps.SEGMENT:
        if not isinstance(value, list):
            raise BadField(f"annotations.{name}", _("Marks are a list of lines."))
        return value
    keys = value if isinstance(value, list) else [value]
    known = steps.keys_of(data["steps"][name])
    for key in keys:
        if key not in known:
            raise BadField(f"annotations.{name}", steps.not_one_of(key, known))
    return keys


def _contradiction(name: str) -> BadField:
    return BadField(f"annotations.{name}", _("This does not fit the answer and the marks."))


@dataclass
class _Walker:
    data: Mapping[str, Any]
    answer: str
    left: deque[CleanMark]  # marks that no step has taken yet
    told: dict[str, list[Any]] = field(default_factory=dict)
    said: dict[str, Any] = field(default_factory=dict)
    drawn: list[CleanMark] = field(default_factory=list)
    visits: Counter[str] = field(default_factory=Counter)
    ended_by: str = ""  # the question whose given answer was the last one

    def go(self) -> None:
        first = self.data["first"]
        self.said[first] = self.answer
        at = steps.after(self.data["steps"][first], self.answer)
        while at:
            at = self._draw(at) if self.data["steps"][at]["type"] == steps.SEGMENT else self._ask(at)
        for name, told in self.told.items():
            if len(told) != len(self.said.get(name, ())):
                raise _contradiction(name)
        if self.left:
            raise _contradiction(self.ended_by) if self.ended_by else BadField("marks", _("These are more lines than can be marked."))

    def _draw(self, name: str) -> str:
        """Take the marks that are drawn at this step: all that it takes, or those that the client says were drawn here."""
        step, told = self.data["steps"][name], self.told.get(name)
        if self.visits[name] >= steps.visits_of(step):
            return ""
        self.visits[name] += 1
        taken = self.said.setdefault(name, [])
        for _visit in range(steps.marks_per_visit(step)):
            if not self.left or (told is not None and not self._is_next(told, len(taken))):
                break
            mark = self.left.popleft()._replace(step=name)
            self.drawn.append(mark)
            taken.append(mark.said())
        return str(step.get("next", ""))

    def _is_next(self, told: Sequence[Any], place: int) -> bool:
        return place < len(told) and self.left[0].is_said(told[place])

    def _ask(self, name: str) -> str:
        """Follow the answer to a later question: the one given, else the only one that fits."""
        step, asked = self.data["steps"][name], self.said.get(name, [])
        told = self.told.get(name, [])
        key = told[len(asked)] if len(asked) < len(told) else self._derived(name)
        self.ended_by = name if len(asked) < len(told) else ""
        if key is None:
            return ""
        self.said[name] = [*asked, key]
        target = steps.after(step, key)
        if self._is_full(target):
            raise _contradiction(name)
        return target

    def _derived(self, name: str) -> str | None:
        step = self.data["steps"][name]
        fitting = [key for key in steps.keys_of(step) if self._leads_to_drawing(steps.after(step, key)) == bool(self.left)]
        if self.left and len(fitting) > 1:
            raise BadField(f"annotations.{name}", _("The marks do not tell which answer was meant. Send it along."))
        return fitting[0] if len(fitting) == 1 else None

    def _leads_to_drawing(self, target: str) -> bool:
        reached = steps.reachable(self.data, [target], through=lambda name: not self._is_full(name))
        return any(self.data["steps"][name]["type"] == steps.SEGMENT for name in reached)

    def _is_full(self, name: str) -> bool:
        """Whether this is a drawing step that has been visited as often as it may."""
        step = self.data["steps"].get(name)
        return step is not None and step["type"] == steps.SEGMENT and self.visits[name] >= steps.visits_of(step)
