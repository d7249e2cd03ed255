"""Subjects handed out: a random start on a shuffled key, without what this volunteer has classified, holds, or was shown.

Flat in the number of subjects and votes: each query walks an index from a random place and stops after n rows. Only a volunteer who
has classified (nearly) everything makes it walk far; that nothing was left is then remembered for a moment.
"""

import contextlib
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.core.cache import cache
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Coalesce
from redis.exceptions import RedisError

from classify import selection
from classify.models import Classification, Reveal, Serve, Subject, SubjectFrame, SubjectSet, SubjectSetMember, SubjectStatus, Volunteer, Workflow
from classify.services import reveals, tallies
from core import identity

MAX_SERVED = 50
_CUTOUT = ("preview_key", "pixels_key", "width", "height", "ra_deg", "dec_deg", "footprint", "plane__exposure__credit", "plane__exposure__licence")
_SHOWN = ["subject_id", "position", *(f"cutout__{name}" for name in _CUTOUT)]  # what archive.selectors.frame_payload reads
_LONG_WALK = 5_000  # active subjects: from here on, an empty answer is remembered ...
_REMEMBER_S = 20  # ... for so long


@dataclass(frozen=True)
class Served:
    """One subject handed to one volunteer. `frames` are its cutouts in order; `suggestions` are empty unless they are to be shown."""

    serve: str
    subject: Subject
    version: str
    suggestions: list[dict[str, Any]] = field(default_factory=list)
    frames: list[Any] = field(default_factory=list)


class _Candidate(NamedTuple):
    """A chosen status: its subject, its secret lot, and whether its answer is known."""

    subject: Subject
    lot: float
    is_gold: bool


def next_subjects(*, volunteer: Volunteer, workflow: Workflow, n: int, now: datetime, rng: random.Random) -> list[Served]:
    """Hand up to `n` subjects (at most 50) to a volunteer, each logged as a Serve with its arm and chance, and leased.

    Never one that this volunteer has classified in the workflow, nor (where the workflow is blind) one whose discussion they have
    opened, nor a retired or unready one. Only when nothing else is left come their own unanswered ones again, under the same serve.
    """
    n = max(1, min(n, MAX_SERVED))
    leased = _open_leases(volunteer, workflow, now)
    chosen = _choose(volunteer, workflow, n, leased, rng)
    served = _write(volunteer, workflow, chosen, now, rng)
    if len(served) < n:
        served += _again(volunteer, workflow, n - len(served), now, {row.subject_id for row in served})
    return _dressed(served)


def resume_or_next(*, volunteer: Volunteer, workflow: Workflow, now: datetime, rng: random.Random) -> Served | None:
    """One subject for a page that is opened: the newest one that this volunteer holds unanswered, else a new one."""
    held = _again(volunteer, workflow, 1, now, set())
    if held:
        return _dressed(held)[0]
    served = next_subjects(volunteer=volunteer, workflow=workflow, n=1, now=now, rng=rng)
    return served[0] if served else None


# --- choosing ------------------------------------------------------------------------------------


def _open_leases(volunteer: Volunteer, workflow: Workflow, now: datetime) -> list[int]:
    leases = Serve.objects.filter(volunteer=volunteer, version__workflow=workflow, lease_until__gt=now)
    return list(leases.values_list("subject_id", flat=True))


def _choose(volunteer: Volunteer, workflow: Workflow, n: int, leased: Sequence[int], rng: random.Random) -> list[_Candidate]:
    note = f"nothing-left:{workflow.pk}:{volunteer.pk}"
    if _remembered(note):
        return []
    fresh = _unseen(volunteer, workflow).exclude(subject_id__in=leased)
    by_priority = workflow.order == Workflow.Order.PRIORITY
    chosen = _by_priority(fresh, workflow, n, rng) if by_priority else _at_random(fresh, n, rng)
    if not chosen and not leased and _is_large(workflow):
        with contextlib.suppress(RedisError):
            cache.set(note, 1, _REMEMBER_S)
    return chosen


def _remembered(note: str) -> bool:
    """The cache only saves time: without it (the broker is down) the database answers."""
    with contextlib.suppress(RedisError):
        return bool(cache.get(note))
    return False


def _is_large(workflow: Workflow) -> bool:
    active = SubjectStatus.objects.filter(workflow=workflow, state=SubjectStatus.State.ACTIVE)
    return bool(active[_LONG_WALK : _LONG_WALK + 1].exists())


def _unseen(volunteer: Volunteer, workflow: Workflow) -> QuerySet[SubjectStatus]:
    """Active, ready subjects that this volunteer may still be asked about."""
    active = SubjectStatus.objects.filter(workflow=workflow, state=SubjectStatus.State.ACTIVE, subject__ready=True)
    voted = Classification.objects.filter(workflow=workflow, subject=OuterRef("subject_id"), volunteer=volunteer, superseded_by__isnull=True).exclude(
        answer=""
    )
    fresh = active.filter(~Exists(voted))
    if workflow.blind:
        root = Coalesce(OuterRef("subject__root_id"), OuterRef("subject_id"))
        fresh = fresh.filter(~Exists(Reveal.objects.filter(volunteer=volunteer, root=root)))
    return fresh


