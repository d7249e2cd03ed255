"""The steps of a workflow as the editor shows them: lines of text that may still be wrong, read from a form and made into steps.

Nothing that was typed is lost: what cannot be used stays in its line, with the reason beside it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from classify.changes import MAX_KEY, make_key
from classify.lab.answers import POLICY_WORDS, Answer, lay

MAX_STEPS, MAX_ANSWERS, MIN_ANSWERS = 30, 8, 2
MAX_LINE, MAX_LABEL, MAX_HELP, MAX_NUMBER = 300, 80, 5000, 50
SINGLE, SEGMENT = "single", "segment"
_STEP_WORDS = ("name", "type", "question", "blind_question", "instruction", "blind_instruction", "help", "max", "repeat", "next")
_ANSWER_WORDS = ("key", "label", "next", *POLICY_WORDS)
_NAME, _NUMBERED = re.compile(r"[A-Za-z0-9_-]{1,20}", re.ASCII), re.compile(r"T(\d{1,3})", re.ASCII)
_KEY = re.compile(rf"[a-z0-9_-]{{1,{MAX_KEY}}}")


@dataclass
class Step:
    """A question (`single`) or a drawing step (`segment`)."""

    name: str
    type: str = SINGLE
    question: str = ""
    blind_question: str = ""
    instruction: str = ""
    blind_instruction: str = ""
    help: str = ""
    max: str = "1"
    repeat: str = "1"
    next: str = ""
    answers: list[Answer] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    fresh: bool = False

    @property
    def says(self) -> str:
        """What the step asks or tells, for lists of steps."""
        return self.question if self.type == SINGLE else self.instruction


@dataclass
class Sheet:
    """All steps in order; the first is where everybody begins."""

    steps: list[Step]
    error: str = ""

    @property
    def is_marked(self) -> bool:
        """Some step asks people to draw."""
        return any(step.type == SEGMENT for step in self.steps)

    @property
    def is_right(self) -> bool:
        """Nothing was found wrong."""
        return not self.error and not any(
            step.errors or any(answer.error or answer.key_error or answer.rule_error for answer in step.answers) for step in self.steps
        )


def blank_sheet() -> Sheet:
    """What the editor of a new workflow begins with: one question with two answers, without words."""
    return Sheet([Step("T0", answers=[Answer(), Answer()])])


# --- from steps ----------------------------------------------------------------------------------


def sheet_of(steps: Mapping[str, Any], policy: Mapping[str, Any]) -> Sheet:
    """Lay out steps and what the policy says of each answer."""
    first = steps["first"]
    names = sorted(steps["steps"], key=lambda name: (name != first, len(name), name))
    sheet = Sheet([_step_of(name, steps["steps"][name]) for name in names])
    lay(sheet.steps[0].answers, policy)
    return sheet


def _step_of(name: str, step: Mapping[str, Any]) -> Step:
    words: dict[str, Any] = {word: str(step.get(word, "")) for word in _STEP_WORDS if word not in {"name", "max", "repeat"}}
    answers = [Answer(str(answer["key"]), str(answer["label"]), str(answer.get("next", ""))) for answer in step.get("answers", ())]
    return Step(name=name, max=str(step.get("max", 5)), repeat=str(step.get("repeat", 1)), answers=answers, **words)


def fix_keys(sheet: Sheet, published: Mapping[str, Any]) -> None:
    """Mark the answers whose keys stand in a published version's steps: votes, known answers and exports may say them."""
    for step in sheet.steps:
        known = {answer["key"] for answer in published.get(step.name, {}).get("answers", ())}
        for answer in step.answers:
            answer.fixed = answer.key in known
            known.discard(answer.key)


# --- from a form ---------------------------------------------------------------------------------


def read(post: Mapping[str, str]) -> Sheet:
    """Read what an editor sent, as it is."""
    steps: list[Step] = []
    for number in range(MAX_STEPS):
        name = post.get(f"step-{number}-name", "")
        if not _NAME.fullmatch(name) or any(step.name == name for step in steps):
            break
        words: dict[str, Any] = {word: _line(post.get(f"step-{number}-{word}", ""), word) for word in _STEP_WORDS}
        words["type"] = SEGMENT if words["type"] == SEGMENT else SINGLE
        steps.append(Step(**words, answers=list(_answers(post, f"step-{number}"))))
    return Sheet(steps) if steps else blank_sheet()


def _answers(post: Mapping[str, str], before: str) -> Iterator[Answer]:
    for number in range(MAX_ANSWERS):
        if f"{before}-answer-{number}-label" not in post:
            return
        words: dict[str, Any] = {word: _line(post.get(f"{before}-answer-{number}-{word}", ""), word) for word in _ANSWER_WORDS}
        yield Answer(**words)


def _line(text: str, word: str) -> str:
    """Line ends stay in Markdown only; what cannot be stored goes."""
    text = text.replace("\r\n", "\n").replace("\x00", "")
    return text.strip() if word == "help" else " ".join(text.split())


# --- adding and taking away ----------------------------------------------------------------------


