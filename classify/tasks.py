"""The room's beat: subjects are made of what the archive has and this room has not."""

import random

from celery import shared_task
from django.utils import timezone

from classify import services


@shared_task(name="classify.pool_new", time_limit=600, soft_time_limit=540)
def pool_new() -> int:
    """Pool new cutouts; returns the number of new (workflow, subject) pairs."""
    return services.pool_new(now=timezone.now(), rng=random.SystemRandom())
