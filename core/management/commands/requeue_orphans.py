"""Give back to the queue what a killed site left half done: broker messages and running jobs."""

from typing import Any

from celery import current_app
from django.core.management.base import BaseCommand
from django.utils import timezone

from core import services
from core.selectors import open_jobs
from core.tasks import send


class Command(BaseCommand):
    help = "Give unfinished messages and jobs back to the queue. Only while no worker runs (./run does it at each start)."

    def handle(self, *args: Any, **options: Any) -> None:
        with current_app.connection_for_write() as connection:
            channel = connection.default_channel
            channel.visibility_timeout = 0
            channel.qos.restore_visible(num=None, interval=1)
        n_jobs = services.requeue_orphans(now=timezone.now())
        for job in open_jobs().exclude(task=""):
            send(job.task, job.queue, job.pk)
        if n_jobs:
            self.stdout.write(f"{n_jobs} unfinished jobs go on where they stopped.")
