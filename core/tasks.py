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
    """Say that this queue is served; beat sends one to each queue."""
    services.beat(queue=queue, worker=self.request.hostname or "", now=timezone.now())


@shared_task(name="core.revive_jobs", time_limit=60)
def revive_jobs() -> list[int]:
    """Enqueue again the jobs that nobody carries on."""
    return services.revive_jobs(now=timezone.now(), send=send)
