"""Training as a job: claimed once, checkpointed here and in the storage, given back when the worker ends, registered when it is done."""

import logging
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from django.conf import settings
from django.db import transaction

from archive import selectors as archive
from core import files
from core.models import Job
from core.services import Cancelled, claim_job, fail_job, finish_job, release_job
from ml.detector import checkpoint
from ml.detector.config import DetectorConfig
from ml.detector.samples import LabelledTrail, Sample
from ml.detector.train import FitResult, Progress, Stopped, fit
from ml.jobs.pulse import Clock, Pulse
from ml.labels import HARD_NEGATIVE_REPEAT
from ml.models import DetectorModel, Run, TrainingSet
from ml.provenance import code_version, machine_kind
from ml.services import read_rows, register_model

UPLOAD_EVERY_S = 60.0
log = logging.getLogger(__name__)


def train(*, job_id: int, worker: str, clock: Clock, ending: Callable[[], bool]) -> str:
    """Carry a training job on until it is done, cancelled, failed, or the worker ends.

    Returns done, cancelled, failed, released (enqueue it again), or taken (another worker has it).
    """
    job = claim_job(job_id=job_id, worker=worker, now=clock())
    if job is None:
        return "taken"
    run = Run.objects.select_related("training_set", "model").get(job=job)
    pulse = Pulse(job=job, run=run, clock=clock, ending=ending)
    try:
        result = _learn(run, pulse)
        _register(run, job, result, clock)
    except (Stopped, Cancelled):
        return _stopped(run, job, pulse)
    except (KeyboardInterrupt, SystemExit):
        release_job(job=job, now=clock())
        raise
    except Exception as error:
        log.exception("Training run %s failed", run.pk)
        fail_job(job=job, now=clock(), error=f"{type(error).__name__}: {error}")
        return "failed"
    _forget(run)
    return "done"


def _learn(run: Run, pulse: Pulse) -> FitResult | None:
    """Train from wherever the newest checkpoint stands; None when a worker died after it had registered the model."""
    if run.model_id is not None:
        return None
    assert run.training_set is not None  # noqa: S101 - a training has a set
    folder = folder_of(run)
    bring_checkpoint(run, folder)
    uploaded, every_s = time.monotonic(), float(run.config.get("upload_every_s", UPLOAD_EVERY_S))

    def on_progress(p: Progress) -> None:
        nonlocal uploaded
        written = pulse.progress(step=p.step, total=p.total, loss=p.loss, phase=p.phase)
        if written and time.monotonic() - uploaded >= every_s:
            store_checkpoint(run, folder)
            uploaded = time.monotonic()

    samples = samples_of(run.training_set)
    return fit(config_of(run), samples, folder, on_progress=on_progress, should_stop=pulse.should_stop, fresh=True)


def _register(run: Run, job: Job, result: FitResult | None, clock: Clock) -> None:
    """Make the model and close the job in one transaction, so that a death in between repeats neither."""
    with transaction.atomic():
        model = run.model if result is None else _new_model(run, result, clock)
        assert model is not None  # noqa: S101 - either branch has one
        if not finish_job(job=job, now=clock(), result={"model": model.name}):
            raise Cancelled(f"job {job.pk} was taken over")


def _new_model(run: Run, result: FitResult, clock: Clock) -> DetectorModel:
    chosen = run.training_set
    assert chosen is not None  # noqa: S101 - a training has a set
    card = {
        **result.card,
        "training_set": {"sha256": chosen.hash, "rows": chosen.n_rows, "counts": chosen.counts, "recipe": chosen.recipe},
        "demo_votes": chosen.recipe["demo_votes"],
        "code_version": code_version(),
        "machine": machine_kind(),
        "device": torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu",
        "threads": torch.get_num_threads(),
        "run": run.pk,
    }
    return register_model(training_set=chosen, weights=result.weights.read_bytes(), card=card, now=clock(), run=run)


