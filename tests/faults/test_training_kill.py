"""A training in a real worker: killed in the middle, told to end in the middle, carried on where it stood."""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from core import services as core
from core.models import Job
from core.tasks import send
from ml import tasks
from ml.detector import checkpoint
from ml.jobs import training
from ml.models import DetectorModel, Run
from tests.conftest import wait_until
from tests.ml import rows

pytestmark = pytest.mark.django_db(transaction=True)
STEPS = 400
Worker = Callable[..., "subprocess.Popen[bytes]"]


def job_of(run: Run) -> Job:
    return Job.objects.get(pk=run.job_id)


def start(worker: Worker, **config: Any) -> tuple[Run, "subprocess.Popen[bytes]"]:
    """A training of about ten seconds, well under way in a worker of its own."""
    run = rows.training_run(steps=STEPS, config=config)
    tasks.enqueue(run)
    process = worker(queues="ml")
    wait_until(lambda: job_of(run).done >= 20, what="the first steps")
    return run, process


def let_90_seconds_pass(run: Run) -> None:
    """The dead worker's heartbeat grows old, and beat's task sends the job again."""
    Job.objects.filter(pk=run.job_id).update(heartbeat=F("heartbeat") - timedelta(seconds=core.SILENT_S + 1))
    assert core.revive_jobs(now=timezone.now(), send=send) == [run.job_id]


def lowest_step_until_done(run: Run, *, attempt: int) -> int:
    """Follow a run to its end; return the lowest step that this attempt reported while learning."""
    lowest = STEPS

    def done() -> bool:
        nonlocal lowest
        job = job_of(run)
        if job.attempt == attempt and job.phase == "train":
            lowest = min(lowest, job.done)
        return not job.is_open

    wait_until(done, what="the end of the training")
    assert job_of(run).state == "done", job_of(run).error
    return lowest


def test_kill_9_in_the_middle_costs_a_moment_not_the_run(celery_worker_process: Worker) -> None:
    run, process = start(celery_worker_process)
    path = training.folder_of(run) / checkpoint.NAME
    reached = wait_until(lambda: max(0, training.step_of(path)), what="a checkpoint")
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert job_of(run).state == "running", "nobody could say goodbye"
    let_90_seconds_pass(run)
    celery_worker_process(queues="ml")
    assert lowest_step_until_done(run, attempt=2) >= reached
    assert DetectorModel.objects.get().card["steps"] == STEPS


def test_another_machine_goes_on_from_the_storage(celery_worker_process: Worker) -> None:
    run, process = start(celery_worker_process, upload_every_s=0)
    wait_until(lambda: Run.objects.get(pk=run.pk).checkpoint_step, what="a checkpoint in the storage")
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    reached = Run.objects.get(pk=run.pk).checkpoint_step
    shutil.rmtree(training.folder_of(run))  # the other machine has no such folder
    let_90_seconds_pass(run)
    celery_worker_process(queues="ml")
    assert lowest_step_until_done(run, attempt=2) >= reached > 0


def test_a_worker_told_to_end_gives_the_run_back_at_once(celery_worker_process: Worker) -> None:
    run, process = start(celery_worker_process)
    process.terminate()
    assert process.wait(60) == 0
    job = job_of(run)
    assert (job.state, job.attempt) == ("queued", 0)
    assert Run.objects.get(pk=run.pk).checkpoint_step >= job.done > 0
    celery_worker_process(queues="ml")  # the message waits in the queue: nobody has to wait for a heartbeat to grow old
    assert lowest_step_until_done(run, attempt=1) >= job.done
