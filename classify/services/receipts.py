"""What a volunteer gets back for a vote, and why a vote may be refused."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from classify.feedback import feedback_of
from classify.models import Classification, GoldKey, Volunteer
from classify.services import tallies
from core.markdown import plain
from core.problems import Problem

_NOTES: dict[str, Any] = {
    Classification.Flag.SCRIPT: gettext_lazy(
        "This answer looks as if it came from a program. It is stored, and counts once somebody of the team has looked at it and agreed."
    ),
    Classification.Flag.FAST: gettext_lazy(
        "Answers came faster than people can look. This one is stored, and counts once somebody of the team has looked at it and agreed."
    ),
}


class Conflict(Problem):
    """The vote cannot stand beside what is stored; the detail says why. Nothing was stored or lost."""

    status_code = 409
    title = gettext_lazy("This does not fit what is stored")


@dataclass(frozen=True)
class Receipt:
    """What a volunteer gets back for a vote. `gold` is the feedback on a subject with a known answer, else None.

    `flag` says why it waits for the team; `note` says so in a sentence, and names steps that the version does not have. Mostly both are empty.
    """

    id: str
    subject: int
    undo_until: datetime | None
    blind: bool
    counted: bool
    flag: str
    note: str
    late: bool
    gold: dict[str, Any] | None
    created: bool = True
    explanations: dict[str, str] = field(default_factory=dict)  # of the known answer, by language

    def told(self, language: str) -> dict[str, Any] | None:
        """The feedback with the words of its explanation (Markdown in the row), in this language where it is written in it."""
        if not self.gold:
            return self.gold
        return {**self.gold, "explanation": plain(self.explanations.get(language) or self.gold["explanation"])}

    def as_dict(self, language: str = "") -> dict[str, Any]:
        """The public part."""
        data = asdict(self) | {"gold": self.told(language)}
        del data["created"], data["explanations"]
        return data


def gold_of(workflow_id: int, subject_id: int) -> GoldKey | None:
    """The known answer of a subject in a workflow, if there is one."""
    return GoldKey.objects.filter(workflow_id=workflow_id, subject_id=subject_id).first()


def own_vote(classification_id: Any, person: Volunteer) -> Classification:
    """The person's vote of this id; where a merge made a copy of it, the copy. Raises Problem 404 for somebody else's."""
    rows = Classification.objects.select_related("workflow", "version", "subject", "volunteer").exclude(answer="")
    vote = rows.filter(pk=classification_id).first()
    if vote and vote.superseded_by_id and vote.superseded_reason == Classification.Superseded.MERGE:
        vote = rows.filter(pk=vote.superseded_by_id).first()
    if vote is None or vote.volunteer_id != person.pk:
        raise Problem(_("There is no classification of yours with this id."), title=_("Not found"), status=404)
    return vote


def refuse_final(old: Classification, gold: GoldKey | None, seen_at: datetime | None, *, field: str) -> None:
    """Raise Conflict for a vote that can be neither revised nor undone: its voter knows more now than when it was cast.

    `field`: what named the vote in the request.
    """
    words = ""
    if gold:
        words = _("The answer was shown after this vote, so it is final.")
    elif seen_at and seen_at > old.created_at:
        words = _("You have seen what others say about this subject, so your vote on it is final.")
    if words:
        raise Conflict(words, errors={field: [words]})


def supersede(old: Classification, new_id: Any, reason: str) -> None:
    """Point a row to the one that takes its place (which may be inserted next: the key is checked at commit)."""
    Classification.objects.filter(pk=old.pk).update(superseded_by_id=new_id, superseded_reason=reason)


def _notes(vote: Classification) -> Iterator[str]:
    """Sentences: why the vote waits, and which of its steps its version does not have (a program may have mistyped them)."""
    if vote.left_out and vote.flag in _NOTES:
        yield str(_NOTES[vote.flag])
    if unknown := sorted(vote.annotations.keys() - vote.version.steps["steps"].keys()):
        yield _("No step of version %(version)s, kept as it was sent: %(steps)s.") % {"version": vote.version.label, "steps": ", ".join(unknown)}


def receipt_of(vote: Classification, gold: GoldKey | None, marks: Sequence[Any], *, created: bool = True) -> Receipt:
    """The receipt of a vote, with feedback where the answer is known."""
    return Receipt(
        id=str(vote.pk),
        subject=vote.subject.public_id,
        undo_until=None if gold else tallies.undo_until(vote),
        blind=vote.blind,
        counted=vote.counted,
        flag=vote.flag if vote.left_out else "",
        note=" ".join(_notes(vote)),
        late=vote.late,
        gold=feedback_of(vote, gold, marks, policy=tallies.policy_of(vote.version)) if gold else None,
        created=created,
        explanations=gold.explanations if gold else {},
    )
