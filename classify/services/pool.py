"""Subjects come in: cutouts of the archive, finds of a detector. All idempotent by `origin`; running twice changes nothing."""

import random
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, Value
from django.db.models.functions import Cast, Concat

from archive import selectors as archive
from classify.models import MachineOpinion, Subject, SubjectFrame, SubjectStatus, Workflow
from core import identity

BATCH = 500


def pool_new(*, now: datetime, rng: random.Random, limit: int | None = None) -> int:
    """Make a subject of each cutout that can be shown and is none yet, and open the workflows that take cutouts for them.

    Returns the number of new (workflow, subject) pairs. The secret lot and the shuffled key are drawn here, once for all.
    """
    _make_subjects(now, limit)
    flows = Workflow.objects.filter(takes_cutouts=True, live=True)
    return sum(open_pool(workflow=workflow, now=now, rng=rng) for workflow in flows)


def _make_subjects(now: datetime, limit: int | None) -> None:
    origin = Concat(Value("cutout:"), Cast(OuterRef("pk"), CharField()), output_field=CharField())
    new = archive.cutouts_ready().filter(~Exists(Subject.objects.filter(origin=origin)))
    ids = list(new.values_list("pk", flat=True)[:limit])
    for start in range(0, len(ids), BATCH):
        with transaction.atomic():
            _insert_subjects(ids[start : start + BATCH], now)


def _insert_subjects(cutout_ids: Sequence[int], now: datetime) -> None:
    """One pool subject per cutout, each with its frame. A row that another process made in between is left alone."""
    numbers = fresh_public_ids(len(cutout_ids))
    Subject.objects.bulk_create(
        [
            Subject(public_id=number, kind=Subject.Kind.POOL, origin=f"cutout:{pk}", ready=True, created_at=now)
            for number, pk in zip(numbers, cutout_ids, strict=True)
        ],
        ignore_conflicts=True,
    )
    made = Subject.objects.filter(origin__in=[f"cutout:{pk}" for pk in cutout_ids]).values_list("pk", "origin")
    SubjectFrame.objects.bulk_create(
        [SubjectFrame(subject_id=pk, position=0, cutout_id=int(origin.partition(":")[2])) for pk, origin in made], ignore_conflicts=True
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
    """The pool subject of a cutout, made if there is none. Raises archive's DoesNotExist for an unknown cutout."""
    found = Subject.objects.filter(origin=f"cutout:{cutout_id}").first()
    if found is None:
        archive.get_cutout(cutout_id)
        with transaction.atomic():
            _insert_subjects([cutout_id], now)
        found = Subject.objects.get(origin=f"cutout:{cutout_id}")
    return found


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
    workflow: str = "review",
    rng: random.Random | None = None,
) -> Subject:
    """Put a machine's find before people: a subject of the cutout with the suggested trails, open in the review workflow.

    Idempotent by `origin` (find:<id>): offered again, the same subject comes back unchanged but for its priority. Each suggestion is
    {"id", "klass", "score", "points": [[x, y], ...]}; the ends x1, y1, x2, y2 are filled in from the points (cutout pixels).
    """
    flow = Workflow.objects.get(slug=workflow)
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
        set_priority(workflow=workflow, subject_id=subject.pk, priority=priority)
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
