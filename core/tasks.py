"""The plumbing's own task: jobs whose worker died are sent again."""

from celery import current_app, shared_task
from django.utils import timezone

from core import services


def send(task: str, queue: str, job_id: int) -> None:
    """Enqueue the task that carries a job on."""
    current_app.send_task(task, args=[job_id], queue=queue)


@shared_task(name="core.revive_jobs", time_limit=60)
def revive_jobs() -> list[int]:
    """Enqueue again the jobs that nobody carries on."""
    return services.revive_jobs(now=timezone.now(), send=send)
