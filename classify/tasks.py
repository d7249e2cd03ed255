"""The room's beat: subjects are made of what the archive has and this room has not. And the team's decisions about flagged votes."""

import os
import random
import socket
from datetime import datetime
from typing import Any

from celery import shared_task
from django.utils import timezone

import core.services
from classify import services


@shared_task(name="classify.pool_new", time_limit=600, soft_time_limit=540)
def pool_new() -> int:
    """Pool new cutouts; returns the number of new (workflow, subject) pairs."""
    return services.pool_new(now=timezone.now(), rng=random.SystemRandom())


@shared_task(name="classify.decide_flagged")
def decide_flagged(job_id: int) -> int:
    """Carry out, or on, what the team decided about a volunteer's flagged votes; returns how many moved."""
    job = core.services.claim_job(job_id=job_id, worker=f"{socket.gethostname()}:{os.getpid()}", now=timezone.now())
    if job is None:
        return 0
    done = job.done
    wanted: dict[str, Any] = {
        "volunteer_id": job.params["volunteer"],
        "decision": job.params["decision"],
        "until": datetime.fromisoformat(job.params["until"]),
    }
    total = done + services.undecided(**wanted)
    try:
        while moved := services.decide_batch(**wanted, now=timezone.now()):
            done += moved
            core.services.report(job=job, now=timezone.now(), done=done, total=total)
    except core.services.Cancelled:
        return done
    core.services.finish_job(job=job, now=timezone.now(), result={"votes": done})
    return done
