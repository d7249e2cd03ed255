"""Subjects handed out, each logged as a Serve with its arm and chance, and leased for a while. Which ones: `choosing`."""

import random
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef

from classify import selection
from classify.models import Serve, Subject, SubjectFrame, SubjectStatus, Volunteer, Workflow
from classify.services import choosing, people, reveals, tallies
from classify.services.choosing import Asker, Candidate
from core import identity

MAX_SERVED = 50
MOST_HELD = 100  # subjects that one volunteer has in hand unanswered
_CUTOUT = ("preview_key", "pixels_key", "width", "height", "ra_deg", "dec_deg", "footprint", "plane__exposure__credit", "plane__exposure__licence")
_SHOWN = ["subject_id", "position", "to_first", *(f"cutout__{name}" for name in _CUTOUT)]  # what archive.selectors.frame_payload reads
_ABOUT_OVER = timedelta(minutes=1)  # a lease that ends so soon is not made longer: somebody else may be getting the subject


@dataclass(frozen=True)
class Served:
    """One subject handed to one volunteer. `frames` are its cutouts in order; `suggestions` are empty unless they are to be shown.

    `to_first`: for each frame its map to the first one, or None.
    """

    serve: str
    subject: Subject
    version: str
    lease_until: datetime
    suggestions: list[dict[str, Any]] = field(default_factory=list)
    frames: list[Any] = field(default_factory=list)
    to_first: list[Any] = field(default_factory=list)


@dataclass(frozen=True)
class Page:
    """An answer of the queue. `gone`: serves in hand that nobody wants answered any more; `later`: where nothing was left, in how many
    seconds others' leases begin to run out, if they hold something."""

    results: list[Served]
    gone: list[str]
    later: int | None


def next_page(
    *, volunteer: Volunteer, workflow: Workflow, n: int, now: datetime, rng: random.Random, holding: Collection[uuid.UUID] = (), pack: bool = False
) -> Page:
    """Hand up to `n` subjects (at most 50) to a volunteer, each logged and leased: for a while, or as a pack that is taken along.

    Never one that this volunteer has classified in the workflow, nor (where the workflow is blind) one whose discussion they have
    opened, nor a retired or unready one, nor one of the serves that they are `holding`. Only when nothing else is left come their own
    unanswered ones again, under the same serve. Two requests of one person come one after the other: the page that asks ahead and a
    pack would share out what is left, and each would get a part of it.
    """
    held, gone = _in_hand(volunteer, workflow, holding)
    n = max(1, min(n, MAX_SERVED))
    until = now + (timedelta(hours=workflow.pack_hours) if pack else timedelta(minutes=workflow.lease_minutes))
    with transaction.atomic():
        asker = Asker(volunteer=people.lock_person(volunteer), workflow=workflow, now=now, held=held)
        leased = choosing.open_leases(asker.volunteer, workflow, now)
        free = min(n, MOST_HELD - len(leased))
        serves = _write(asker, choosing.choose(asker, free, leased, rng) if free > 0 else [], until, rng)
        if len(serves) < n and leased:
            again = _again(asker, n - len(serves), [serve.subject_id for serve in serves])
            serves += _lengthened(again, until, now) if pack else again
    later = choosing.free_again_at(asker, rng) if not serves else None
    return Page(_dressed(serves), gone, max(1, ceil((later - now).total_seconds())) if later else None)


def next_subjects(*, volunteer: Volunteer, workflow: Workflow, n: int, now: datetime, rng: random.Random) -> list[Served]:
    """Only the subjects of `next_page`, for a volunteer with nothing in hand."""
    return next_page(volunteer=volunteer, workflow=workflow, n=n, now=now, rng=rng).results


def resume_or_next(*, volunteer: Volunteer, workflow: Workflow, now: datetime, rng: random.Random) -> Served | None:
    """One subject for a page that is opened: the newest one that this volunteer holds unanswered, else a new one."""
    held = _again(Asker(volunteer=volunteer, workflow=workflow, now=now), 1, [])
    if held:
        return _dressed(held)[0]
    served = next_subjects(volunteer=volunteer, workflow=workflow, n=1, now=now, rng=rng)
    return served[0] if served else None


def _in_hand(volunteer: Volunteer, workflow: Workflow, holding: Collection[uuid.UUID]) -> tuple[list[int], list[str]]:
    """The subjects of these serves, and those serves among them (unknown ones, too) whose answer nobody waits for any more."""
    if not holding:
        return [], []
    wanted = choosing.unseen(volunteer, workflow).filter(subject_id=OuterRef("subject_id"))
    rows = Serve.objects.filter(pk__in=holding, volunteer=volunteer, version__workflow=workflow).annotate(wanted=Exists(wanted))
    found = {pk: (subject, is_wanted) for pk, subject, is_wanted in rows.values_list("pk", "subject_id", "wanted")}
    gone = [str(pk) for pk in holding if not found.get(pk, (0, False))[1]]
    return [subject for subject, _ in found.values()], gone


