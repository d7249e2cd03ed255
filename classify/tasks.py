"""The room's beat: subjects are made of what the archive has and this room has not, and what the votes say is learnt anew as they grow.
And the team's decisions about flagged votes."""

import os
import random
import socket
import time
from datetime import datetime
from typing import Any

from celery import shared_task
from django.utils import timezone

import core.services
from classify import services
from classify.models import Workflow

BEAT_S = 5  # how often long work says that it lives


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


@shared_task(name="classify.cluster_marks", time_limit=3500, soft_time_limit=3400)
def cluster_marks() -> int:
    """Find by density the trails of subjects whose marks have changed; returns of how many."""
    return sum(services.refine(consensus_id=pk) for pk in services.unrefined())


@shared_task(name="classify.aggregate_new")
def aggregate_new() -> int:
    """Ask for the labels of all workflows with new votes; returns how many jobs were opened."""
    opened = 0
    for workflow in services.aggregations_due(now=timezone.now()):
        job, created = services.ask_aggregation(workflow=workflow, actor=None, now=timezone.now())
        opened += created
        if created:
            aggregate.delay(job.pk)
    return opened


@shared_task(name="classify.aggregate")
def aggregate(job_id: int) -> int:
    """Label a workflow's subjects from all its votes; returns how many."""
    job = core.services.claim_job(job_id=job_id, worker=f"{socket.gethostname()}:{os.getpid()}", now=timezone.now())
    if job is None:
        return 0

    def report(step: int) -> None:
        core.services.report(job=job, now=timezone.now(), done=step, total=services.AGGREGATION_STEPS)

    try:
        report(0)
        workflow = Workflow.objects.select_related("current_version").get(pk=job.params["workflow"])
        run = services.aggregate(workflow=workflow, now=timezone.now(), report=report)
    except core.services.Cancelled as stopped:
        core.services.fail_job(job=job, now=timezone.now(), error=str(stopped), state=job.State.CANCELLED)
        return 0
    except Exception as error:
        core.services.fail_job(job=job, now=timezone.now(), error=f"{type(error).__name__}: {error}")
        raise
    found = {"subjects": run.n_subjects, "votes": run.n_votes, "labels_sha256": run.labels_sha256}
    core.services.finish_job(job=job, now=timezone.now(), result=found)
    return run.n_subjects


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


@shared_task(name="classify.simulate_retirement")
def simulate_retirement(job_id: int) -> int:
    """Try a policy on the votes that are there; returns how many policies were gone through."""
    job = core.services.claim_job(job_id=job_id, worker=f"{socket.gethostname()}:{os.getpid()}", now=timezone.now())
    if job is None:
        return 0
    done, result, heard = 0, {}, time.monotonic()

    def tick() -> None:
        nonlocal heard
        if time.monotonic() > heard + BEAT_S:
            heard = time.monotonic()
            core.services.report(job=job, now=timezone.now())

    try:
        for done, total, so_far in services.simulate_job(job, tick):
            result = so_far
            core.services.report(job=job, now=timezone.now(), done=done, total=total)
    except core.services.Cancelled:
        core.services.fail_job(job=job, now=timezone.now(), error="", state=job.State.CANCELLED)
        return done
    except ValueError as error:  # the answers are others by now
        core.services.fail_job(job=job, now=timezone.now(), error=str(error))
        return done
    core.services.finish_job(job=job, now=timezone.now(), result=result)
    return done
