"""Reads of the room: models, runs, detections, finds."""

from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import Count, Q, QuerySet

from core import files
from core.streaming import Records, records_of
from ml.models import Detection, DetectorModel, Find, Promotion, Run, Scanned, Shard, TrainingSet


def models() -> QuerySet[DetectorModel]:
    """All models, newest first."""
    return DetectorModel.objects.select_related("training_set", "parent")


def model_by_name(name: str) -> DetectorModel | None:
    """The model with this name."""
    return models().filter(name=name).first()


def live_model() -> DetectorModel | None:
    """The one live model, or None while the registry is empty."""
    return DetectorModel.objects.filter(state=DetectorModel.State.LIVE).first()


def rollback_target() -> DetectorModel | None:
    """The model that a roll-back would put live.

    A roll-back undoes the newest promotion that has not been undone, so two in a row go back two steps.
    """
    undone = 0
    for promotion in Promotion.objects.select_related("previous").order_by("-id"):
        if promotion.reason == Promotion.Reason.ROLLBACK:
            undone += 1
        elif undone:
            undone -= 1
        else:
            return promotion.previous
    return None


def promotions() -> QuerySet[Promotion]:
    """Who put which model live when and why, newest first."""
    return Promotion.objects.select_related("model", "previous", "actor")


def runs() -> QuerySet[Run]:
    """All trainings and scans with their jobs, newest first."""
    return Run.objects.select_related("job", "job__actor", "training_set", "model")


def open_runs() -> QuerySet[Run]:
    """Trainings and scans that wait or run."""
    return runs().filter(job__state__in=["queued", "running"])


def run_by_id(run_id: int) -> Run | None:
    """One training or scan."""
    return runs().filter(pk=run_id).first()


def training_sets() -> QuerySet[TrainingSet]:
    """All frozen sets, newest first."""
    return TrainingSet.objects.all()


def manifest_of(training_set: TrainingSet) -> bytes:
    """The rows of a frozen set as JSON Lines, as they were hashed."""
    return files.get(training_set.manifest_key)


def detections_of(cutout_ids: Iterable[int], *, model: DetectorModel | None = None) -> QuerySet[Detection]:
    """Detections on these cutouts, best first; of every model, or of one. The caller keeps the blind rule."""
    found = Detection.objects.filter(cutout_id__in=list(cutout_ids)).select_related("model")
    return found.filter(model=model) if model else found


def detections_for(cutout_ids: Iterable[int]) -> list[dict[str, Any]]:
    """What the newest models found on these cutouts, one entry per find, as the fragment and the viewer draw it.

    Each: find, klass, score, points [[x, y], ...] in cutout pixels, models (names). The caller keeps the blind rule.
    """
    finds = Find.objects.filter(cutout_id__in=list(cutout_ids), withdrawn_at__isnull=True).prefetch_related("detections__model")
    return [
        {
            "find": find.pk,
            "cutout": find.cutout_id,
            "klass": find.klass,
            "score": find.score,
            "points": find.points,
            "asked": find.asked,
            "known": find.known,
            "models": sorted({d.model.name for d in find.detections.all()}),
        }
        for find in finds
    ]


def finds_of(cutout_ids: Iterable[int]) -> QuerySet[Find]:
    """Finds on these cutouts, best first."""
    return Find.objects.filter(cutout_id__in=list(cutout_ids), withdrawn_at__isnull=True)


def scan_progress(run: Run) -> dict[str, int]:
    """Cutouts and shards of a scan: done, failed, total, and detections so far."""
    rows = {row["state"]: row for row in Shard.objects.filter(run=run).values("state").annotate(n=Count("pk"))}
    return {
        "shards": sum(row["n"] for row in rows.values()),
        "shards_done": rows.get(Shard.State.DONE, {"n": 0})["n"],
        "shards_failed": rows.get(Shard.State.FAILED, {"n": 0})["n"],
        "detections": sum(Shard.objects.filter(run=run).values_list("n_detections", flat=True)),
    }


def queue_state() -> dict[str, int]:
    """The review queue seen from here: finds in all, asked, known to people before, still to be asked."""
    counted = Find.objects.filter(withdrawn_at__isnull=True).aggregate(
        finds=Count("pk"), asked=Count("pk", filter=Q(asked=True)), known=Count("pk", filter=Q(known=True))
    )
    return {**counted, "waiting": counted["finds"] - counted["asked"] - counted["known"]}


def scanned_count(model: DetectorModel) -> int:
    """How many cutouts this model has looked at."""
    return Scanned.objects.filter(model=model).count()


def scanned_ids(model: DetectorModel) -> QuerySet[Scanned, int]:
    """Ids of the cutouts this model has looked at, for an anti-join."""
    return Scanned.objects.filter(model=model).values_list("cutout_id", flat=True)


def finds_by_id(find_ids: Collection[int]) -> dict[int, Find]:
    """Finds by their ids; ids that are not there are left out."""
    return Find.objects.in_bulk(list(find_ids))


# --- for pages ---------------------------------------------------------------------------------------------------------------


def metrics_of(model: DetectorModel) -> list[dict[str, Any]]:
    """One entry per class (and the baseline) with what the held-out exposures say; values may be None."""
    wanted = ("cutouts", "trails", "ap", "precision", "recall", "f1", "false_per_cutout", "end_error_median_px", "threshold")
    return [{"class": name, **{key: measured.get(key) for key in wanted}} for name, measured in model.metrics.items() if isinstance(measured, dict)]


def headline_of(model: DetectorModel, klass: str = "asteroid") -> dict[str, Any]:
    """What a table says of a model: name, state, rows learnt from, and precision, recall and AP of one class (None: not measured)."""
    measured = model.metrics.get(klass, {})
    return {
        "model": model,
        "name": model.name,
        "state": model.state,
        "live": model.state == DetectorModel.State.LIVE,
        "rows": model.training_set.n_rows if model.training_set else None,
        "demo": bool(model.card.get("demo_votes")),
        **{key: measured.get(key) for key in ("precision", "recall", "ap")},
    }


def detections(
    *, cutout: int | None = None, model: str | None = None, klass: str | None = None, min_score: float | None = None
) -> QuerySet[Detection]:
    """Detections by cutout, model, class and least score. The caller keeps the blind rule."""
    wanted = {"cutout_id": cutout, "model__name": model, "klass": klass, "score__gte": min_score}
    return Detection.objects.filter(**{name: value for name, value in wanted.items() if value is not None}).select_related("model")


def personal_records(user: Any) -> list[Records]:
    """What this room holds about an account: the training sets it asked for and the models it put live."""
    frozen = TrainingSet.objects.filter(actor=user).order_by("pk")
    promoted = Promotion.objects.filter(actor=user).order_by("pk")
    return [
        records_of("training_sets", frozen, {"hash": "hash", "created_at": "created_at"}),
        records_of("promotions", promoted, {"model": "model__name", "reason": "reason", "at": "at"}),
    ]
