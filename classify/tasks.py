"""The room's beat: subjects are made of what the archive has and this room has not, and what the votes say is learnt anew as they grow.
And the team's decisions about flagged votes."""

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


@shared_task(name="classify.learn_crowd", time_limit=1800, soft_time_limit=1740)
def learn_crowd() -> int:
    """Learn what is known of the crowds whose votes have grown enough; returns how many."""
    due = services.crowds_due(now=timezone.now())
    for workflow in due:
        services.learn_crowd(workflow=workflow, now=timezone.now())
    return len(due)


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


@shared_task(name="classify.redecide")
def redecide(job_id: int) -> int:
    """Let a new policy decide about the votes that are there; returns how many subjects it looked at."""
    job = core.services.claim_job(job_id=job_id, worker=f"{socket.gethostname()}:{os.getpid()}", now=timezone.now())
    if job is None:
        return 0
    wanted: dict[str, Any] = {"workflow_id": job.params["workflow"], "reopen": job.params["reopen"]}
    total, all_of_them = services.Turned(), services.to_decide(**wanted)
    try:
        while (turned := services.redecide_batch(**wanted, after=total.after, now=timezone.now())).after > total.after:
            total += turned
            core.services.report(job=job, now=timezone.now(), done=total.looked, total=all_of_them)
    except core.services.Cancelled:
        core.services.fail_job(job=job, now=timezone.now(), error="", state=job.State.CANCELLED)
        return total.looked
    core.services.finish_job(job=job, now=timezone.now(), result={"ended": total.ended, "reopened": total.reopened})
    return total.looked
