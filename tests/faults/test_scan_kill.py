"""A scan by two real workers, one of them killed: every cutout is searched, nothing is stored twice."""

import os
import signal
import subprocess
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Count, F

from classify.seeds import seed_workflows
from core.models import Job
from ml import services, tasks
from ml.models import Detection, Scanned, Shard
from tests import factories
from tests.conftest import wait_until
from tests.factories import NOW
from tests.ml import rows

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_killed_workers_share_is_done_by_the_others(settings: Any, celery_worker_process: Callable[..., "subprocess.Popen[bytes]"]) -> None:
    settings.ML_SHARD_CUTOUTS = 4
    seed_workflows(NOW)
    plane = factories.plane()
    model = rows.model(1)
    for _ in range(40):
        factories.cutout(plane=plane, width=768, height=768)
    run = services.open_scan(model=model, now=NOW)
    total = run.job.total
    tasks.enqueue(run)
    doomed = celery_worker_process(queues="ml")
    wait_until(lambda: Shard.objects.filter(run=run, state="working").exists(), what="the first worker at its share")
    celery_worker_process(queues="ml")
    os.killpg(doomed.pid, signal.SIGKILL)
    doomed.wait()
    Shard.objects.filter(run=run, state="working").update(claimed_until=F("claimed_until") - timedelta(hours=1))  # its lease runs out
    Job.objects.filter(pk=run.job_id).update(heartbeat=F("heartbeat") - timedelta(hours=1))
    tasks.enqueue(run)  # what beat's revive_jobs does
    wait_until(lambda: not Job.objects.get(pk=run.job_id).is_open, what="the end of the scan")
    job = Job.objects.get(pk=run.job_id)
    assert (job.state, job.done, Scanned.objects.filter(error="").count()) == ("done", total, total)
    assert set(Shard.objects.values_list("state", flat=True)) == {"done"}
    twice = Detection.objects.values("cutout", "geometry").annotate(n=Count("pk")).filter(n__gt=1)
    assert not twice.exists()
