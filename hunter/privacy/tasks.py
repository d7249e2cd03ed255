"""Celery tasks: ids in, one call."""

import logging
import os
import socket

from celery import shared_task
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from core.models import Job
from core.tasks import send
from hunter.privacy import closing, downloads

log = logging.getLogger(__name__)


def enqueue(job: Job) -> None:
    """Send the message of a job after the present transaction. Without a broker the job waits; beat sends it as soon as there is one."""
    transaction.on_commit(lambda: _send(job))


def _send(job: Job) -> None:
    try:
        send(job.task, job.queue, job.pk)
    except OperationalError:
        log.warning("The broker does not answer; job %s waits for it.", job.pk)


def worker_name() -> str:
    """Return host and process, for the job's row."""
    return f"{socket.gethostname()}:{os.getpid()}"


@shared_task(name=downloads.TASK, time_limit=3600)
def make_download(job_id: int) -> str:
    """Make a copy of a person's data."""
    return downloads.make(job_id=job_id, worker=worker_name(), clock=timezone.now)


@shared_task(name=closing.TASK, time_limit=3600)
def delete(job_id: int) -> str:
    """Carry out the deletion of an account."""
    return closing.carry_out(job_id=job_id, worker=worker_name(), clock=timezone.now)
