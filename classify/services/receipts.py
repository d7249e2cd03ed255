"""What a volunteer gets back for a vote, and why a vote may be refused."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from classify import consensus
from classify.models import Classification, GoldKey, Mark
from classify.services import tallies
from classify.steps import CleanMark
from core.problems import Problem


class Conflict(Problem):
    """The vote cannot stand beside what is stored; the detail says why. Nothing was stored or lost."""

    status_code = 409
    title = "This does not fit what is stored"


@dataclass(frozen=True)
class Receipt:
    """What a volunteer gets back for a vote. `gold` is the feedback on a subject with a known answer, else None."""

    id: str
    subject: int
    undo_until: datetime | None
    blind: bool
    counted: bool
    gold: dict[str, Any] | None
    created: bool = True

    def as_dict(self) -> dict[str, Any]:
        """The public part."""
        data = asdict(self)
        data.pop("created")
        return data


def gold_of(workflow_id: int, subject_id: int) -> GoldKey | None:
    """The known answer of a subject in a workflow, if there is one."""
    return GoldKey.objects.filter(workflow_id=workflow_id, subject_id=subject_id).first()


def refuse_final(old: Classification, gold: GoldKey | None, seen_at: datetime | None) -> None:
    """Raise Conflict for a vote that can be neither revised nor undone: its voter knows more now than when it was cast."""
    if gold:
        raise Conflict("The answer was shown after this vote, so it is final.")
    if seen_at and seen_at > old.created_at:
        raise Conflict("You have seen what others say about this subject, so your vote on it is final.")


def supersede(old: Classification, new_id: Any, reason: str) -> None:
    """Point a row to the one that takes its place (which may be inserted next: the key is checked at commit)."""
    Classification.objects.filter(pk=old.pk).update(superseded_by_id=new_id, superseded_reason=reason)


def receipt_of(vote: Classification, gold: GoldKey | None, marks: Sequence[CleanMark | Mark], *, created: bool = True) -> Receipt:
    """The receipt of a vote, with feedback where the answer is known."""
    return Receipt(
        id=str(vote.pk),
        subject=vote.subject.public_id,
        undo_until=None if gold else tallies.undo_until(vote),
        blind=vote.blind,
        counted=vote.counted,
        gold=_feedback(vote, gold, marks) if gold else None,
        created=created,
    )


def _feedback(vote: Classification, gold: GoldKey, marks: Sequence[CleanMark | Mark]) -> dict[str, Any]:
    """What the known answer is, and whether answer and marks agree with it."""
    policy = tallies.policy_of(vote.version)
    truths = [[(mark["x1"], mark["y1"]), (mark["x2"], mark["y2"])] for mark in gold.marks]
    drawn = [(mark.x1, mark.y1, mark.x2, mark.y2) for mark in marks]
    hits = sum(any(consensus.lies_on(mark, truth, policy) for mark in drawn) for truth in truths)
    return {
        "right": vote.answer == gold.answer,
        "answer": gold.answer,
        "marks": gold.marks,
        "marks_found": hits if truths and drawn else None,
        "explanation": gold.explanation,
    }
