"""What somebody is told after a vote on a subject whose answer is known: whether it was that, what was to be seen, and where. No queries."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from classify.crowd import consensus
from classify.crowd.consensus import Policy
from classify.models import Classification, GoldKey, Subject
from sky import trails

RIGHT, MISSED, FALSE_ALARM, OTHER = "right", "missed", "false_alarm", "other"
UNMARKED, ENDS_OFF, ELSEWHERE = "unmarked", "ends_off", "elsewhere"
OUTCOMES = (RIGHT, MISSED, FALSE_ALARM, OTHER, UNMARKED, ENDS_OFF, ELSEWHERE)

Segment = tuple[float, float, float, float]


class Line(Protocol):
    """A drawn line, stored or not: the frame it was drawn on, and both ends in cutout pixels."""

    frame: int
    x1: float
    y1: float
    x2: float
    y2: float


class Judged(NamedTuple):
    """How the drawn lines compare with the true ones: how many lie on one, and how many of these have both ends in their places."""

    truths: int
    drawn: int
    found: int
    exact: int


_SAID: dict[str, Any] = {
    RIGHT: gettext_lazy("That is right."),
    MISSED: gettext_lazy("There was something here, and it is easy to miss. Compare the image with the line drawn on it, then look for its like."),
    FALSE_ALARM: gettext_lazy("Nothing of the kind is here this time. Zoom in on what you saw: the field guide shows what looks alike."),
    OTHER: gettext_lazy("This one is known, and the answer is another. The field guide shows how to tell them apart."),
    UNMARKED: gettext_lazy("That is right. Marking both ends makes your answer worth even more: they tell where it was going."),
    ENDS_OFF: gettext_lazy("That is right, but the ends lie elsewhere. Zoom in, and follow the line on both sides until it fades."),
    ELSEWHERE: gettext_lazy("Your answer is right, but the trail is somewhere else: it is drawn here. What you marked is something else."),
}


def feedback_of(vote: Classification, gold: GoldKey, marks: Sequence[Line], *, policy: Policy) -> dict[str, Any]:
    """The part `gold` of a receipt. `marks`: what was drawn with the vote; `policy`: that of the vote's version.

    `message` is in the language that is active; `explanation` in that of the key's row (`Receipt.told` puts another in its place).
    """
    judged = judge_marks(gold, marks, policy)
    outcome = outcome_of(vote.answer, gold, judged, policy)
    injected = injected_of(vote.subject)
    return {
        "right": vote.answer == gold.answer,
        "outcome": outcome,
        "answer": gold.answer,
        "marks": gold.marks,
        "marks_found": judged.found if gold.marks and marks else None,
        "tolerance_px": gold.tolerance_px,
        "message": _message(outcome, judged),
        "explanation": gold.explanation or (_about(injected) if injected else ""),
        "guide": gold.guide,
        "injected": injected,
    }


def judge_marks(gold: GoldKey, marks: Sequence[Line], policy: Policy) -> Judged:
    """Compare drawn lines with the true ones; which end comes first does not matter, and a line counts for one truth only.

    True ends are places on the first frame; what was drawn on another one is compared with none.
    """
    left = [(mark.x1, mark.y1, mark.x2, mark.y2) for mark in marks if mark.frame == 0]
    drawn, found, exact = len(marks), 0, 0
    for mark in gold.marks:
        truth = (mark["x1"], mark["y1"], mark["x2"], mark["y2"])
        near = [line for line in left if consensus.lies_on(line, [truth[:2], truth[2:]], policy) or _gap(line, truth) <= gold.tolerance_px]
        if near:
            best = min(near, key=lambda line: _gap(line, truth))
            left.remove(best)
            found += 1
            exact += _gap(best, truth) <= gold.tolerance_px
    return Judged(len(gold.marks), drawn, found, exact)


def _gap(line: Segment, truth: Segment) -> float:
    """The larger distance of an end from its place, for the better of the two orders."""
    return trails.end_distance([line[:2], line[2:]], [truth[:2], truth[2:]])


def outcome_of(answer: str, gold: GoldKey, judged: Judged, policy: Policy) -> str:
    """Name what became of an answer; which answers say that there is something is a matter of the version's policy."""
    if answer != gold.answer:
        if gold.answer in policy.positive:
            return OTHER if answer in policy.positive else MISSED
        return FALSE_ALARM if answer in policy.positive else OTHER
    if not judged.truths or judged.exact == judged.truths:
        return RIGHT
    if judged.drawn and not judged.found:
        return ELSEWHERE
    return UNMARKED if judged.found == judged.exact else ENDS_OFF


def _message(outcome: str, judged: Judged) -> str:
    if outcome == UNMARKED and judged.found:
        n = judged.truths - judged.found
        return ngettext("That is right, and well marked. There is %(n)d more.", "That is right, and well marked. There are %(n)d more.", n) % {"n": n}
    if outcome == RIGHT and judged.truths:
        return _("That is right, and the ends are in their places.")
    return str(_SAID[outcome])


def injected_of(subject: Subject) -> dict[str, Any] | None:
    """What was drawn into the image, of a subject made for that."""
    made = subject.metadata.get("injection") if subject.kind == Subject.Kind.INJECTED else None
    return {name: made.get(name) for name in ("length_px", "curvature", "magnitude")} if isinstance(made, dict) else None


def _about(injected: dict[str, Any]) -> str:
    """Say openly that the trail was drawn in, and how faint it is."""
    told = _("We drew this trail into an image that had none, so that we learn how faint a trail people can see.")
    if injected["magnitude"] is not None:
        told += " " + _("It is of magnitude %(magnitude)s.") % {"magnitude": number_format(injected["magnitude"], 1)}
    return told