def _at_random(fresh: QuerySet[SubjectStatus], n: int, rng: random.Random) -> list[_Candidate]:
    """Up to n subjects from a random start on the shuffled key, round the end."""
    start = rng.random()
    chosen = _rows(fresh.filter(shuffle__gte=start).order_by("shuffle"), n)
    if len(chosen) < n:
        chosen += _rows(fresh.filter(shuffle__lt=start).order_by("shuffle"), n - len(chosen))
    return chosen


def _by_priority(fresh: QuerySet[SubjectStatus], workflow: Workflow, n: int, rng: random.Random) -> list[_Candidate]:
    """The most urgent subjects (equal ones in random order), but for a share f of the serves that the audit arm gets whatever its priority."""
    quota = selection.audit_quota(n, workflow.audit_fraction, rng)
    audit = _at_random(fresh.filter(lot__lt=workflow.audit_fraction), quota, rng) if quota else []
    rest = fresh.exclude(subject_id__in=[row.subject.pk for row in audit]) if audit else fresh
    return audit + _rows(rest.order_by("-priority", "shuffle"), n - len(audit))


def _rows(statuses: QuerySet[SubjectStatus], n: int) -> list[_Candidate]:
    """Gold is told by the sets; the keys themselves are not read here."""
    gold = SubjectSetMember.objects.filter(
        subject=OuterRef("subject_id"), subject_set__purpose=SubjectSet.Purpose.GOLD, subject_set__workflows=OuterRef("workflow_id")
    )
    rows = statuses.annotate(is_gold=Exists(gold)).select_related("subject").only("lot", "subject")
    return [_Candidate(row.subject, row.lot, row.is_gold) for row in rows[:n]]


# --- writing -------------------------------------------------------------------------------------


def _write(volunteer: Volunteer, workflow: Workflow, chosen: Sequence[_Candidate], now: datetime, rng: random.Random) -> list[Serve]:
    """Log the serves. A serve with the suggestion shown is more than pixels: it reveals the root."""
    if not chosen:
        return []
    version = tallies.current_version(workflow)
    serves = [_serve(volunteer, workflow, row, now, rng) for row in chosen]
    for serve in serves:
        serve.version = version
    Serve.objects.bulk_create(serves)
    if suggested := [serve.subject.root_id or serve.subject_id for serve in serves if serve.suggested]:
        reveals.reveal_many(volunteer=volunteer, root_ids=suggested, now=now)
    return serves


def _serve(volunteer: Volunteer, workflow: Workflow, row: _Candidate, now: datetime, rng: random.Random) -> Serve:
    by_priority, subject = workflow.order == Workflow.Order.PRIORITY, row.subject
    draw = selection.arm_of(lot=row.lot, audit_fraction=workflow.audit_fraction, by_priority=by_priority, is_gold=row.is_gold)
    has_one = bool(subject.suggestions) and not workflow.blind
    shown, chance = selection.show_suggestion(has_suggestion=has_one, suggest_fraction=workflow.suggest_fraction, rng=rng)
    return Serve(
        id=identity.random_uuid(), volunteer=volunteer, subject=subject, arm=draw.arm, p=draw.p, suggested=shown, p_suggested=chance,
        model=str(subject.metadata.get("model", ""))[:80] if shown else "", served_at=now,
        lease_until=now + timedelta(minutes=workflow.lease_minutes),
    )  # fmt: skip


def _again(volunteer: Volunteer, workflow: Workflow, n: int, now: datetime, besides: set[int]) -> list[Serve]:
    """The volunteer's own open leases that are still unanswered and wanted, newest first."""
    leases = Serve.objects.filter(volunteer=volunteer, version__workflow=workflow, lease_until__gt=now).exclude(subject_id__in=besides)
    wanted = _unseen(volunteer, workflow).filter(subject_id=OuterRef("subject_id"))
    return list(leases.filter(Exists(wanted)).select_related("subject", "version").order_by("-served_at", "id")[:n])


# --- what the page gets --------------------------------------------------------------------------


def _dressed(serves: Sequence[Serve]) -> list[Served]:
    """Put the frames to the serves: one query for all."""
    frames: dict[int, list[Any]] = {}
    rows = SubjectFrame.objects.filter(subject_id__in=[serve.subject_id for serve in serves]).order_by("subject_id", "position")
    rows = rows.select_related("cutout__plane__exposure").only(*_SHOWN)
    for frame in rows if serves else ():
        frames.setdefault(frame.subject_id, []).append(frame.cutout)
    return [
        Served(
            serve=str(serve.pk),
            subject=serve.subject,
            version=serve.version.label,
            suggestions=_shown(serve.subject.suggestions) if serve.suggested else [],
            frames=frames.get(serve.subject_id, []),
        )
        for serve in serves
    ]


def _shown(suggestions: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The geometry of suggested trails, without score and class: people are to judge those."""
    return [{name: trail[name] for name in ("id", "x1", "y1", "x2", "y2", "points") if name in trail} for trail in suggestions]
