"""Reads of the plumbing's rows."""

from django.db.models import QuerySet

from core.models import Job


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
