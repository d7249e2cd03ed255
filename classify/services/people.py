"""Volunteers: found, made, locked for a vote, and merged when a visitor signs in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from classify import preferences
from classify.models import Classification, Mark, Reveal, Serve, SubjectStatus, Volunteer
from classify.services import tallies, totals
from core import identity
from core.prepared import Prepared

_BY_USER = Prepared(lambda user: Volunteer.objects.filter(user_id=user), int)
_LOCK = Prepared(lambda pk: Volunteer.objects.select_for_update(no_key=True).filter(pk=pk), int)


def person_of(user: Any, *, now: datetime, create: bool = True) -> Volunteer | None:
    """Return the volunteer of an account; made at the first need. At most one query when there is one."""
    found: Volunteer | None = user._state.fields_cache.get("volunteer") or _BY_USER.first(user.pk)
    if found or not create:
        return found
    try:
        with transaction.atomic():
            return _new(kind=Volunteer.Kind.PERSON, now=now, user=user)
    except IntegrityError:  # another request of the same person was quicker
        return Volunteer.objects.get(user_id=user.pk)


def new_visitor(*, now: datetime) -> Volunteer:
    """Make a volunteer for somebody who has not signed in; a signed cookie names it."""
    return _new(kind=Volunteer.Kind.VISITOR, now=now)


def new_demo_volunteer(*, now: datetime, name: str = "") -> Volunteer:
    """Make a simulated volunteer, whose votes are marked as demo everywhere; the same name gives the same volunteer."""
    if name and (found := Volunteer.objects.filter(source="demo", external_id=name).first()):
        return found
    return _new(kind=Volunteer.Kind.DEMO, now=now, credit_name=name, source="demo", external_id=name)


def _new(*, kind: str, now: datetime, **fields: Any) -> Volunteer:
    return Volunteer.objects.create(public_id=identity.random_name(), kind=kind, created_at=now, **fields)


def set_credit_name(*, volunteer: Volunteer, name: str) -> None:
    """Store the name a person wants in publications; empty: not named."""
    Volunteer.objects.filter(pk=volunteer.pk).update(credit_name=name.strip()[:120])


def lock_person(volunteer: Volunteer) -> Volunteer:
    """Lock a volunteer's own row for this transaction and follow a merge that has happened since it was read.

    Only the same person's requests meet here; it keeps a vote and the merge of its voter from crossing.
    """
    row: Volunteer | None = _LOCK.first(volunteer.pk)
    while row is not None and row.merged_into_id:
        row = _LOCK.first(row.merged_into_id)
    if row is None:
        raise Volunteer.DoesNotExist
    return row


def claim_visitor(*, visitor: Volunteer, user: Any, now: datetime) -> Volunteer:
    """A visitor signs in as `user`: a new person simply becomes the visitor; a known one gets the visitor's votes."""
    person = Volunteer.objects.filter(user_id=user.pk).first()
    if person is None:
        free = Volunteer.objects.filter(pk=visitor.pk, kind=Volunteer.Kind.VISITOR, merged_into__isnull=True, user__isnull=True)
        try:
            with transaction.atomic():
                if free.update(kind=Volunteer.Kind.PERSON, user_id=user.pk):
                    return Volunteer.objects.get(pk=visitor.pk)
        except IntegrityError:  # another request of the same person made its volunteer just now
            pass
        person = person_of(user, now=now)
    if person is None:
        raise LookupError("The account has no volunteer.")
    merge_visitor(visitor=visitor, person=person, now=now)
    return person


# --- merging -------------------------------------------------------------------------------------


@dataclass
class _Case:
    """The standing votes of two volunteers on one subject of one workflow."""

    mine: Classification | None = None
    theirs: Classification | None = None

    @property
    def kept(self) -> Classification:
        """The earlier of the two; one that waits for the team gives way to one that does not."""
        return min((vote for vote in (self.mine, self.theirs) if vote), key=lambda vote: (vote.left_out, vote.created_at))

    @property
    def standing(self) -> list[Classification]:
        return [vote for vote in (self.mine, self.theirs) if vote]


@dataclass
class _Merge:
    """What one merge changes: rows to add, and the tallies they move."""

    person: Volunteer
    seen: dict[int, datetime]  # root subject -> first reveal to either of the two
    cases: dict[tuple[int, int], _Case] = field(default_factory=dict)


