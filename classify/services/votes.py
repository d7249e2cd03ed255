"""A vote and its undoing. Each is one transaction that locks the voter's own row, then the subject's status, and nothing shared besides."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from classify import consensus, steps
from classify.ballots import Ballot, ballot_from
from classify.models import Classification, GoldKey, Mark, Reveal, Serve, SubjectFrame, SubjectStatus, Volunteer, Workflow, WorkflowVersion
from classify.services import people, reveals, tallies
from classify.steps import BadField, CleanMark
from core import identity
from core.problems import Problem

_VERSION = re.compile(r"(\d{1,6})\.(\d{1,6})", re.ASCII)


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


@dataclass(frozen=True)
class _Context:
    """Everything that decides what becomes of one ballot; read under the lock."""

    ballot: Ballot
    person: Volunteer
    status: SubjectStatus
    version: WorkflowVersion
    serve: Serve | None
    old: Classification | None
    gold: GoldKey | None
    seen_at: datetime | None
    marks: list[CleanMark]


def record_classification(*, volunteer: Volunteer, body: Any, now: datetime, drafts: bool = False) -> Receipt:
    """Store one vote with all that follows from it (tally, retirement, consensus, totals), and return its receipt.

    The same id again gives the same receipt and stores nothing. Raises BadField (naming the field) for a body that cannot be
    stored, Conflict for another person's id, a second vote without `revises`, and a revision after the reveal. Only the team
    (`drafts`) votes in a workflow that is not live.
    """
    ballot = ballot_from(body)
    try:
        with transaction.atomic():
            return _record(ballot, volunteer, now, drafts)
    except IntegrityError:
        # Two people sent the same id at the same moment (each holds only their own row's lock).
        if Classification.objects.filter(pk=ballot.id).exists():
            raise Conflict("This id is already used by another classification. Send it with a new one.") from None
        raise


def _record(ballot: Ballot, volunteer: Volunteer, now: datetime, drafts: bool) -> Receipt:
    person = people.lock_person(volunteer)
    if stored := _find(ballot.id):
        return _same_again(stored, ballot, person)
    status = _lock_status(ballot, drafts)
    context = _context(ballot, person, status)
    _refuse_conflicts(context)
    vote = _store(context, now)
    removed = [context.old] if context.old else []
    tallies.change(status, added=[vote], removed=removed, last=vote, now=now)
    tallies.count_hours([(vote, 1), *((old, -1) for old in removed)])
    if context.gold:  # the feedback tells the answer
        reveals.reveal(volunteer=person, root=status.subject, now=now)
    return _receipt(vote, context.gold, context.marks)


def _find(ident: Any) -> Classification | None:
    return Classification.objects.filter(pk=ident).select_related("workflow", "subject", "volunteer").first()


def _same_again(stored: Classification, ballot: Ballot, person: Volunteer) -> Receipt:
    """The receipt of a vote that is sent again; Conflict if it is not the same vote of the same person."""
    if person.pk not in (stored.volunteer_id, stored.volunteer.merged_into_id):
        raise Conflict("This id is already used by another classification. Send it with a new one.")
    if (stored.answer, stored.subject.public_id, stored.workflow.slug) != (ballot.answer, ballot.subject, ballot.workflow):
        raise Conflict("This id is already used for another answer of yours. Send this one with a new id.")
    gold = GoldKey.objects.filter(workflow_id=stored.workflow_id, subject_id=stored.subject_id).first()
    return _receipt(stored, gold, list(stored.marks.all()), created=False)


def _lock_status(ballot: Ballot, drafts: bool) -> SubjectStatus:
    rows = SubjectStatus.objects.select_for_update(of=("self",)).select_related("workflow__current_version", "subject")
    status = rows.filter(workflow__slug=ballot.workflow, subject__public_id=ballot.subject).first()
    if status is None and not Workflow.objects.filter(slug=ballot.workflow).exists():
        raise BadField("workflow", f"There is no workflow {ballot.workflow!r}.")
    if status is None or not (status.workflow.live or drafts):
        raise BadField("subject", f"Subject {ballot.subject} is not in the workflow {ballot.workflow!r}.")
    return status


def _context(ballot: Ballot, person: Volunteer, status: SubjectStatus) -> _Context:
    serve = _serve_of(ballot, person, status)
    version = _version_of(ballot, status, serve)
    answer = steps.clean_answer(version.steps, ballot.answer)
    sizes = _sizes(status.subject_id) if ballot.marks else []
    suggested = [str(trail["id"]) for trail in status.subject.suggestions]
    standing = Classification.objects.filter(
        workflow_id=status.workflow_id, subject_id=status.subject_id, volunteer=person, repeat=0, superseded_by__isnull=True
    ).exclude(answer="")
    old = standing.select_related("volunteer").first()
    if old:
        old.workflow, old.subject = status.workflow, status.subject
    root_id = status.subject.root_id or status.subject_id
    return _Context(
        ballot=ballot,
        person=person,
        status=status,
        version=version,
        serve=serve,
        old=old,
        gold=GoldKey.objects.filter(workflow_id=status.workflow_id, subject_id=status.subject_id).first(),
        seen_at=Reveal.objects.filter(volunteer=person, root_id=root_id).values_list("at", flat=True).first(),
        marks=steps.clean_marks(version.steps, answer, ballot.marks, sizes, suggested),
    )


def _sizes(subject_id: int) -> list[tuple[int, int]]:
    frames = SubjectFrame.objects.filter(subject_id=subject_id).order_by("position")
    return list(frames.values_list("cutout__width", "cutout__height"))


def _serve_of(ballot: Ballot, person: Volunteer, status: SubjectStatus) -> Serve | None:
    """The serve that is named, or the person's last one of this subject; a foreign one is refused."""
    mine = Serve.objects.filter(subject_id=status.subject_id, volunteer=person, version__workflow_id=status.workflow_id)
    mine = mine.select_related("version")
    if ballot.serve is None:
        return mine.order_by("-served_at").first()
    serve = mine.filter(pk=ballot.serve).first()
    if serve is None:
        raise BadField("serve", "This subject was not served to you under this number.")
    return serve


