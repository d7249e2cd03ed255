"""The house's own tasks."""

from celery import shared_task
from django.utils import timezone

from hunter import tidying


@shared_task(name="hunter.tidy", time_limit=3600)
def tidy() -> dict[str, int]:
    """Delete what is kept no longer; beat asks once a day."""
    return tidying.tidy(now=timezone.now())
