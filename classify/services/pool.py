"""Subjects come in: cutouts of the archive, finds of a detector. All idempotent by `origin`; running twice changes nothing."""

import random
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef

from archive import selectors as archive
from classify import grouping
from classify.models import MachineOpinion, Subject, SubjectFrame, SubjectStatus, Workflow
from core import identity

BATCH = 500
MOST_MISS_PX = 1.0  # frames that no linear map lays upon each other so well are no frames of one subject


def pool_new(*, now: datetime, rng: random.Random, limit: int | None = None) -> int:
    """Make subjects of the cutouts that can be shown and are in none yet, and open the workflows that take cutouts for them.

    The cutouts of one visit that show the same box of the sky are the frames of one subject, registered by their WCS. A visit waits
    until all its exposures are cut; the frames of a subject never change afterwards, so what is delivered later makes subjects of its
    own. Returns the number of new (workflow, subject) pairs. The secret lot and the shuffled key are drawn here, once for all.
    """
    _make_subjects(now, limit)
    flows = Workflow.objects.filter(takes_cutouts=True, live=True)
    return sum(open_pool(workflow=workflow, now=now, rng=rng) for workflow in flows)


def _make_subjects(now: datetime, limit: int | None) -> None:
    known = SubjectFrame.objects.filter(cutout=OuterRef("pk"), subject__kind=Subject.Kind.POOL)
    visits = archive.cutouts_by_visit(archive.cutouts_ready().filter(~Exists(known)))
    groups = [frames for visit in visits for frames in _grouped(visit)][:limit]
    for start in range(0, len(groups), BATCH):
        frames = [_registered(group) for group in groups[start : start + BATCH]]
        with transaction.atomic():
            _insert_subjects([part for parts in frames for part in parts], now)


_Frames = list[tuple[int, list[float] | None]]  # of one subject: (cutout, its map to the first one) in order


def _grouped(cutouts: Sequence[Any]) -> list[list[int]]:
    """The cutouts of one visit, by the box of the sky that they show."""
    if len(cutouts) == 1:
        return [[cutouts[0].pk]]
    found = grouping.group(grouping.Candidate(row.pk, row.plane.exposure_id, row.footprint, row.pixel_scale_arcsec) for row in cutouts)
    return [[member.cutout_id for member in group] for group in found]


def _registered(cutout_ids: Sequence[int]) -> list[_Frames]:
    """The first cutout with all that can be laid upon it; each of the others is a subject of its own."""
    first, *others = cutout_ids
    frames: list[_Frames] = [[(first, None)]]
    for cutout_id in others:
        found = archive.registration(cutout_id, first)
        if found is not None and found[1] <= MOST_MISS_PX:
            frames[0].append((cutout_id, [round(value, 9) for value in found[0]]))
        else:
            frames.append([(cutout_id, None)])
    return frames


def _insert_subjects(subjects: Sequence[_Frames], now: datetime) -> None:
    """One pool subject for each, named after its first cutout. A row that another process made in between is left alone."""
    origins = {f"cutout:{frames[0][0]}": frames for frames in subjects}
    numbers = fresh_public_ids(len(origins))
    Subject.objects.bulk_create(
        [
            Subject(public_id=number, kind=Subject.Kind.POOL, origin=origin, ready=True, created_at=now)
            for number, origin in zip(numbers, origins, strict=True)
        ],
        ignore_conflicts=True,
    )
    made = Subject.objects.filter(origin__in=origins).values_list("pk", "origin")
    SubjectFrame.objects.bulk_create(
        [
            SubjectFrame(subject_id=pk, position=position, cutout_id=cutout_id, to_first=to_first)
            for pk, origin in made
            for position, (cutout_id, to_first) in enumerate(origins[origin])
        ],
        ignore_conflicts=True,
    )


def fresh_public_ids(n: int) -> list[int]:
    """Return n random numbers that no subject has (at 150,000 subjects a blind draw would hit one)."""
    found: dict[int, None] = {}
    while len(found) < n:
        drawn = {identity.random_number() for _ in range(n - len(found))} - set(found)
        taken = set(Subject.objects.filter(public_id__in=drawn).values_list("public_id", flat=True))
        found.update(dict.fromkeys(drawn - taken))
    return list(found)


def open_pool(*, workflow: Workflow, now: datetime, rng: random.Random) -> int:
    """Open all pool subjects that a workflow has not; returns how many."""
    known = SubjectStatus.objects.filter(workflow=workflow, subject=OuterRef("pk"))
    waiting = Subject.objects.filter(~Exists(known), kind=Subject.Kind.POOL, ready=True)
    ids = list(waiting.values_list("pk", flat=True))
    return sum(open_subjects(workflow=workflow, subject_ids=ids[i : i + BATCH], now=now, rng=rng) for i in range(0, len(ids), BATCH))


