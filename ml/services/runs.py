"""Trainings and scans as rows: opened once, and a scan's shards handed out one at a time with a lease."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Q, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from archive import selectors as archive
from core.models import Job
from core.services import open_job
from ml.models import Detection, DetectorModel, Run, Scanned, Shard, TrainingSet
from ml.selectors import scanned_ids

TRAIN, SCAN = "ml.train", "ml.scan"  # kinds of job and names of the tasks that carry them on
LEASE_S = 120
MAX_SHARD_ATTEMPTS = 4


class NothingNew(Exception):
    """The same labels and the same recipe have been learnt already; the message names the run."""


class NothingToScan(Exception):
    """Every cutout with pixels has been searched by this model."""


def check_may_train(actor: Any) -> None:
    """Raise PermissionDenied unless this person may launch trainings and scans."""
    if not actor.has_perm("ml.train"):
        raise PermissionDenied(_("Training and scanning need the permission ml.train."))


@transaction.atomic
def open_training(*, training_set: TrainingSet, config: dict[str, Any], now: datetime, actor: Any = None) -> Run:
    """Open the job that learns from a frozen set; the caller enqueues it after commit.

    An open run on the same set is returned as it is. Raises NothingNew when a finished run had the same set and configuration.
    """
    same = Run.objects.filter(kind=Run.Kind.TRAIN, training_set=training_set, config=config).select_related("job", "model")
    for run in same:
        if run.job.is_open:
            return run
        if run.job.state == Job.State.DONE and run.model:
            raise NothingNew(
                _("Nothing new to learn: %(name)s was trained on exactly these %(n)d labelled cutouts (set %(set)s). No run was started.")
                % {"name": run.model.name, "n": training_set.n_rows, "set": training_set.hash[:10]}
            )
    job, created = open_job(
        kind=TRAIN,
        key=training_set.hash,
        title=gettext_noop("Train on %(n)d labelled cutouts"),
        words={"n": training_set.n_rows},
        task=TRAIN,
        queue="ml",
        unit=gettext_noop("steps"),
        actor=actor,
        now=now,
    )
    if not created:
        return Run.objects.select_related("job").get(job=job)
    return Run.objects.create(kind=Run.Kind.TRAIN, job=job, training_set=training_set, config=config, created_at=now)


@transaction.atomic
def open_scan(*, model: DetectorModel, now: datetime, actor: Any = None) -> Run:
    """Open the scan of all cutouts that this model has not seen, cut into shards; the caller enqueues it after commit.

    An open scan of the model is returned as it is (newer cutouts wait for the next one). Raises NothingToScan.
    """
    title, words = gettext_noop("Scan with %(name)s"), {"name": model.name}
    unit = gettext_noop("cutouts")
    job, created = open_job(kind=SCAN, key=model.name, title=title, words=words, task=SCAN, queue="ml", unit=unit, actor=actor, now=now)
    if not created:
        return Run.objects.select_related("job").get(job=job)
    ids = list(unscanned(model))
    if not ids:
        raise NothingToScan(
            _("%(name)s has searched every cutout. Nothing was started.") % {"name": model.name}
        )  # the transaction takes the job back
    run = Run.objects.create(kind=Run.Kind.SCAN, job=job, model=model, created_at=now, config={"cutouts": len(ids)})
    shards = [
        Shard(run=run, index=index, first_id=part[0], last_id=part[-1], n_cutouts=len(part))
        for index, part in enumerate(_parts(ids, settings.ML_SHARD_CUTOUTS))
    ]
    Shard.objects.bulk_create(shards)
    Job.objects.filter(pk=job.pk).update(total=len(ids))
    job.total = len(ids)
    return run


def unscanned(model: DetectorModel) -> Any:
    """Return the ids, in order, of the cutouts with verified pixels that a model has not searched (an anti-join)."""
    return archive.cutouts_with_pixels().exclude(pk__in=scanned_ids(model)).order_by("pk").values_list("pk", flat=True)


def _parts(ids: Sequence[int], size: int) -> list[Sequence[int]]:
    return [ids[start : start + size] for start in range(0, len(ids), size)]


def claim_shard(*, run: Run, worker: str, now: datetime) -> Shard | None:
    """Claim the next shard that is new or whose lease has run out; exactly one claimer gets it, None when none is left."""
    _give_up(run, now)
    free = Q(state=Shard.State.NEW) | Q(state=Shard.State.WORKING, claimed_until__lt=now)
    for pk in Shard.objects.filter(free, run=run).order_by("index").values_list("pk", flat=True)[:50]:
        taken = Shard.objects.filter(free, pk=pk).update(
            state=Shard.State.WORKING, claimed_by=worker, claimed_until=now + timedelta(seconds=LEASE_S), attempt=F("attempt") + 1
        )
        if taken:
            return Shard.objects.select_related("run__job", "run__model").get(pk=pk)
    return None


def _give_up(run: Run, now: datetime) -> None:
    """Fail shards on which worker after worker died; their cutouts count as searched, with the reason, so that no scan hangs on them."""
    dead = Shard.objects.filter(run=run, state=Shard.State.WORKING, claimed_until__lt=now, attempt__gte=MAX_SHARD_ATTEMPTS)
    error = f"The worker died {MAX_SHARD_ATTEMPTS} times on this share."
    for shard in dead.select_related("run__model"):
        with transaction.atomic():
            lost = [Scanned(cutout_id=pk, model=shard.run.model, error=error) for pk in shard_cutouts(shard)]
            if dead.filter(pk=shard.pk).update(state=Shard.State.FAILED, finished_at=now, error=error):
                Scanned.objects.bulk_create(lost, ignore_conflicts=True)


def shard_cutouts(shard: Shard) -> list[int]:
    """Return the ids of the cutouts in a shard that its model has not searched yet."""
    model = shard.run.model
    assert model is not None  # noqa: S101 - a scan has a model
    return list(unscanned(model).filter(pk__gte=shard.first_id, pk__lte=shard.last_id))


def renew_shard(*, shard: Shard, now: datetime) -> bool:
    """Extend the lease; False when another worker has the shard."""
    return bool(_held(shard).update(claimed_until=now + timedelta(seconds=LEASE_S)))


def release_shard(*, shard: Shard) -> None:
    """Give a shard back (a worker shuts down); this attempt is not held against it."""
    _held(shard).update(state=Shard.State.NEW, claimed_until=None, attempt=F("attempt") - 1)


@transaction.atomic
def finish_shard(*, shard: Shard, scanned: Sequence[Scanned], detections: Sequence[Detection], now: datetime) -> bool:
    """Store what was found in one transaction; False (and nothing stored) when another worker has the shard."""
    errors = sum(bool(row.error) for row in scanned)
    done = _held(shard).update(
        state=Shard.State.DONE,
        finished_at=now,
        n_detections=len(detections),
        error=f"{errors} cutouts could not be read." if errors else "",
    )
    if not done:
        return False
    Detection.objects.bulk_create(detections, ignore_conflicts=True, batch_size=200)
    Scanned.objects.bulk_create(scanned, ignore_conflicts=True, batch_size=500)
    return True


def _held(shard: Shard) -> Any:
    return Shard.objects.filter(pk=shard.pk, state=Shard.State.WORKING, claimed_by=shard.claimed_by, attempt=shard.attempt)


def cutouts_done(run: Run) -> int:
    """Return how many cutouts of a scan are in finished shards."""
    finished = Shard.objects.filter(run=run, state__in=[Shard.State.DONE, Shard.State.FAILED])
    return int(finished.aggregate(n=Sum("n_cutouts"))["n"] or 0)


def shards_open(run: Run) -> bool:
    """Say whether a shard of this scan is still to be done (by anybody)."""
    return Shard.objects.filter(run=run, state__in=[Shard.State.NEW, Shard.State.WORKING]).exists()
