"""Reads of the plumbing's rows."""

from datetime import datetime

from django.db.models import Count, Max, QuerySet

from core.models import Heartbeat, Job


def open_jobs() -> QuerySet[Job]:
    """Jobs that wait or run, newest first."""
    return Job.objects.filter(state__in=Job.OPEN).select_related("actor")


def recent_jobs(limit: int = 20) -> QuerySet[Job]:
    """The newest jobs of every state."""
    return Job.objects.select_related("actor").order_by("-id")[:limit]


def jobs_of(kind: str, limit: int = 20) -> QuerySet[Job]:
    """The newest jobs of one kind."""
    return Job.objects.filter(kind=kind).select_related("actor").order_by("-id")[:limit]


def newest_job(kind: str, key: str | None = None) -> Job | None:
    """The newest job of a kind (and key)."""
    jobs = Job.objects.filter(kind=kind)
    return (jobs.filter(key=key) if key is not None else jobs).order_by("-id").first()


def failed_jobs(limit: int = 50) -> QuerySet[Job]:
    """What failed, newest first."""
    return Job.objects.filter(state=Job.State.FAILED).select_related("actor").order_by("-finished_at", "-id")[:limit]


def jobs_by_state() -> dict[tuple[str, str], int]:
    """(kind, state): how many."""
    rows = Job.objects.order_by().values_list("kind", "state").annotate(n=Count("pk"))
    return {(kind, state): n for kind, state, n in rows}


def last_signs() -> dict[str, tuple[datetime, str]]:
    """Queue: (when it was last served, by whom). A queue that is busy with one long job is served by that job."""
    signs = {row.queue: (row.at, row.worker) for row in Heartbeat.objects.all()}
    running = Job.objects.filter(state=Job.State.RUNNING, heartbeat__isnull=False).exclude(task="").order_by()
    for queue, worker, at in running.values_list("queue", "worker").annotate(at=Max("heartbeat")):
        if queue not in signs or at > signs[queue][0]:
            signs[queue] = (at, worker)
    return signs