def open_subjects(*, workflow: Workflow, subject_ids: Iterable[int], now: datetime, rng: random.Random, priority: float = 0.0) -> int:
    """Make subjects active in a workflow; those that have a state there keep it. Returns how many were new."""
    wanted = list(dict.fromkeys(subject_ids))
    known = set(SubjectStatus.objects.filter(workflow=workflow, subject_id__in=wanted).values_list("subject_id", flat=True))
    rows = [
        SubjectStatus(
            workflow=workflow, subject_id=pk, lot=rng.random(), shuffle=rng.random(), priority=priority, pooled_at=now,
        )
        for pk in wanted
        if pk not in known
    ]  # fmt: skip
    SubjectStatus.objects.bulk_create(rows, ignore_conflicts=True, batch_size=BATCH)
    return len(rows)


def subject_of_cutout(*, cutout_id: int, now: datetime) -> Subject:
    """The pool subject of which a cutout is a frame, made if there is none. Raises archive's DoesNotExist for an unknown cutout."""
    found = _with_frame(cutout_id)
    if found is None:
        archive.get_cutout(cutout_id)
        with transaction.atomic():
            _insert_subjects([[(cutout_id, None)]], now)
        found = Subject.objects.get(origin=f"cutout:{cutout_id}")
    return found


def _with_frame(cutout_id: int) -> Subject | None:
    return Subject.objects.filter(kind=Subject.Kind.POOL, frames__cutout_id=cutout_id).order_by("pk").first()


# --- what the detector asks ----------------------------------------------------------------------


@transaction.atomic
def offer_find(
    *,
    origin: str,
    cutout_id: int,
    suggestions: Sequence[dict[str, Any]],
    priority: float,
    model: str,
    now: datetime,
    workflow: str = "",
    rng: random.Random | None = None,
) -> Subject:
    """Put a machine's find before people: a subject of the cutout with the suggested trails, open in the workflow named, else in that for reviews.

    Idempotent by `origin` (find:<id>): offered again, the same subject comes back unchanged but for its priority. Each suggestion is
    {"id", "klass", "score", "points": [[x, y], ...]}; the ends x1, y1, x2, y2 are filled in from the points (cutout pixels).
    """
    flow = Workflow.objects.get(slug=workflow) if workflow else Workflow.objects.get(purpose=Workflow.Purpose.REVIEW)
    subject = Subject.objects.filter(origin=origin).first()
    if subject is None:
        root = subject_of_cutout(cutout_id=cutout_id, now=now)
        (number,) = fresh_public_ids(1)
        subject, created = Subject.objects.get_or_create(
            origin=origin,
            defaults={
                "public_id": number, "kind": Subject.Kind.FIND, "root": root, "ready": root.ready, "metadata": {"model": model},
                "suggestions": [_with_ends(trail) for trail in suggestions], "created_at": now,
            },
        )  # fmt: skip
        if created:
            SubjectFrame.objects.create(subject=subject, position=0, cutout_id=cutout_id)
    if not open_subjects(workflow=flow, subject_ids=[subject.pk], now=now, rng=rng or random.Random(), priority=priority):
        set_priority(workflow=flow.slug, subject_id=subject.pk, priority=priority)
    return subject


def _with_ends(trail: dict[str, Any]) -> dict[str, Any]:
    points = [[float(x), float(y)] for x, y in trail["points"]]
    (x1, y1), (x2, y2) = points[0], points[-1]
    return {**trail, "id": str(trail["id"])[:40], "points": points, "x1": x1, "y1": y1, "x2": x2, "y2": y2}


def set_priority(*, workflow: str, subject_id: int, priority: float) -> bool:
    """Overwrite the priority of a subject (by its primary key) in a workflow; False when it is not there."""
    return bool(SubjectStatus.objects.filter(workflow__slug=workflow, subject_id=subject_id).update(priority=priority))


def set_machine_opinions(*, workflow: str, model: str, probabilities: Mapping[int, dict[str, float]], now: datetime) -> int:
    """Store what a model thinks of subjects {subject_id: {answer: probability}}, apart from the votes of people; the newest stands."""
    flow = Workflow.objects.get(slug=workflow)
    rows = [
        MachineOpinion(workflow=flow, subject_id=subject_id, model=model, probabilities=said, at=now) for subject_id, said in probabilities.items()
    ]
    MachineOpinion.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["workflow", "subject", "model"], update_fields=["probabilities", "at"], batch_size=BATCH
    )
    return len(rows)


def set_machine_opinion(*, workflow: str, subject_id: int, model: str, probabilities: dict[str, float], now: datetime) -> None:
    """The same for one subject."""
    set_machine_opinions(workflow=workflow, model=model, probabilities={subject_id: probabilities}, now=now)
