"""The registry of models: exactly one is live; going live is a row with a reason, and reversible."""

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from core import files
from core.services import audit
from ml.models import DetectorModel, Promotion, Run, TrainingSet
from ml.selectors import live_model, rollback_target


class NotPossible(Exception):
    """The registry cannot do that now; the message says why and that nothing was changed."""


def register_model(*, training_set: TrainingSet | None, weights: bytes, card: dict[str, Any], now: datetime, run: Run | None = None) -> DetectorModel:
    """Store weights and card as a new model; the first of an empty registry goes live as `bootstrap`, later ones are candidates.

    Writes the weights to the storage before the row. With `run`, the run points to the model in the same transaction.
    """
    key = files.put(weights, files.new_key("safetensors", prefix="ml"))
    try:
        return _register(training_set, key, card, now, run)
    except IntegrityError:  # another worker registered at the same moment and took the number, or the bootstrap
        return _register(training_set, key, card, now, run)


@transaction.atomic
def _register(training_set: TrainingSet | None, key: str, card: dict[str, Any], now: datetime, run: Run | None) -> DetectorModel:
    _lock()
    live = live_model()
    sha256 = str(card["weights_sha256"])
    model = DetectorModel.objects.create(
        name=f"trailnet-{DetectorModel.objects.count() + 1}-{sha256[:8]}",
        training_set=training_set,
        parent=live,
        weights_key=key,
        weights_sha256=sha256,
        card=card,
        metrics=card.get("metrics", {}),
        created_at=now,
    )
    if run is not None:
        Run.objects.filter(pk=run.pk).update(model=model)
    if live is None and not Promotion.objects.exists():
        _go_live(model, reason=Promotion.Reason.BOOTSTRAP, actor=None, now=now)
    return model


def promote(*, model: DetectorModel, actor: Any, now: datetime) -> Promotion:
    """Put a candidate or retired model live; the one before it is retired. Raises PermissionDenied, NotPossible.

    `actor` None stands for whoever runs a command on the server.
    """
    _check(actor)
    with transaction.atomic():
        _lock()
        model.refresh_from_db()
        if model.state == DetectorModel.State.LIVE:
            raise NotPossible(_("%(name)s is live already. Nothing was changed.") % {"name": model.name})
        if model.state == DetectorModel.State.REJECTED:
            raise NotPossible(_("%(name)s was rejected. Nothing was changed.") % {"name": model.name})
        return _go_live(model, reason=Promotion.Reason.CLICK, actor=actor, now=now)


def roll_back(*, actor: Any, now: datetime) -> Promotion:
    """Put the model live that was live before the present one. Raises PermissionDenied, NotPossible."""
    _check(actor)
    with transaction.atomic():
        _lock()
        previous = rollback_target()
        if previous is None:
            raise NotPossible(_("No earlier model was live, so there is nothing to roll back to. Nothing was changed."))
        return _go_live(previous, reason=Promotion.Reason.ROLLBACK, actor=actor, now=now)


def _check(actor: Any) -> None:
    if actor is not None and not actor.has_perm("ml.promote"):
        raise PermissionDenied(_("Putting a model live needs the permission ml.promote."))


def _lock() -> None:
    """Serialise changes of the registry, the first row included, which no row lock could (SQLite's IMMEDIATE transactions do so by themselves)."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {DetectorModel._meta.db_table} IN SHARE ROW EXCLUSIVE MODE")


def _go_live(model: DetectorModel, *, reason: str, actor: Any, now: datetime) -> Promotion:
    previous = live_model()
    DetectorModel.objects.filter(state=DetectorModel.State.LIVE).update(state=DetectorModel.State.RETIRED)
    DetectorModel.objects.filter(pk=model.pk).update(state=DetectorModel.State.LIVE)
    model.state = DetectorModel.State.LIVE
    audit(
        actor=actor,
        verb="put live",
        object_type="model",
        object_id=model.name,
        detail={"reason": reason, "previous": previous.name if previous else None},
        now=now,
    )
    return Promotion.objects.create(model=model, previous=previous, reason=reason, actor=actor, at=now)
