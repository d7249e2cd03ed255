"""What somebody is told after a vote on a subject whose answer is known: whether it was that, what was to be seen, and where. No queries."""

from collections.abc import Sequence
from typing import Any, Protocol

from django.utils.translation import gettext as _

from classify import consensus
from classify.consensus import Policy
from classify.models import Classification, GoldKey, Subject

RIGHT, MISSED, FALSE_ALARM, OTHER, UNMARKED, ENDS_OFF = "right", "missed", "false_alarm", "other", "unmarked", "ends_off"
OUTCOMES = (RIGHT, MISSED, FALSE_ALARM, OTHER, UNMARKED, ENDS_OFF)


class Line(Protocol):
    """A drawn line, stored or not: both ends in cutout pixels."""

    x1: float
    y1: float
    x2: float
    y2: float


def feedback_of(vote: Classification, gold: GoldKey, marks: Sequence[Line], *, policy: Policy) -> dict[str, Any]:
    """The part `gold` of a receipt. `marks`: what was drawn with the vote; `policy`: that of the vote's version.

    `message` is in the language that is active; `explanation` in that of the key's row (`Receipt.told` puts another in its place).
    """
    found = _found(gold, marks, policy)
    outcome = _outcome(vote, gold, found, policy)
    return {
        "right": vote.answer == gold.answer,
        "outcome": outcome,
        "answer": gold.answer,
        "marks": gold.marks,
        "marks_found": found if gold.marks and marks else None,
        "tolerance_px": gold.tolerance_px,
        "message": _message(outcome),
        "explanation": gold.explanation,
        "guide": getattr(gold, "guide", ""),
        "injected": _injected(vote.subject),
    }


def _found(gold: GoldKey, marks: Sequence[Line], policy: Policy) -> int:
    """How many of the true lines were marked."""
    truths = [[(mark["x1"], mark["y1"]), (mark["x2"], mark["y2"])] for mark in gold.marks]
    drawn = [(mark.x1, mark.y1, mark.x2, mark.y2) for mark in marks]
    return sum(any(consensus.lies_on(mark, truth, policy) for mark in drawn) for truth in truths)


def _outcome(vote: Classification, gold: GoldKey, found: int, policy: Policy) -> str:
    if vote.answer != gold.answer:
        if gold.answer in policy.positive:
            return OTHER if vote.answer in policy.positive else MISSED
        return FALSE_ALARM if vote.answer in policy.positive else OTHER
    if gold.marks and not found:
        return UNMARKED
    return RIGHT if found >= len(gold.marks) else ENDS_OFF


def _message(outcome: str) -> str:
    return _("That is right.") if outcome == RIGHT else _("This one is known, and the answer is another.")


def _injected(subject: Subject) -> dict[str, Any] | None:
    """What was drawn into the image, of a subject made for that."""
    made = subject.metadata.get("injected") if subject.kind == Subject.Kind.INJECTED else None
    return {name: made.get(name) for name in ("length_px", "curvature", "magnitude")} if isinstance(made, dict) else None
