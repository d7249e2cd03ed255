"""The Celery app. Queues: `default` (short work) and `ml` (training and scanning, on GPU machines where there are any)."""

import os
from typing import Any

import structlog
from celery import Celery, bootsteps
from django_structlog.celery.receivers import CeleryReceiver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hunter.settings")

app = Celery("hunter")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


class _Receiver(CeleryReceiver):  # type: ignore[misc]
    """Begins a task's log context: its name and id, and the id of the request that sent it."""

    def receiver_task_prerun(self, task_id: str, task: Any, *args: Any, **kwargs: Any) -> None:
        super().receiver_task_prerun(task_id, task, *args, **kwargs)
        structlog.contextvars.bind_contextvars(task=task.name)


class TaskLogs(bootsteps.Step):
    """Joins the receiver to Celery's signals when a worker starts."""

    def __init__(self, parent: Any, **options: Any) -> None:
        super().__init__(parent, **options)
        self.receiver = _Receiver()
        self.receiver.connect_worker_signals()


app.steps["worker"].add(TaskLogs)
app.autodiscover_tasks(["hunter.privacy"])