def act(sheet: Sheet, action: str) -> None:
    """Do what a button of the editor says: `add-answer 0`, `drop-answer 0 2`, `raise-answer 0 2`, `add-question`, `add-drawing`, `drop-step 1`."""
    verb, *numbers = action.split() or [""]
    places = [int(number) for number in numbers if number.isdecimal()]
    step = sheet.steps[places[0]] if places and places[0] < len(sheet.steps) else None
    if verb in {"add-question", "add-drawing"} and len(sheet.steps) < MAX_STEPS:
        _add_step(sheet, verb == "add-drawing")
    elif step and verb == "drop-step" and step is not sheet.steps[0]:
        _drop_step(sheet, step)
    elif step and verb == "add-answer" and len(step.answers) < MAX_ANSWERS:
        step.answers.append(Answer(fresh=True))
    elif step and len(places) == 2 and places[1] < len(step.answers):
        _move_answer(step.answers, places[1], verb)


def _add_step(sheet: Sheet, drawing: bool) -> None:
    number = 1 + max((int(found[1]) for step in sheet.steps if (found := _NUMBERED.fullmatch(step.name))), default=0)
    made = Step(f"T{number}", SEGMENT, fresh=True) if drawing else Step(f"T{number}", answers=[Answer(), Answer()], fresh=True)
    sheet.steps.append(made)


def _drop_step(sheet: Sheet, gone: Step) -> None:
    sheet.steps.remove(gone)
    for step in sheet.steps:
        places: list[Step | Answer] = [step, *step.answers]
        for place in places:
            if place.next == gone.name:
                place.next = ""


def _move_answer(answers: list[Answer], place: int, verb: str) -> None:
    if verb == "drop-answer":
        del answers[place]
    elif verb == "raise-answer" and place:
        answers[place - 1], answers[place] = answers[place], answers[place - 1]


# --- to steps ------------------------------------------------------------------------------------


def steps_from(sheet: Sheet) -> dict[str, Any]:
    """Make steps of a sheet. What is wrong is written beside it (`sheet.is_right` tells); answers without a key get one."""
    return {"first": sheet.steps[0].name, "steps": {step.name: _made(step, {other.name for other in sheet.steps}) for step in sheet.steps}}


def _made(step: Step, names: set[str]) -> dict[str, Any]:
    words = ("question", "blind_question", "help") if step.type == SINGLE else ("instruction", "blind_instruction", "help")
    made: dict[str, Any] = {"type": step.type}
    for word in words:
        _check_words(step, word)
        if value := getattr(step, word):
            made[word] = value
    if step.type == SINGLE:
        _check_answers(step, names)
        made["answers"] = [{"key": answer.key, "label": answer.label, "next": answer.next} for answer in step.answers]
        return made
    if step.next and step.next not in names:
        step.errors["next"] = _("Choose a step that exists.")
    repeat = _whole(step, "repeat")
    return {**made, "max": _whole(step, "max"), **({"repeat": repeat} if repeat != 1 else {}), "next": step.next}


def _check_words(step: Step, word: str) -> None:
    text, limit = getattr(step, word), MAX_HELP if word == "help" else MAX_LINE
    if word in {"question", "instruction"} and not text:
        step.errors[word] = _("Write what people are asked.") if word == "question" else _("Write what people are to mark.")
    elif len(text) > limit:
        step.errors[word] = _("At most %(limit)d characters; these are %(n)d.") % {"limit": limit, "n": len(text)}


def _whole(step: Step, word: str) -> int:
    text = getattr(step, word)
    if text.isascii() and text.isdecimal() and 1 <= int(text[:4]) <= MAX_NUMBER:
        return int(text[:4])
    step.errors[word] = _("A whole number from 1 to %(most)d.") % {"most": MAX_NUMBER}
    return 1


def _check_answers(step: Step, names: set[str]) -> None:
    if not MIN_ANSWERS <= len(step.answers) <= MAX_ANSWERS:
        step.errors["answers"] = _("A question has 2 to 8 answers.")
    taken = [answer.key for answer in step.answers if answer.key]
    for answer in step.answers:
        if not answer.label or len(answer.label) > MAX_LABEL:
            answer.error = _("An answer has 1 to %(limit)d characters.") % {"limit": MAX_LABEL}
        elif [other.label for other in step.answers].count(answer.label) > 1:
            answer.error = _("Two answers say the same.")
        elif not answer.key:
            answer.key = make_key(answer.label, taken)
            taken.append(answer.key)
        if answer.key:
            _check_key(answer, taken)
        if answer.next and answer.next not in names:
            answer.error = _("Choose a step that exists.")


def _check_key(answer: Answer, taken: Sequence[str]) -> None:
    if not answer.fixed and not _KEY.fullmatch(answer.key):
        answer.key_error = _("A key has 1 to %(limit)d small letters a to z, digits, _ and -.") % {"limit": MAX_KEY}
    elif taken.count(answer.key) > 1:
        answer.key_error = _("Another answer to this question has the same key.")
