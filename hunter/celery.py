"""The Celery app. Queues: `default` (short work) and `ml` (training and scanning, on GPU machines where there are any)."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hunter.settings")

app = Celery("hunter")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
