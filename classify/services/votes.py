"""A vote: one transaction that locks the voter's own row, then the subject's status, and nothing shared besides."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from classify import steps, walking, weighing
from classify.ballots import Ballot, ballot_from
from classify.drawing import CleanMark, clean_marks
from classify.flagging import Judge, Verdict
from classify.models import (
    Classification,
    GoldKey,
    Mark,
    Reveal,
    Serve,
    Subject,
    SubjectFrame,
    SubjectStatus,
    Volunteer,
    VolunteerSkill,
    Workflow,
    WorkflowVersion,
)
from classify.services import crowd, people, reveals, tallies, totals
from classify.services.receipts import Conflict, Receipt, gold_of, own_vote, receipt_of, refuse_final, supersede
from classify.steps import BadField
from core import prepared
from core.prepared import Prepared

_VERSION = re.compile(r"(\d{1,6})\.(\d{1,6})", re.ASCII)


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
    annotations: dict[str, Any]


def record_classification(
    *, volunteer: Volunteer, body: Any, now: datetime, may_draft: Callable[[], bool] = bool, judge: Judge = lambda _ballot: lambda _serve: ""
) -> Receipt:
    """Store one vote with all that follows from it (tally, retirement, consensus, totals), and return its receipt.

    The same id again gives the same receipt and stores nothing. Raises BadField (naming the field) for a body that cannot be
    stored, Conflict for another person's id, a second vote without `revises`, and a revision after the reveal. Only the team
    votes in a workflow that is not live; `may_draft` is asked only then. `judge` (classify.flagging) says why a vote waits for the
    team, if it does.
    """
    ballot = ballot_from(body)
    flag_of = judge(ballot)  # asks the counters: before any row is locked
    try:
        with transaction.atomic():
            return _record(ballot, volunteer, now, may_draft, flag_of)
    except IntegrityError:
        # Two people sent the same id at the same moment (each holds only their own row's lock).
        if Classification.objects.filter(pk=ballot.id).exists():
            taken = _("This id is already used by another classification. Send it with a new one.")
            raise Conflict(taken, errors={"id": [taken]}) from None
        raise


def revise_classification(*, volunteer: Volunteer, classification_id: UUID, body: Any, now: datetime, **more: Any) -> Receipt:
    """Put a whole new vote, with an id of its own, in the place of a standing one; until its voter has opened what others say.

    Otherwise like `record_classification`, whose other arguments it takes. Raises Problem 404 for somebody else's vote.
    """
    if not isinstance(body, Mapping):
        raise BadField("body", _("A classification is one JSON object."))
    if body.get("revises") not in (None, "", str(classification_id)):
        raise BadField("revises", _("This must be the id in the address, or be left out."))
    if body.get("id") == str(classification_id):
        raise BadField("id", _("A revised vote is a new one. Give it an id of its own."))
    old = own_vote(classification_id, volunteer)
    if body.get("subject") not in (None, "") and str(body["subject"]) != str(old.subject.public_id):
        raise BadField("subject", _("The classification that this revises is about subject %(subject)s.") % {"subject": old.subject.public_id})
    return record_classification(volunteer=volunteer, body={**body, "revises": str(old.pk)}, now=now, **more)


def _record(ballot: Ballot, volunteer: Volunteer, now: datetime, may_draft: Callable[[], bool], flag_of: Verdict) -> Receipt:
    person = people.lock_person(volunteer)
    status = _lock_status(ballot, person)
    found = _votes_at(ballot, person, status)
    if stored := next((vote for vote in found if vote.pk == ballot.id), None):
        return _same_again(stored, ballot, person)
    if status is None or not (status.workflow.live or may_draft()):
        raise _not_there(ballot)
    context = _context(ballot, person, status, found[0] if found else None)
    _refuse_conflicts(context)
    vote = _store(context, now, flag_of(context.serve))
    removed = [context.old] if context.old else []
    tallies.change(status, added=[vote], removed=removed, last=vote, now=now)
    totals.count([(vote, 1), *((old, -1) for old in removed)], is_gold=context.gold is not None)
    if context.gold:  # the feedback tells the answer
        crowd.learn_known(vote, truth=context.gold.answer, now=now)
        reveals.reveal_many(volunteer=person, root_ids=[status.subject.root_id or status.subject_id], now=now)
    return receipt_of(vote, context.gold, context.marks)


def _votes_at(ballot: Ballot, person: Volunteer, status: SubjectStatus | None) -> list[Classification]:
    """The vote that already has this id, and the person's standing vote on the subject; no query where `_lock_status` saw none."""
    if status is not None and not status.has_votes:  # type: ignore[attr-defined]
        return []
    wanted = Q(pk=ballot.id)
    if status is not None:
        wanted |= Q(pk__in=_standing(workflow_id=status.workflow_id, subject_id=status.subject_id, volunteer=person).values("pk"))
    return list(Classification.objects.filter(wanted).select_related("workflow", "version", "subject", "volunteer"))


