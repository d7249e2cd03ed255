"""Celery tasks of the room: ids in, one claim and one call. The tick runs on queue `default` and never loads torch; the rest on `ml`."""

from celery import current_app, shared_task
from django.db import transaction
from django.utils import timezone

from core.tasks import send
from ml import services, workers
from ml.models import Run
from ml.selectors import live_model

MOST_WORKERS = 8  # invitations to one scan; a worker that finds no share left goes away at once
A_WEEK_S = 7 * 86400

workers.install(current_app._get_current_object())


def enqueue(run: Run) -> None:
    """Send the messages of a run once the present transaction is committed."""
    copies = 1 if run.kind == Run.Kind.TRAIN else min(run.shards.count(), MOST_WORKERS)
    for _ in range(copies):
        transaction.on_commit(lambda: send(run.job.task, run.job.queue, run.job_id))


@shared_task(name="ml.tick", time_limit=300)
def tick() -> dict[str, int]:
    """Open the first training and scans that are due, ask people about finds, tell opinions."""
    now = timezone.now()
    due = [run for run in (services.bootstrap(now=now), services.scan_new_cutouts(now=now)) if run]
    for run in due:
        enqueue(run)
    if live := live_model():
        services.link_rest(model=live, now=now)
    return {"runs": len(due), "asked": len(services.ask_finds(now=now)), "told": services.tell_opinions(now=now)}


@shared_task(name="ml.train", time_limit=A_WEEK_S)
def train(job_id: int) -> str:
    """Carry a training on; given back when this worker ends."""
    from ml import jobs  # noqa: PLC0415 - torch is loaded here, in the worker, and nowhere else

    with workers.hearing_terminate():
        outcome = jobs.train(job_id=job_id, worker=workers.worker_name(), clock=timezone.now, ending=workers.ending)
    if outcome == "released":
        send("ml.train", "ml", job_id)
    return outcome


@shared_task(name="ml.scan", time_limit=A_WEEK_S)
def scan(job_id: int) -> str:
    """Join a scan; the shard in hand is given back when this worker ends."""
    from ml import jobs  # noqa: PLC0415

    with workers.hearing_terminate():
        outcome = jobs.scan(job_id=job_id, worker=workers.worker_name(), clock=timezone.now, ending=workers.ending)
    if outcome == "released":
        send("ml.scan", "ml", job_id)
    return outcome
