"""What a workflow asks: its steps, and whether they can be walked. Pure functions; errors name the field.

A step is a question (`single`) whose answers lead on, or a drawing step (`segment`) that takes up to `max` marks each of the `repeat`
times it may be visited. Steps may lead back to earlier ones through a drawing step: "any other?", mark it, "any other?".
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

SINGLE, SEGMENT = "single", "segment"
MOST_MARKS = 5  # of a drawing step that does not say how many it takes
FEWEST_ANSWERS, MOST_ANSWERS = 2, 8
_MOST_STEPS = 30
_MOST_DRAWN = 50  # marks of one drawing step, all its visits together
_MOST_JSON = 64_000
_NAME, _KEY = re.compile(r"[A-Za-z0-9_-]{1,20}", re.ASCII), re.compile(r"[A-Za-z0-9_.-]{1,40}", re.ASCII)
_WORDS = {"question": 300, "instruction": 300, "blind_question": 300, "blind_instruction": 300, "help": 5000}  # most characters


class BadField(ValueError):
    """A field that cannot be stored: `field` names it, the message says why."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


# --- what leads where ----------------------------------------------------------------------------


def answer_keys(data: Mapping[str, Any]) -> list[str]:
    """Return the answer keys of the first step."""
    return keys_of(data["steps"][data["first"]])


def keys_of(step: Mapping[str, Any]) -> list[str]:
    """Return the answer keys of a question."""
    return [str(answer["key"]) for answer in step["answers"]]


def clean_answer(data: Mapping[str, Any], answer: Any) -> str:
    """Return the answer if the version has it."""
    keys = answer_keys(data)
    if answer not in keys:
        raise BadField("answer", not_one_of(answer, keys))
    return str(answer)


def not_one_of(answer: Any, keys: list[str]) -> str:
    """The sentence about an answer that a question has not."""
    return _("%(answer)s is not one of: %(keys)s.") % {"answer": repr(answer)[:80], "keys": ", ".join(keys)}


def after(step: Mapping[str, Any], key: str) -> str:
    """The step that an answer leads to; empty at the end."""
    return next((str(answer.get("next", "")) for answer in step["answers"] if answer["key"] == key), "")


def following(step: Mapping[str, Any]) -> list[str]:
    """All steps that may come next."""
    targets = [answer.get("next", "") for answer in step["answers"]] if step["type"] == SINGLE else [step.get("next", "")]
    return [target for target in targets if target]


def visits_of(step: Mapping[str, Any]) -> int:
    """How often a drawing step may be visited."""
    return int(step.get("repeat", 1))


def marks_per_visit(step: Mapping[str, Any]) -> int:
    """How many marks a drawing step takes each time."""
    return int(step.get("max", MOST_MARKS))


def room_after(data: Mapping[str, Any], answer: str) -> int:
    """How many marks can be drawn at most after an answer to the first question."""
    reached = reachable(data, [after(data["steps"][data["first"]], answer)])
    drawing = [step for step in (data["steps"][name] for name in reached) if step["type"] == SEGMENT]
    return sum(marks_per_visit(step) * visits_of(step) for step in drawing)


def reachable(data: Mapping[str, Any], begin: list[str], *, through: Any = None) -> list[str]:
    """The steps that can be reached from these, they included; `through(name)`: whether a step may be passed."""
    found: dict[str, None] = {}
    waiting = [name for name in begin if name]
    while waiting:
        name = waiting.pop()
        if name not in found and (through is None or through(name)):
            found[name] = None
            waiting += following(data["steps"][name])
    return list(found)


# --- whether they can be walked ------------------------------------------------------------------


def check_steps(data: Any) -> None:
    """Refuse steps that cannot be asked: raise BadField naming the step (and what of it), or `steps` or `first`."""
    if not isinstance(data, Mapping) or not isinstance(data.get("steps"), Mapping) or not 0 < len(data["steps"]) <= _MOST_STEPS:
        raise BadField("steps", _("There are 1 to %(most)d steps, each with a name.") % {"most": _MOST_STEPS})
    if len(json.dumps(data, default=str)) > _MOST_JSON:
        raise BadField("steps", _("All steps together are too long."))
    steps, first = data["steps"], data.get("first")
    if not isinstance(first, str) or not isinstance(steps.get(first), Mapping) or steps[first].get("type") != SINGLE:
        raise BadField("first", _("The first step must be a question with answers."))
    for name, step in steps.items():
        _check_step(name, step)
    for name, step in steps.items():
        _check_targets(name, step, steps, first)
    reached = reachable(data, [first])
    if lost := [name for name in steps if name not in reached]:
        raise BadField(lost[0], _("Nothing leads to this step."))
    _check_loops(data)