def _stopped(run: Run, job: Job, pulse: Pulse) -> str:
    """Give the job back when the worker ends; close it when people cancelled it; leave it alone when another worker has it."""
    if pulse.stopped_by == "worker":
        store_checkpoint(run, folder_of(run))
        release_job(job=job, now=pulse.clock())
        return "released"
    fail_job(job=job, now=pulse.clock(), error="Cancelled.", state=Job.State.CANCELLED)
    job.refresh_from_db()
    if job.state != Job.State.CANCELLED:
        return "taken"
    _forget(run)
    return "cancelled"


def config_of(run: Run) -> DetectorConfig:
    """Return the detector's configuration for a run: today's recipe with the run's seed, steps and other wishes (`detector`)."""
    config = DetectorConfig.from_json({**run.config.get("detector", {}), "seed": int(run.config["seed"])})
    steps = int(run.config.get("steps") or 0)
    return replace(config, steps=steps, warmup_steps=min(config.warmup_steps, max(1, steps // 10))) if steps else config


def samples_of(training_set: TrainingSet) -> list[Sample]:
    """Return the frozen rows as samples; hard negatives of the training split are there several times."""
    return [sample for row in read_rows(training_set) for sample in _samples(row)]


def _samples(row: dict[str, Any]) -> list[Sample]:
    trails = tuple(LabelledTrail(t["klass"], np.asarray(t["points"], dtype=np.float64), t["weight"]) for t in row["trails"])
    repeat = HARD_NEGATIVE_REPEAT if row["hard"] and row["split"] == "train" else 1
    one = Sample(
        key=f"{row['cutout']:012d}",
        group=str(row["exposure"]),
        image=partial(archive.pixels_in_sigma, row["cutout"]),
        trails=trails,
        label=row["label"],
        split=row["split"],
        asked=tuple(row["asked"]),
    )
    return [one, *(replace(one, key=f"{one.key}/{again}") for again in range(1, repeat))]


# --- checkpoints -------------------------------------------------------------------------------------------------------------


def folder_of(run: Run) -> Path:
    """Return this machine's folder of a run."""
    return Path(settings.HOME) / "ml" / f"run-{run.pk}"


def step_of(path: Path) -> int:
    """Return where a checkpoint file stands; -1 when there is none or it is damaged."""
    try:
        return int(torch.load(path, map_location="cpu", weights_only=True)["step"])
    except Exception:  # torch raises half a dozen kinds for a damaged file
        return -1


def bring_checkpoint(run: Run, folder: Path) -> None:
    """Put the newest checkpoint into the folder: this machine's own, or the one in the storage when that is further on."""
    run.refresh_from_db(fields=["checkpoint_key", "checkpoint_step"])
    if not run.checkpoint_key or step_of(folder / checkpoint.NAME) >= run.checkpoint_step:
        return
    try:
        data = files.get(run.checkpoint_key)
    except FileNotFoundError:
        log.warning("The checkpoint of run %s is not in the storage; training starts from what this machine has.", run.pk)
        return
    folder.mkdir(parents=True, exist_ok=True)
    partial_file = folder / f"{checkpoint.NAME}.fetched"
    partial_file.write_bytes(data)
    partial_file.replace(folder / checkpoint.NAME)


def store_checkpoint(run: Run, folder: Path) -> None:
    """Copy this machine's checkpoint to the storage, from where any machine goes on; the row moves to it, then the old copy goes."""
    path = folder / checkpoint.NAME
    step = step_of(path)
    if step <= run.checkpoint_step and run.checkpoint_key:
        return
    if step < 0:
        return
    old = run.checkpoint_key
    run.checkpoint_key, run.checkpoint_step = files.put(path.read_bytes(), files.new_key("pt", prefix="ml")), step
    Run.objects.filter(pk=run.pk).update(checkpoint_key=run.checkpoint_key, checkpoint_step=step)
    files.delete(old)


def _forget(run: Run) -> None:
    """Remove the checkpoints of a closed run, here and in the storage."""
    shutil.rmtree(folder_of(run), ignore_errors=True)
    run.refresh_from_db(fields=["checkpoint_key"])
    files.delete(run.checkpoint_key)
    Run.objects.filter(pk=run.pk).update(checkpoint_key="", checkpoint_step=0)