def _version_of(ballot: Ballot, status: SubjectStatus, serve: Serve | None) -> WorkflowVersion:
    current = tallies.current_version(status.workflow)
    wanted = ballot.version or (serve.version.label if serve else current.label)
    if wanted == current.label:
        return current
    found = _VERSION.fullmatch(wanted)
    versions = WorkflowVersion.objects.filter(workflow_id=status.workflow_id)
    known = versions.filter(major=int(found[1]), minor=int(found[2])).first() if found else None
    if known is None:
        raise BadField("version", f"The workflow {ballot.workflow!r} has no version {wanted!r}.")
    return known


def _refuse_conflicts(context: _Context) -> None:
    old, revises = context.old, context.ballot.revises
    if old is None:
        if revises is not None:
            raise Conflict("The vote to be revised does not stand any more. Send this one without revises.")
        return
    if revises is None:
        raise Conflict("You have already classified this subject. To change your answer, send it with revises.", existing=str(old.pk))
    if revises != old.pk:
        raise Conflict("revises does not name your standing vote on this subject.", existing=str(old.pk))
    _refuse_final(old, context.gold, context.seen_at)


def _refuse_final(old: Classification, gold: GoldKey | None, seen_at: datetime | None) -> None:
    if gold:
        raise Conflict("The answer was shown after this vote, so it is final.")
    if seen_at and seen_at > old.created_at:
        raise Conflict("You have seen what others say about this subject, so your vote on it is final.")