@transaction.atomic
def merge_visitor(*, visitor: Volunteer, person: Volunteer, now: datetime) -> bool:
    """Give a visitor's votes to the person who signed in: the earliest vote per subject stays, the other is superseded (reason merge).

    Rows are added, not changed: the person's copy supersedes the visitor's row. Tallies, consensus and totals follow in the
    same transaction. False when there is nothing to merge (done before, or not a visitor).
    """
    ids = sorted({visitor.pk, person.pk})
    rows = {row.pk: row for row in Volunteer.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")}
    theirs, mine = rows[visitor.pk], rows[person.pk]
    if theirs.pk == mine.pk or theirs.kind != Volunteer.Kind.VISITOR or theirs.merged_into_id or mine.merged_into_id:
        return False
    merge = _Merge(person=mine, seen=_reveals(ids))
    merge.cases = _cases(mine, theirs, merge.seen)
    _resolve_all(merge, now)
    _move_reveals(theirs, mine)
    Serve.objects.filter(volunteer=theirs).update(volunteer=mine)
    Volunteer.objects.filter(pk=mine.pk).update(preferences=preferences.filled(mine.preferences, theirs.preferences))
    Volunteer.objects.filter(pk=theirs.pk).update(merged_into=mine, preferences={})
    return True


def _reveals(ids: Sequence[int]) -> dict[int, datetime]:
    """Earliest reveal of each root to any of these volunteers."""
    seen: dict[int, datetime] = {}
    for root, at in Reveal.objects.filter(volunteer_id__in=ids).values_list("root_id", "at"):
        seen[root] = min(at, seen.get(root, at))
    return seen


def _cases(mine: Volunteer, theirs: Volunteer, seen: dict[int, datetime]) -> dict[tuple[int, int], _Case]:
    """Standing votes of the visitor, with the person's on the same subjects, and the person's on what the visitor had seen."""
    cases: dict[tuple[int, int], _Case] = {}
    for vote in _standing().filter(volunteer=theirs):
        cases.setdefault((vote.workflow_id, vote.subject_id), _Case()).theirs = vote
    subjects = {subject for _, subject in cases}
    revealed = Q(subject_id__in=seen) | Q(subject__root_id__in=seen)
    for vote in _standing().filter(Q(subject_id__in=subjects) | revealed, volunteer=mine):
        cases.setdefault((vote.workflow_id, vote.subject_id), _Case()).mine = vote
    return cases


def _standing() -> Any:
    rows = Classification.objects.filter(superseded_by__isnull=True, repeat=0).exclude(answer="")
    return rows.select_related("subject", "workflow", "volunteer").order_by("pk")


def _resolve_all(merge: _Merge, now: datetime) -> None:
    statuses = tallies.locked()
    locked = statuses.filter(
        workflow_id__in={workflow for workflow, _ in merge.cases}, subject_id__in={subject for _, subject in merge.cases}
    ).order_by("pk")
    by_key = {(row.workflow_id, row.subject_id): row for row in locked}
    moves: list[tuple[Classification, int]] = []
    for key, case in sorted(merge.cases.items()):
        moves += _resolve(case, merge, by_key.get(key), now)
    totals.count(moves)


def _resolve(case: _Case, merge: _Merge, status: SubjectStatus | None, now: datetime) -> list[tuple[Classification, int]]:
    """Leave one standing vote, owned by the person; return the changes of the totals."""
    kept = case.kept
    blind = kept.blind and not _seen_before(kept, merge.seen)
    stays = kept is case.mine and blind == kept.blind
    if stays and case.theirs is None:
        return []
    survivor = kept if stays else _copy_of(kept, merge.person, blind)
    gone = [vote for vote in case.standing if vote is not survivor]
    Classification.objects.filter(pk__in=[vote.pk for vote in gone]).update(
        superseded_by_id=survivor.pk, superseded_reason=Classification.Superseded.MERGE
    )
    if not stays:
        survivor.save(force_insert=True)
        _copy_marks(kept, survivor)
    if status is not None:
        tallies.change(status, removed=gone, added=[] if stays else [survivor], last=survivor, now=now)
    return [(vote, -1) for vote in gone] + ([] if stays else [(survivor, 1)])


def _seen_before(vote: Classification, seen: dict[int, datetime]) -> bool:
    at = seen.get(vote.subject.root_id or vote.subject_id)
    return at is not None and at < vote.created_at


def _copy_of(vote: Classification, person: Volunteer, blind: bool) -> Classification:
    """The same vote as a new row of the person."""
    same = {
        name: getattr(vote, name)
        for name in (
            "workflow", "version_id", "subject", "serve_id", "answer", "annotations", "viewer", "started_at", "finished_at",
            "created_at", "arm", "p", "late", "flag", "verdict", "log_likelihood", "source", "external_id",
        )
    }  # fmt: skip
    counted = vote.counted and (blind or not vote.workflow.blind)
    return Classification(id=identity.random_uuid(), volunteer=person, blind=blind, counted=counted, **same)


def _copy_marks(old: Classification, new: Classification) -> None:
    marks: Iterable[Mark] = old.marks.all()
    Mark.objects.bulk_create(
        Mark(
            classification=new, step=mark.step, position=mark.position, frame=mark.frame,
            x1=mark.x1, y1=mark.y1, x2=mark.x2, y2=mark.y2, suggestion=mark.suggestion,
        )
        for mark in marks
    )  # fmt: skip


def _move_reveals(theirs: Volunteer, mine: Volunteer) -> None:
    """The person has seen what the visitor saw; the earlier moment stands."""
    known = {reveal.root_id: reveal for reveal in Reveal.objects.filter(volunteer=mine)}
    for reveal in Reveal.objects.filter(volunteer=theirs):
        twin = known.get(reveal.root_id)
        if twin is None:
            Reveal.objects.filter(pk=reveal.pk).update(volunteer=mine)
        elif reveal.at < twin.at:
            Reveal.objects.filter(pk=twin.pk).update(at=reveal.at)
