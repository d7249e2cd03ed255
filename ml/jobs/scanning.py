"""Scanning as a job that any number of workers carry on together: each claims a shard, searches its cutouts, stores all or nothing."""

import logging
import time
from collections.abc import Callable

from archive import selectors as archive
from core import files
from core.models import Job
from core.services import Cancelled, claim_job, fail_job, finish_job, report
from ml.detector import decode
from ml.detector.predict import Detector
from ml.jobs.pulse import EVERY_S, Clock, Rate
from ml.models import Detection, DetectorModel, Run, Scanned, Shard
from ml.services import (
    claim_shard,
    cutouts_done,
    finish_shard,
    geometry,
    link_finds,
    release_shard,
    renew_shard,
    shard_cutouts,
    shards_open,
)

STORE_FROM = 0.05  # fainter detections are noise by the detector's own account, and millions of them
log = logging.getLogger(__name__)


class _Lost(Exception):
    """The lease of this shard ran out and another worker has it."""


class _Ending(Exception):
    """The worker is told to end."""


def scan(*, job_id: int, worker: str, clock: Clock, ending: Callable[[], bool]) -> str:
    """Join a scan: claim shards until none is left. Workers may join and leave at any time.

    Returns done (this worker closed it), left (others still work), cancelled, failed, released (enqueue it again), or taken (it is closed).
    """
    run = _join(job_id, worker, clock)
    if run is None:
        return "taken"
    try:
        detector = load_detector(_model_of(run))
        while shard := claim_shard(run=run, worker=worker, now=clock()):
            _Search(run, shard, detector, clock, ending).carry_out()
        return _close(run, clock)
    except _Ending:
        return "released"
    except Cancelled:
        return _cancelled(run, clock)
    except Exception as error:
        log.exception("Scan run %s failed", run.pk)
        fail_job(job=Job.objects.get(pk=job_id), now=clock(), error=f"{type(error).__name__}: {error}")
        return "failed"


def _join(job_id: int, worker: str, clock: Clock) -> Run | None:
    """Claim the job if nobody has it; a running one is joined."""
    claim_job(job_id=job_id, worker=worker, now=clock())
    return Run.objects.select_related("job", "model").filter(job_id=job_id, job__state=Job.State.RUNNING).first()


def _model_of(run: Run) -> DetectorModel:
    assert run.model is not None  # noqa: S101 - a scan has a model
    return run.model


def load_detector(model: DetectorModel) -> Detector:
    """Return the detector of a registered model; raises BadWeights when the stored weights are not those of the row and its card."""
    card = {**model.card, "weights_sha256": model.weights_sha256}
    return Detector.load(files.get(model.weights_key), card)


class _Search:
    """One worker's work on one shard."""

    def __init__(self, run: Run, shard: Shard, detector: Detector, clock: Clock, ending: Callable[[], bool]) -> None:
        self.run, self.shard, self.detector, self.clock, self.ending = run, shard, detector, clock, ending
        self.rate = Rate()
        self.said = 0.0

    def carry_out(self) -> None:
        """Search all cutouts of the shard, store the result in one transaction, and join what lies at the same place to finds."""
        scanned: list[Scanned] = []
        found: list[Detection] = []
        try:
            for cutout_id in shard_cutouts(self.shard):
                self._check(len(scanned))
                row, detections = self._search(cutout_id)
                scanned.append(row)
                found += detections
        except _Lost:
            return
        except BaseException:
            release_shard(shard=self.shard)
            raise
        if finish_shard(shard=self.shard, scanned=scanned, detections=found, now=self.clock()):
            link_finds(model=_model_of(self.run), cutout_ids=[row.cutout_id for row in scanned], now=self.clock())

    def _search(self, cutout_id: int) -> tuple[Scanned, list[Detection]]:
        model = _model_of(self.run)
        try:
            pixels = archive.pixels_in_sigma(cutout_id)
        except (OSError, ValueError) as error:  # a damaged image; a storage that does not answer raises otherwise and fails the job
            return Scanned(cutout_id=cutout_id, model=model, error=f"{type(error).__name__}: {error}"[:300]), []
        rows = [to_row(d, cutout_id, model, self.clock) for d in self.detector.find(pixels) if d.score >= STORE_FROM]
        best = max((row.score for row in rows), default=0.0)
        return Scanned(cutout_id=cutout_id, model=model, n_detections=len(rows), score=best), rows

    def _check(self, done: int) -> None:
        """Every two seconds: keep the lease and the heartbeat, tell the progress, hear a cancel."""
        if self.ending():
            raise _Ending
        if time.monotonic() - self.said < EVERY_S:
            return
        self.said = time.monotonic()
        now = self.clock()
        if not renew_shard(shard=self.shard, now=now):
            raise _Lost
        done += cutouts_done(self.run)  # of all workers, and what this one has done of its shard
        report(job=_running(self.run), now=now, done=done, phase="scan", rate=self.rate.at(done) or None)


def to_row(d: decode.Detection, cutout_id: int, model: DetectorModel, clock: Clock) -> Detection:
    """Return what the detector found as a row, coordinates to a hundredth of a pixel."""
    x1, y1, x2, y2 = (round(float(v), 2) for v in (d.x1, d.y1, d.x2, d.y2))
    return Detection(
        cutout_id=cutout_id,
        model=model,
        geometry=geometry(d.klass, x1, y1, x2, y2),
        klass=d.klass,
        score=round(float(d.score), 5),
        x1=x1,
        y1=y1,
        x2=x2,
        y2=y2,
        points=[[round(float(x), 2), round(float(y), 2)] for x, y in d.points],
        width_px=round(float(d.width_px), 3),
        created_at=clock(),
    )


def _running(run: Run) -> Job:
    """Return the job as it is now, whoever claimed it; Cancelled when it is not running any more."""
    job = Job.objects.get(pk=run.job_id)
    if job.state != Job.State.RUNNING:
        raise Cancelled(f"job {job.pk} is {job.state}")
    return job


def _close(run: Run, clock: Clock) -> str:
    """Close the scan when every shard is done; while others work on theirs, the last of them does it."""
    if shards_open(run):
        return "left"
    result = {"cutouts": cutouts_done(run), "detections": sum(run.shards.values_list("n_detections", flat=True))}
    Job.objects.filter(pk=run.job_id).update(done=result["cutouts"])
    return "done" if finish_job(job=Job.objects.get(pk=run.job_id), now=clock(), result=result) else "taken"


def _cancelled(run: Run, clock: Clock) -> str:
    job = Job.objects.get(pk=run.job_id)
    if job.state == Job.State.RUNNING and job.cancel_asked:
        fail_job(job=job, now=clock(), error="Cancelled.", state=Job.State.CANCELLED)
        return "cancelled"
    return "taken"
