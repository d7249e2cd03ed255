"""Shared by `train` and `scan`: run the work here, or show what the workers do."""

import time
from typing import Any

from django.core.management.base import CommandError, OutputWrapper

from core.models import Job
from ml import tasks
from ml.models import Run


def carry_out(run: Run, *, here: bool, wait: bool, out: OutputWrapper) -> None:
    """Run the job in this process (`here`), or enqueue it and, with `wait`, show its progress to the end."""
    if here:
        task: Any = tasks.train if run.kind == Run.Kind.TRAIN else tasks.scan
        task(run.job_id)
        finish(Job.objects.get(pk=run.job_id), out)
        return
    tasks.enqueue(run)
    if wait:
        follow(run.job_id, out)
    else:
        out.write(f"Run {run.pk} waits for a worker of queue {run.job.queue}: {run.job.title}.")


def follow(job_id: int, out: OutputWrapper) -> None:
    """Print a line whenever the progress has moved, until the job is closed."""
    said = ""
    while (job := Job.objects.get(pk=job_id)).is_open:
        line = f"{job.phase or job.state}: {job.done}/{job.total or '?'} {job.unit}"
        if job.rate:
            line += f", {job.rate:.2g} {job.unit}/s, {job.seconds_left} s left"
        if line != said:
            out.write(line)
            out.flush()
            said = line
        time.sleep(1)
    finish(job, out)


def finish(job: Job, out: OutputWrapper) -> None:
    """Say what came of it; a failure ends the command with an error."""
    if job.state != Job.State.DONE:
        raise CommandError(f"{job.title}: {job.state}. {job.error}")
    out.write(f"{job.title}: done. " + ", ".join(f"{name} {value}" for name, value in job.result.items()))