def _check_step(name: Any, step: Any) -> None:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise BadField("steps", _("A step is named by up to 20 letters, digits, _ or -."))
    if not isinstance(step, Mapping) or step.get("type") not in {SINGLE, SEGMENT}:
        raise BadField(name, _("A step is a question (single) or a drawing step (segment)."))
    for word, most in _WORDS.items():
        if not isinstance(step.get(word, ""), str) or len(step.get(word, "")) > most:
            raise BadField(f"{name}.{word}", _("This must be text of at most %(limit)d characters.") % {"limit": most})
    if step["type"] == SINGLE:
        _check_question(name, step)
    else:
        _check_drawing(name, step)


def _check_question(name: str, step: Mapping[str, Any]) -> None:
    if not step.get("question", "").strip():
        raise BadField(f"{name}.question", _("A question asks something."))
    answers = step.get("answers")
    if not isinstance(answers, list) or not FEWEST_ANSWERS <= len(answers) <= MOST_ANSWERS:
        raise BadField(f"{name}.answers", _("A question has 2 to 8 answers, each with a key of its own."))
    for number, answer in enumerate(answers):
        _check_answer(f"{name}.answers[{number}]", answer)
    if len(set(keys_of(step))) != len(answers):
        raise BadField(f"{name}.answers", _("A question has 2 to 8 answers, each with a key of its own."))


def _check_answer(where: str, answer: Any) -> None:
    if not isinstance(answer, Mapping):
        raise BadField(where, _("An answer has a key and a label."))
    if not isinstance(answer.get("key"), str) or not _KEY.fullmatch(answer["key"]):
        raise BadField(f"{where}.key", _("A key is made of up to 40 letters, digits, _, - or dots."))
    label = answer.get("label")
    if not isinstance(label, str) or not 0 < len(label.strip()) <= 80:
        raise BadField(f"{where}.label", _("A label has 1 to 80 characters."))


def _check_drawing(name: str, step: Mapping[str, Any]) -> None:
    if not step.get("instruction", "").strip():
        raise BadField(f"{name}.instruction", _("A drawing step says what to mark."))
    numbers = {"max": step.get("max", MOST_MARKS), "repeat": step.get("repeat", 1)}
    for word, value in numbers.items():
        if type(value) is not int or not 1 <= value <= _MOST_DRAWN:
            raise BadField(f"{name}.{word}", _("This must be a whole number from 1 to %(most)d.") % {"most": _MOST_DRAWN})
    if numbers["max"] * numbers["repeat"] > _MOST_DRAWN:
        raise BadField(f"{name}.repeat", _("A drawing step takes at most %(most)d marks in all.") % {"most": _MOST_DRAWN})


def _check_targets(name: str, step: Mapping[str, Any], steps: Mapping[str, Any], first: str) -> None:
    for target in following(step):
        if not isinstance(target, str) or target not in steps:
            raise BadField(name, _("A step leads to one that does not exist."))
        if target == first:
            raise BadField(name, _("No step leads back to the first question: its answer is asked once."))


def _check_loops(data: Mapping[str, Any]) -> None:
    """Each loop must pass a drawing step, whose visits are counted: questions alone would go round for ever."""
    steps = data["steps"]
    questions = [name for name, step in steps.items() if step["type"] == SINGLE]
    for name in questions:
        if name in reachable(data, _questions_after(steps, name), through=lambda at: steps[at]["type"] == SINGLE):
            raise BadField(name, _("This question leads back to itself without anything being drawn in between."))


def _questions_after(steps: Mapping[str, Any], name: str) -> list[str]:
    return [target for target in _unique(following(steps[name])) if steps[target]["type"] == SINGLE]


def _unique(names: list[str]) -> Iterator[str]:
    yield from dict.fromkeys(names)