def _standing(**where: Any) -> QuerySet[Classification]:
    return Classification.objects.filter(**where, repeat=0, superseded_by__isnull=True).exclude(answer="").order_by()


def _same_again(stored: Classification, ballot: Ballot, person: Volunteer) -> Receipt:
    """The receipt of a vote that is sent again; Conflict if it is not the same vote of the same person."""
    if person.pk not in (stored.volunteer_id, stored.volunteer.merged_into_id):
        taken = _("This id is already used by another classification. Send it with a new one.")
        raise Conflict(taken, errors={"id": [taken]})
    marks = list(stored.marks.all())
    if different := _differences(stored, marks, ballot):
        taken = _("This id is already used for another answer of yours. Send this one with a new id.")
        errors = {"id": [taken], **{name: [_("This is not what was stored under this id.")] for name in different}}
        raise Conflict(taken, errors=errors, existing=str(stored.pk))
    return receipt_of(stored, gold_of(stored.workflow_id, stored.subject_id), marks, created=False)


def _differences(stored: Classification, marks: Sequence[Mark], ballot: Ballot) -> list[str]:
    """The fields in which a body that comes again is not the one that was stored; of the time and the display nothing depends."""
    pairs = {
        "workflow": (stored.workflow.slug, ballot.workflow),
        "subject": (stored.subject.public_id, ballot.subject),
        "version": (stored.version.label, ballot.version or stored.version.label),
        "answer": (stored.answer, ballot.answer),
    }
    if different := [name for name, (was, is_) in pairs.items() if was != is_]:
        return different
    now, annotations = _cleaned(ballot, stored.version, stored.subject)
    was = [CleanMark(mark.step, mark.frame, mark.x1, mark.y1, mark.x2, mark.y2, mark.suggestion) for mark in marks]
    return [name for name, same in (("marks", was == now), ("annotations", stored.annotations == annotations)) if not same]


def _lock_status(ballot: Ballot, person: Volunteer) -> SubjectStatus | None:
    """Lock the one shared row, and read with it what else the vote depends on.

    That is whether the answer is known, when the person was shown more than pixels, their skill, and whether there is a vote of theirs
    on the subject (nobody adds one meanwhile, since their own row is locked) or one with this id.
    """
    status: SubjectStatus | None = _STATUS.first(person.pk, ballot.workflow, ballot.subject, ballot.id)
    return status


def _status_rows(person: int, workflow: str, subject: int, vote: UUID) -> QuerySet[SubjectStatus]:
    here = {"workflow_id": OuterRef("workflow_id"), "subject_id": OuterRef("subject_id")}
    root = Coalesce(OuterRef("subject__root_id"), OuterRef("subject_id"))
    seen = Reveal.objects.filter(volunteer=person, root=root).order_by().values("at")[:1]
    skill = VolunteerSkill.objects.filter(workflow_id=OuterRef("workflow_id"), volunteer=person).order_by().values("confusion")[:1]
    votes = Exists(_standing(**here, volunteer=person)) | Exists(Classification.objects.filter(pk=vote))
    rows = tallies.locked().filter(workflow__slug=workflow, subject__public_id=subject).order_by()
    return rows.annotate(seen_at=Subquery(seen), is_gold=Exists(GoldKey.objects.filter(**here)), confusion=Subquery(skill), has_votes=votes)


_STATUS = Prepared(_status_rows, int, str, int, UUID)


def _not_there(ballot: Ballot) -> BadField:
    """Say whether the workflow or the subject in it is unknown."""
    if not Workflow.objects.filter(slug=ballot.workflow).exists():
        return BadField("workflow", _("There is no workflow %(workflow)s.") % {"workflow": repr(ballot.workflow)})
    return BadField(
        "subject", _("Subject %(subject)s is not in the workflow %(workflow)s.") % {"subject": ballot.subject, "workflow": repr(ballot.workflow)}
    )


def _context(ballot: Ballot, person: Volunteer, status: SubjectStatus, old: Classification | None) -> _Context:
    serve = _serve_of(ballot, person, status)
    version = _version_of(ballot, status, serve)
    marks, annotations = _cleaned(ballot, version, status.subject)
    is_gold, seen_at = status.is_gold, status.seen_at  # type: ignore[attr-defined]  # annotated by _lock_status
    return _Context(
        ballot=ballot,
        person=person,
        status=status,
        version=version,
        serve=serve,
        old=old,
        gold=gold_of(status.workflow_id, status.subject_id) if is_gold else None,
        seen_at=seen_at,
        marks=marks,
        annotations=annotations,
    )