def _store(context: _Context, now: datetime) -> Classification:
    """Write the row and its marks; the row that it revises is marked first, since only one may stand."""
    ballot, status, serve = context.ballot, context.status, context.serve
    blind = _is_blind(context)
    if context.old:
        _supersede(context.old, ballot.id, Classification.Superseded.REVISION)
    vote = Classification.objects.create(
        id=ballot.id, workflow=status.workflow, version=context.version, subject=status.subject, volunteer=context.person, serve=serve,
        answer=ballot.answer, annotations=ballot.annotations, viewer=ballot.viewer, started_at=ballot.started_at,
        finished_at=ballot.finished_at, created_at=now, blind=blind, late=_is_late(context, now),
        counted=context.gold is None and (blind or not status.workflow.blind),
        log_likelihood=consensus.log_likelihood(ballot.answer, steps.answer_keys(context.version.steps)),
    )  # fmt: skip
    if context.marks:
        Mark.objects.bulk_create(Mark(classification=vote, position=position, **mark._asdict()) for position, mark in enumerate(context.marks))
    return vote


def _is_blind(context: _Context) -> bool:
    """Nothing had been revealed, and neither the serve nor a kept mark shows the machine's suggestion."""
    hinted = (context.serve is not None and context.serve.suggested) or any(mark.suggestion for mark in context.marks)
    before_first = context.seen_at is not None and (context.old is None or context.seen_at < context.old.created_at)
    return not hinted and not before_first


def _is_late(context: _Context, now: datetime) -> bool:
    expired = context.serve is not None and now > context.serve.lease_until
    return expired or context.version.pk != context.status.workflow.current_version_id or context.status.state != SubjectStatus.State.ACTIVE


def _supersede(old: Classification, new_id: Any, reason: str) -> None:
    Classification.objects.filter(pk=old.pk).update(superseded_by_id=new_id, superseded_reason=reason)


def _receipt(vote: Classification, gold: GoldKey | None, marks: Sequence[CleanMark | Mark], *, created: bool = True) -> Receipt:
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


@transaction.atomic
def undo_classification(*, volunteer: Volunteer, classification_id: Any, now: datetime) -> Receipt:
    """Take a vote back within the workflow's undo window: a row that supersedes it, and the exact reverse of what it added.

    Undoing twice is the same as once. Raises Problem 404 for somebody else's vote, Conflict when the window is over, after the
    reveal, for gold, and for a vote that was revised.
    """
    person = people.lock_person(volunteer)
    vote = _own_vote(classification_id, person)
    if vote.superseded_reason == Classification.Superseded.UNDO:
        return _receipt(vote, None, [], created=False)
    gold = GoldKey.objects.filter(workflow_id=vote.workflow_id, subject_id=vote.subject_id).first()
    root_id = vote.subject.root_id or vote.subject_id
    _refuse_undo(vote, now)
    _refuse_final(vote, gold, Reveal.objects.filter(volunteer=person, root_id=root_id).values_list("at", flat=True).first())
    statuses = SubjectStatus.objects.select_for_update(of=("self",)).select_related("workflow__current_version", "subject")
    status = statuses.get(workflow_id=vote.workflow_id, subject_id=vote.subject_id)
    row = Classification.objects.create(
        id=identity.random_uuid(), workflow=vote.workflow, version=vote.version, subject=vote.subject, volunteer=person,
        answer="", created_at=now, blind=vote.blind, counted=False,
    )  # fmt: skip
    _supersede(vote, row.pk, Classification.Superseded.UNDO)
    tallies.change(status, removed=[vote], last=row, now=now)
    tallies.count_hours([(vote, -1)])
    return _receipt(vote, None, [])


def _own_vote(classification_id: Any, person: Volunteer) -> Classification:
    """The person's vote of this id; where a merge made a copy of it, the copy."""
    rows = Classification.objects.select_related("workflow", "version", "subject", "volunteer").exclude(answer="")
    vote = rows.filter(pk=classification_id).first()
    if vote and vote.superseded_by_id and vote.superseded_reason == Classification.Superseded.MERGE:
        vote = rows.filter(pk=vote.superseded_by_id).first()
    if vote is None or vote.volunteer_id != person.pk:
        raise Problem("There is no classification of yours with this id.", title="Not found", status=404)
    return vote


def _refuse_undo(vote: Classification, now: datetime) -> None:
    if vote.superseded_by_id is not None:
        raise Conflict("This vote was revised later. Undo or revise the newer one.")
    if now > tallies.undo_until(vote):
        raise Conflict("The time to undo this vote is over. You can still revise it until you open what others say.")
