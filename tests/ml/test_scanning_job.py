"""A scan as a job: real pixels in, detections out; several workers; bad images; the worker ends; the weights are wrong."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from archive.models import Cutout
from classify.seeds import seed_workflows
from core import files
from core.models import Job
from ml import jobs, services
from ml.models import Detection, DetectorModel, Run, Scanned, Shard
from tests import factories
from tests.factories import NOW
from tests.ml import rows

pytestmark = pytest.mark.django_db


def never() -> bool:
    return False


@pytest.fixture
def model(settings: Any) -> DetectorModel:
    settings.ML_SHARD_CUTOUTS = 2
    seed_workflows(NOW)
    return rows.model(1)


def cutouts(n: int) -> list[Cutout]:
    parent = factories.plane()
    return [factories.cutout(plane=parent, width=64, height=64) for _ in range(n)]


def scan(run: Run, *, ending: Callable[[], bool] = never) -> str:
    return jobs.scan(job_id=run.job_id, worker="here:1", clock=timezone.now, ending=ending)


def test_every_cutout_is_searched_once(model: DetectorModel) -> None:
    cutouts(3)
    run = services.open_scan(model=model, now=timezone.now())
    total = run.job.total
    assert scan(run) == "done"
    run.job.refresh_from_db()
    assert (run.job.state, run.job.done, Scanned.objects.filter(error="").count()) == ("done", total, total)
    assert run.job.result == {"cutouts": total, "detections": Detection.objects.count()}
    with pytest.raises(services.NothingToScan):
        services.open_scan(model=model, now=timezone.now())


def test_new_cutouts_alone_are_searched_next(model: DetectorModel) -> None:
    cutouts(1)
    scan(services.open_scan(model=model, now=timezone.now()))
    new = cutouts(1)
    run = services.open_scan(model=model, now=timezone.now())
    assert [pk for shard in run.shards.all() for pk in services.shard_cutouts(shard)] == [new[0].pk]


def test_a_damaged_image_is_recorded_and_stops_nothing(model: DetectorModel) -> None:
    bad, good = cutouts(2)
    files.delete(bad.pixels_key)
    files.put(b"not a picture", bad.pixels_key)
    assert scan(services.open_scan(model=model, now=timezone.now())) == "done"
    assert Scanned.objects.get(cutout=bad).error.startswith("UnidentifiedImageError")
    assert Scanned.objects.get(cutout=good).error == ""
    assert Shard.objects.filter(error="1 cutouts could not be read.").count() == 1


def test_a_worker_that_ends_gives_its_shard_back(model: DetectorModel) -> None:
    cutouts(4)
    run = services.open_scan(model=model, now=timezone.now())
    asked = iter(range(100))
    assert scan(run, ending=lambda: next(asked) >= 3) == "released"
    assert sorted(Shard.objects.filter(run=run).values_list("state", flat=True))[0] == "done"
    assert not Shard.objects.filter(state="working").exists()
    assert scan(run) == "done"
    assert set(Shard.objects.values_list("attempt", flat=True)) == {1}


def test_a_dead_workers_shard_comes_back_after_its_lease(model: DetectorModel) -> None:
    cutouts(4)
    run = services.open_scan(model=model, now=timezone.now())
    long_ago = timezone.now() - timedelta(seconds=300)
    dead = services.claim_shard(run=run, worker="dead:1", now=long_ago)
    assert dead is not None
    assert scan(run) == "done"
    dead.refresh_from_db()
    assert (dead.state, dead.attempt) == ("done", 2)


def test_a_worker_leaves_while_another_is_still_at_it(model: DetectorModel) -> None:
    cutouts(4)
    run = services.open_scan(model=model, now=timezone.now())
    theirs = services.claim_shard(run=run, worker="there:1", now=timezone.now())
    assert theirs is not None
    assert scan(run) == "left"
    assert Job.objects.get(pk=run.job_id).state == "running"
    services.finish_shard(shard=theirs, scanned=[], detections=[], now=timezone.now())
    assert scan(run) == "done"


def test_a_closed_scan_is_left_alone(model: DetectorModel) -> None:
    cutouts(1)
    run = services.open_scan(model=model, now=timezone.now())
    assert [scan(run), scan(run)] == ["done", "taken"]


def test_tampered_weights_fail_the_job_and_leave_the_model_live(model: DetectorModel) -> None:
    cutouts(1)
    files.delete(model.weights_key)
    files.put(rows.card(2)[0], model.weights_key)
    run = services.open_scan(model=model, now=timezone.now())
    assert scan(run) == "failed"
    run.job.refresh_from_db()
    model.refresh_from_db()
    assert "The weights are not those that the card describes" in run.job.error
    assert (model.state, Scanned.objects.count()) == ("live", 0)


def test_people_can_stop_a_scan(model: DetectorModel) -> None:
    cutouts(4)
    run = services.open_scan(model=model, now=timezone.now())
    Job.objects.filter(pk=run.job_id).update(state="running", heartbeat=timezone.now(), attempt=1, cancel_asked=True)
    assert scan(run) == "cancelled"
    assert Job.objects.get(pk=run.job_id).state == "cancelled"
    assert not Shard.objects.filter(state="working").exists()


def test_after_a_failure_the_tick_waits_before_it_tries_again(model: DetectorModel) -> None:
    cutouts(1)
    now = timezone.now()
    run = services.scan_new_cutouts(now=now)
    assert run is not None
    assert services.scan_new_cutouts(now=now) is None, "one is open"
    Job.objects.filter(pk=run.job_id).update(state="failed", finished_at=now)
    assert services.scan_new_cutouts(now=now + timedelta(minutes=1)) is None
    assert services.scan_new_cutouts(now=now + timedelta(minutes=11)) is not None