def _cleaned(ballot: Ballot, version: WorkflowVersion, subject: Subject) -> tuple[list[CleanMark], dict[str, Any]]:
    """The marks, each with the step it was drawn at, and all that was said, as the version's steps lead."""
    answer = steps.clean_answer(version.steps, ballot.answer)
    marks = clean_marks(
        ballot.marks,
        most=steps.room_after(version.steps, answer),
        sizes=_sizes(subject.pk) if ballot.marks else [],
        suggestions=[str(trail["id"]) for trail in subject.suggestions],
    )
    return walking.walk(version.steps, answer, marks, ballot.annotations)


def _sizes(subject_id: int) -> list[tuple[int, int]]:
    frames = SubjectFrame.objects.filter(subject_id=subject_id).order_by("position")
    return list(frames.values_list("cutout__width", "cutout__height"))


def _serve_of(ballot: Ballot, person: Volunteer, status: SubjectStatus) -> Serve | None:
    """The serve that is named, or the person's last one of this subject; a foreign one is refused.

    What a visitor asked for at the moment of signing in still bears the visitor's name, and is the person's.
    """
    asked = (person.pk, status.subject_id, status.workflow_id)
    serve: Serve | None = _NEWEST.first(*asked) if ballot.serve is None else _NAMED.first(*asked, ballot.serve)
    if serve is None and ballot.serve is not None:
        raise BadField("serve", _("This subject was not served to you under this number."))
    return serve


def _serves(person: int, subject: int, workflow: int) -> QuerySet[Serve]:
    mine = Q(volunteer=person) | Q(volunteer__merged_into=person)
    return Serve.objects.filter(mine, subject_id=subject, version__workflow_id=workflow)


_NEWEST = Prepared(lambda *asked: _serves(*asked).order_by("-served_at")[:1], int, int, int)
_NAMED = Prepared(lambda *asked: _serves(*asked[:3]).filter(pk=asked[3]), int, int, int, UUID)


def _version_of(ballot: Ballot, status: SubjectStatus, serve: Serve | None) -> WorkflowVersion:
    current = tallies.current_version(status.workflow)
    wanted = ballot.version or (serve.version.label if serve else current.label)
    if wanted == current.label:
        return current
    found = _VERSION.fullmatch(wanted)
    versions = WorkflowVersion.objects.filter(workflow_id=status.workflow_id)
    known = versions.filter(major=int(found[1]), minor=int(found[2])).first() if found else None
    if known is None:
        raise BadField(
            "version", _("The workflow %(workflow)s has no version %(version)s.") % {"workflow": repr(ballot.workflow), "version": repr(wanted)}
        )
    return known


def _refuse_conflicts(context: _Context) -> None:
    old, revises = context.old, context.ballot.revises
    if old is None:
        if revises is not None:
            raise _clash(_("The vote to be revised does not stand any more. Send this one without revises."))
        return
    if revises is None:
        raise _clash(_("You have already classified this subject. To change your answer, send it with revises."), existing=str(old.pk))
    if revises != old.pk:
        raise _clash(_("revises does not name your standing vote on this subject."), existing=str(old.pk))
    refuse_final(old, context.gold, context.seen_at, field="revises")


def _clash(words: str, **more: Any) -> Conflict:
    return Conflict(words, errors={"revises": [words]}, **more)


def _store(context: _Context, now: datetime, flag: str) -> Classification:
    """Write the row and its marks; the row that it revises is marked first, since only one may stand."""
    ballot, status, serve = context.ballot, context.status, context.serve
    blind = _is_blind(context)
    if context.old:
        supersede(context.old, ballot.id, Classification.Superseded.REVISION)
    vote = Classification(
        id=ballot.id, workflow=status.workflow, version=context.version, subject=status.subject, volunteer=context.person, serve=serve,
        answer=ballot.answer, annotations=context.annotations, viewer=ballot.viewer, started_at=ballot.started_at,
        finished_at=ballot.finished_at, created_at=now, blind=blind, late=_is_late(context, now),
        flag=flag, arm=serve.arm if serve else "", p=serve.p if serve else None,
        log_likelihood=weighing.vector_of(status.workflow, ballot.answer, status.confusion or {}),  # type: ignore[attr-defined]
    )  # fmt: skip
    vote.counted = tallies.may_count(vote, is_gold=context.gold is not None)
    prepared.insert(vote)
    for position, mark in enumerate(context.marks):
        prepared.insert(Mark(classification=vote, position=position, **mark._asdict()))
    return vote


def _is_blind(context: _Context) -> bool:
    """Nothing had been revealed, and neither the serve nor a kept mark shows the machine's suggestion."""
    hinted = (context.serve is not None and context.serve.suggested) or any(mark.suggestion for mark in context.marks)
    before_first = context.seen_at is not None and (context.old is None or context.seen_at < context.old.created_at)
    return not hinted and not before_first


def _is_late(context: _Context, now: datetime) -> bool:
    expired = context.serve is not None and now > context.serve.lease_until
    return expired or context.version.pk != context.status.workflow.current_version_id or context.status.state != SubjectStatus.State.ACTIVE
