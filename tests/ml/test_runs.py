"""Trainings and scans as rows: opened once, shards claimed by one worker each."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from core.models import Job
from core.services import ask_cancel, claim_job, fail_job, finish_job
from ml import services
from ml.models import Detection, Run, Scanned, Shard
from ml.services import runs
from tests import factories
from tests.factories import NOW
from tests.ml import rows

pytestmark = pytest.mark.django_db


def open_train(config: dict[str, int] | None = None, training_set: object = None) -> Run:
    chosen = training_set or rows.frozen_set(yes=1, no=1)
    return services.open_training(training_set=chosen, config=config or {"seed": 1, "steps": 3}, now=NOW)  # type: ignore[arg-type]


def close(run: Run, state: str) -> None:
    job = claim_job(job_id=run.job_id, worker="w", now=NOW)
    assert job is not None
    if state == "done":
        Run.objects.filter(pk=run.pk).update(model=rows.model(1))
        finish_job(job=job, now=NOW)
    else:
        fail_job(job=job, now=NOW, error="x", state=state)


def test_opening_twice_gives_the_same_run() -> None:
    first = open_train()
    assert open_train(training_set=first.training_set) == first
    assert (Run.objects.count(), Job.objects.count()) == (1, 1)


def test_the_same_labels_are_not_learnt_twice() -> None:
    run = open_train()
    close(run, "done")
    with pytest.raises(services.NothingNew, match=r"Nothing new to learn: trailnet-1-\w{8} was trained on exactly these 2 labelled cutouts"):
        open_train(training_set=run.training_set)
    assert Run.objects.count() == 1


def test_other_steps_on_the_same_labels_are_a_new_run() -> None:
    run = open_train()
    close(run, "done")
    assert open_train({"seed": 1, "steps": 9}, run.training_set) != run


def test_a_failed_run_may_be_tried_again() -> None:
    run = open_train()
    close(run, "failed")
    assert open_train(training_set=run.training_set) != run


def scan_of(cutouts: int, settings: object, *, size: int = 2) -> Run:
    settings.ML_SHARD_CUTOUTS = size  # type: ignore[attr-defined]
    parent = factories.plane()
    for _ in range(cutouts):
        factories.cutout(plane=parent, width=64, height=64)
    return services.open_scan(model=rows.model(1), now=NOW)


def test_a_scan_takes_every_cutout_with_pixels_once(settings: object) -> None:
    model = rows.model(1)
    factories.cutout(images=False)
    run = scan_of(5, settings)
    shards = list(run.shards.all())
    seen = [pk for shard in shards for pk in services.shard_cutouts(shard)]
    assert len(seen) == len(set(seen)) == run.config["cutouts"] == run.job.total
    assert seen == list(services.unscanned(model))


def test_a_scan_without_anything_new_is_not_opened(settings: object) -> None:
    run = scan_of(1, settings)
    Scanned.objects.bulk_create([Scanned(cutout_id=pk, model=run.model) for pk in services.unscanned(run.model)])
    job = claim_job(job_id=run.job_id, worker="w", now=NOW)
    assert job is not None
    finish_job(job=job, now=NOW)
    with pytest.raises(services.NothingToScan):
        services.open_scan(model=run.model, now=NOW)
    assert (Run.objects.filter(kind="scan").count(), Job.objects.filter(kind="ml.scan").count()) == (1, 1)


def test_a_shard_has_one_owner_until_its_lease_runs_out(settings: object) -> None:
    run = scan_of(2, settings, size=99)
    mine = services.claim_shard(run=run, worker="a", now=NOW)
    assert mine is not None
    assert services.claim_shard(run=run, worker="b", now=NOW) is None
    later = NOW + timedelta(seconds=runs.LEASE_S + 1)
    theirs = services.claim_shard(run=run, worker="b", now=later)
    assert theirs == mine
    assert not services.renew_shard(shard=mine, now=later)
    assert not services.finish_shard(shard=mine, scanned=[], detections=[], now=later)
    assert services.finish_shard(shard=theirs, scanned=[], detections=[], now=later)


def test_a_late_worker_stores_nothing(settings: object) -> None:
    run = scan_of(2, settings, size=99)
    assert run.model is not None
    mine = services.claim_shard(run=run, worker="a", now=NOW)
    assert mine is not None
    services.claim_shard(run=run, worker="b", now=NOW + timedelta(seconds=runs.LEASE_S + 1))
    found = [Scanned(cutout_id=pk, model=run.model) for pk in services.shard_cutouts(mine)]
    assert not services.finish_shard(shard=mine, scanned=found, detections=[], now=NOW)
    assert Scanned.objects.count() == 0


def test_a_share_that_kills_worker_after_worker_is_given_up(settings: object) -> None:
    run = scan_of(2, settings, size=99)
    now = NOW
    for _ in range(runs.MAX_SHARD_ATTEMPTS):
        assert services.claim_shard(run=run, worker="a", now=now)
        now += timedelta(seconds=runs.LEASE_S + 1)
    assert services.claim_shard(run=run, worker="a", now=now) is None
    assert not services.shards_open(run)
    assert set(Scanned.objects.values_list("error", flat=True)) == {"The worker died 4 times on this share."}


def test_a_released_shard_is_free_at_once(settings: object) -> None:
    run = scan_of(1, settings)
    mine = services.claim_shard(run=run, worker="a", now=NOW)
    assert mine is not None
    services.release_shard(shard=mine)
    again = services.claim_shard(run=run, worker="b", now=NOW)
    assert again is not None
    assert (again, again.attempt) == (mine, 1)


@pytest.mark.django_db(transaction=True)
def test_many_claimers_share_the_shards_without_double_work(settings: object) -> None:
    run = scan_of(12, settings, size=1)
    total = run.shards.count()
    start = threading.Barrier(4)
    taken: list[int] = []

    def work(name: str) -> None:
        start.wait()
        while shard := services.claim_shard(run=run, worker=name, now=NOW):
            found = [Scanned(cutout_id=pk, model=run.model) for pk in services.shard_cutouts(shard)]
            assert services.finish_shard(shard=shard, scanned=found, detections=[], now=NOW)
            taken.append(shard.pk)
        connection.close()

    threads = [threading.Thread(target=work, args=(f"w{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) == total
    assert set(Shard.objects.values_list("state", "attempt")) == {("done", 1)}
    assert Scanned.objects.count() == services.cutouts_done(run) == total


def test_storing_a_detection_again_changes_nothing(settings: object) -> None:
    run = scan_of(1, settings)
    assert run.model is not None
    shard = services.claim_shard(run=run, worker="a", now=NOW)
    assert shard is not None
    (cutout_id, *_) = services.shard_cutouts(shard)
    rows.detection(factories.Cutout.objects.get(pk=cutout_id), run.model)
    again = Detection.objects.get()
    again.pk = None
    assert services.finish_shard(shard=shard, scanned=[Scanned(cutout_id=cutout_id, model=run.model)], detections=[again], now=NOW)
    assert Detection.objects.count() == 1


def test_a_queued_run_can_be_cancelled() -> None:
    run = open_train()
    assert ask_cancel(job_id=run.job_id, actor=None, now=NOW)
    run.job.refresh_from_db()
    assert run.job.state == "cancelled"
