"""Detections become finds, one per thing whatever models found it; finds become questions for people.

Rule: a find where people have already agreed on a trail (a settled positive consensus whose trail lies at the same place) is kept and
marked `known`, and is not asked again. All others from the live model's threshold up are asked, best first.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from classify import services as classify
from ml import intake
from ml.labels import same_place
from ml.models import Detection, DetectorModel, Find, Scanned
from ml.selectors import live_model

ASK_AT_ONCE = 100  # per tick: keeps the tick short, and the queue in order of score


def geometry(klass: str, x1: float, y1: float, x2: float, y2: float) -> str:
    """Return class and ends in whole pixels, ends in a fixed order: the same trail twice has the same name."""
    ends = sorted([(round(x1), round(y1)), (round(x2), round(y2))])
    return f"{klass[:16]}:" + ",".join(f"{value}" for end in ends for value in end)


@transaction.atomic
def link_finds(*, model: DetectorModel, cutout_ids: Iterable[int], now: datetime) -> int:
    """Join detections without a find to the find at the same place, or open one; return how many finds are new.

    Safe to repeat. Locks the model row, so that two workers do not open two finds for one thing.
    """
    DetectorModel.objects.select_for_update().get(pk=model.pk)
    loose: dict[int, list[Detection]] = defaultdict(list)
    for detection in Detection.objects.filter(model=model, find=None, cutout_id__in=list(cutout_ids)).order_by("-score", "pk"):
        loose[detection.cutout_id].append(detection)
    known: dict[int, list[Find]] = defaultdict(list)
    for find in Find.objects.filter(cutout_id__in=list(loose)):
        known[find.cutout_id].append(find)
    return sum(_link(detection, known[cutout_id], now) for cutout_id in sorted(loose) for detection in loose[cutout_id])


def _link(detection: Detection, finds: list[Find], now: datetime) -> bool:
    """Attach one detection; True when a new find was opened."""
    here = next((f for f in finds if same_place(f.points, detection.points)), None)
    new = here is None
    if here is None:
        here = Find.objects.create(cutout_id=detection.cutout_id, created_at=now, **_shape(detection))
        finds.append(here)
    elif not here.asked and _leads(detection, here):
        Find.objects.filter(pk=here.pk).update(**_shape(detection))
    Detection.objects.filter(pk=detection.pk).update(find=here)
    return new


def _leads(detection: Detection, find: Find) -> bool:
    """Say whether this detection is to stand for the find: it is the newest model's, or that model's better one."""
    others = find.detections.filter(model_id__gte=detection.model_id)
    return not others.filter(score__gte=detection.score).exists() and not others.filter(model_id__gt=detection.model_id).exists()


def _shape(detection: Detection) -> dict[str, Any]:
    return {name: getattr(detection, name) for name in ("klass", "score", "x1", "y1", "x2", "y2", "points")}


def link_rest(*, model: DetectorModel, now: datetime) -> int:
    """Link what a worker that died between storing and linking left loose."""
    ids = list(Detection.objects.filter(model=model, find=None).values_list("cutout_id", flat=True).distinct()[:500])
    return link_finds(model=model, cutout_ids=ids, now=now) if ids else 0


def ask_finds(*, now: datetime, limit: int = ASK_AT_ONCE) -> list[int]:
    """Offer the best unasked finds of the live model to the review workflow; return their ids. Idempotent by the origin find:<id>."""
    model = live_model()
    if model is None:
        return []
    waiting = Find.objects.filter(
        asked=False, known=False, withdrawn_at__isnull=True, detections__model=model, score__gte=threshold_of(model)
    ).distinct()
    chosen = list(waiting.order_by("-score", "id")[:limit])
    agreed = intake.agreed_trails([find.cutout_id for find in chosen])
    asked = [find for find in chosen if _ask(find, agreed.get(find.cutout_id, []), model, now)]
    return [find.pk for find in asked]


def _ask(find: Find, agreed: Sequence[Sequence[Sequence[float]]], model: DetectorModel, now: datetime) -> bool:
    """Offer one find, or mark it known; True when it was offered."""
    if any(same_place(find.points, line) for line in agreed):
        Find.objects.filter(pk=find.pk).update(known=True)
        return False
    with transaction.atomic():
        classify.offer_find(
            origin=f"find:{find.pk}",
            cutout_id=find.cutout_id,
            suggestions=[suggestion(find)],
            priority=find.score,
            model=model.name,
            now=now,
        )
        Find.objects.filter(pk=find.pk).update(asked=True)
    return True


def suggestion(find: Find) -> dict[str, Any]:
    """Return the trail as it is drawn for people."""
    return {
        "id": f"find-{find.pk}",
        "klass": find.klass,
        "score": find.score,
        "points": find.points,
        "x1": find.x1,
        "y1": find.y1,
        "x2": find.x2,
        "y2": find.y2,
    }


def threshold_of(model: DetectorModel) -> float:
    """Return the score from which this model's finds are worth a person's time (the best F1 on its validation split)."""
    return float(model.card.get("threshold", 0.5))


def tell_opinions(*, now: datetime, limit: int = 500) -> int:
    """Hand the live model's score of each scanned cutout to its subject, once; return how many were told."""
    model = live_model()
    if model is None:
        return 0
    rows = list(Scanned.objects.filter(model=model, told=False, error="").order_by("pk")[:limit])
    told = intake.tell({row.cutout_id: row.score for row in rows}, model=model.name, now=now)
    return Scanned.objects.filter(model=model, cutout_id__in=told).update(told=True)