# --- writing -------------------------------------------------------------------------------------


def _write(asker: Asker, chosen: Sequence[Candidate], until: datetime, rng: random.Random) -> list[Serve]:
    """Log the serves. A serve with the suggestion shown is more than pixels: it reveals the root."""
    if not chosen:
        return []
    version = tallies.current_version(asker.workflow)
    serves = [_serve(asker, row, until, rng) for row in chosen]
    for serve in serves:
        serve.version = version
    Serve.objects.bulk_create(serves)
    if suggested := [serve.subject.root_id or serve.subject_id for serve in serves if serve.suggested]:
        reveals.reveal_many(volunteer=asker.volunteer, root_ids=suggested, now=asker.now)
    return serves


def _serve(asker: Asker, row: Candidate, until: datetime, rng: random.Random) -> Serve:
    subject, flow = row.subject, asker.workflow
    has_one = bool(subject.suggestions) and not flow.blind
    shown, chance = selection.show_suggestion(has_suggestion=has_one, suggest_fraction=flow.suggest_fraction, rng=rng)
    return Serve(
        id=identity.random_uuid(), volunteer=asker.volunteer, subject=subject, arm=row.draw.arm, p=row.draw.p, suggested=shown, p_suggested=chance,
        model=str(subject.metadata.get("model", ""))[:80] if shown else "", served_at=asker.now, lease_until=until,
    )  # fmt: skip


def _again(asker: Asker, n: int, besides: Sequence[int]) -> list[Serve]:
    """The volunteer's own open leases that are still unanswered and wanted, newest first; in a blind workflow never known ones alone."""
    leases = Serve.objects.filter(volunteer=asker.volunteer, version__workflow=asker.workflow, lease_until__gt=asker.now)
    leases = leases.exclude(subject_id__in={*asker.held, *besides})
    wanted = choosing.unseen(asker.volunteer, asker.workflow).filter(subject_id=OuterRef("subject_id"))
    leases = leases.filter(Exists(wanted)).select_related("subject", "version").order_by("-served_at", "id")
    rows, gold = list(leases[:n]), Serve.Arm.GOLD
    alone = asker.workflow.blind and not besides and all(row.arm == gold for row in rows)
    return rows if not alone or leases.exclude(arm=gold).exists() else []


def _lengthened(serves: list[Serve], until: datetime, now: datetime) -> list[Serve]:
    """Give leases that become part of a pack its time. Nobody else is getting these subjects meanwhile: their rows are locked."""
    short = [serve for serve in serves if now + _ABOUT_OVER < serve.lease_until < until]
    if short:
        workflow = short[0].version.workflow_id
        rows = SubjectStatus.objects.filter(workflow=workflow, subject_id__in=[serve.subject_id for serve in short]).order_by("pk")
        list(rows.select_for_update(no_key=True).values_list("pk"))
        Serve.objects.filter(pk__in=[serve.pk for serve in short]).update(lease_until=until)
    for serve in short:
        serve.lease_until = until
    return serves


# --- what the page gets --------------------------------------------------------------------------


def _dressed(serves: Sequence[Serve]) -> list[Served]:
    """Put the frames to the serves: one query for all."""
    frames: dict[int, list[SubjectFrame]] = {}
    rows = SubjectFrame.objects.filter(subject_id__in=[serve.subject_id for serve in serves]).order_by("subject_id", "position")
    rows = rows.select_related("cutout__plane__exposure").only(*_SHOWN)
    for frame in rows if serves else ():
        frames.setdefault(frame.subject_id, []).append(frame)
    return [
        Served(
            serve=str(serve.pk),
            subject=serve.subject,
            version=serve.version.label,
            lease_until=serve.lease_until,
            suggestions=_shown(serve.subject.suggestions) if serve.suggested else [],
            frames=[frame.cutout for frame in frames.get(serve.subject_id, ())],
            to_first=[frame.to_first for frame in frames.get(serve.subject_id, ())],
        )
        for serve in serves
    ]


def _shown(suggestions: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The geometry of suggested trails, without score and class: people are to judge those."""
    return [{name: trail[name] for name in ("id", "x1", "y1", "x2", "y2", "points") if name in trail} for trail in suggestions]
