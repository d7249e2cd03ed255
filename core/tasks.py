"""The plumbing's own tasks: a sign of life from each queue, and jobs whose worker died are sent again."""

from typing import Any

from celery import current_app, shared_task
from django.utils import timezone

from core import services


def send(task: str, queue: str, job_id: int) -> None:
    """Enqueue the task that carries a job on."""
    current_app.send_task(task, args=[job_id], queue=queue)


@shared_task(name="core.beat", bind=True, time_limit=30)
def beat(self: Any, queue: str) -> None:
    """Say that this queue is served."""
    services.beat(queue=queue, worker=self.request.hostname or "", now=timezone.now())


@shared_task(name="core.ask_beat", time_limit=30)
def ask_beat(queue: str) -> bool:
    """Ask another queue for its sign of life, unless something waits there already: long work would let the questions pile up."""
    with current_app.connection_for_read() as broker:
        free = not broker.default_channel.client.llen(queue)
    if free:
        beat.apply_async(args=[queue], queue=queue, expires=30)
    return free


@shared_task(name="core.revive_jobs", time_limit=60)
def revive_jobs() -> list[int]:
    """Enqueue again the jobs that nobody carries on."""
    return services.revive_jobs(now=timezone.now(), send=send)
