"""The Celery app. Queues: `default` (short work) and `ml` (training and scanning, on GPU machines where there are any)."""

import os

from celery import Celery
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hunter.settings")

app = Celery("hunter")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.steps["worker"].add(DjangoStructLogInitStep)  # a task's log lines carry the id of the request that sent it
app.autodiscover_tasks()
app.autodiscover_tasks(["hunter.privacy"])
