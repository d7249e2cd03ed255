from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from celery import current_app

from archive import tasks
from archive.models import Cutout, Exposure
from archive.services.exposures import ingest_path
from tests.archive import skies
from tests.conftest import wait_until

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.django_db
def test_the_tasks_cut_and_encode_all_that_waits(tmp_path: Path) -> None:
    for number in range(3):
        ingest_path(skies.write_drz(tmp_path / f"jbt1a301{number}_drz.fits", rootname=f"jbt1a301{number}", seed=number), now=NOW)
    assert tasks.cut_new() == 3
    assert tasks.cut_new() == 0
    assert tasks.encode_new() == 3
    assert set(Cutout.objects.values_list("pixels_state", flat=True)) == {"ready"}


@pytest.mark.django_db(transaction=True)
def test_a_worker_cuts_and_encodes(tmp_path: Path, celery_worker_process: Callable[..., Any]) -> None:
    ingest_path(skies.write_flc(tmp_path / "jbt1a3abq_flc.fits"), now=NOW)
    celery_worker_process(queues="default")
    current_app.send_task("archive.cut_new", queue="default")
    wait_until(lambda: Exposure.objects.filter(state=Exposure.State.CUT).exists(), what="the exposure to be cut")
    current_app.send_task("archive.encode_new", queue="default")
    wait_until(lambda: Cutout.objects.filter(pixels_state="ready").count() == 2, what="the 16-bit images")
