"""Training as a job: to the end, stopped and resumed on another machine, cancelled, failed."""

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from core import files
from core.models import Job
from core.services import ask_cancel
from ml import jobs, services
from ml.jobs import training
from ml.models import DetectorModel, Run
from ml.provenance import code_version
from tests.factories import NOW
from tests.ml import rows

pytestmark = pytest.mark.django_db


def never() -> bool:
    return False


def after(calls: int) -> Callable[[], bool]:
    """Say "end" from the n-th question on: a worker that is told to end in the middle of a run."""
    asked = iter(range(10**9))
    return lambda: next(asked) >= calls


def train(run: Run, *, ending: Callable[[], bool] = never, worker: str = "here:1") -> str:
    return jobs.train(job_id=run.job_id, worker=worker, clock=timezone.now, ending=ending)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any) -> Path:
    settings.HOME = tmp_path / "first-machine"
    return Path(settings.HOME)


def test_a_training_makes_a_model_with_its_card() -> None:
    run = rows.training_run(steps=6)
    assert train(run) == "done"
    run.refresh_from_db()
    model = DetectorModel.objects.get()
    chosen = run.training_set
    assert chosen is not None
    assert (run.model, run.job.state, run.job.result) == (model, "done", {"model": model.name})
    assert model.state == "live"
    assert model.card["training_set"]["sha256"] == chosen.hash
    assert (model.card["seed"], model.card["steps"], model.card["threads"]) == (1, 6, 1)
    assert model.card["code_version"] == code_version()
    assert model.card["torch"]
    assert model.card["machine"]
    assert model.metrics["asteroid"]["cutouts"] == 1
    assert run.history[0][0] == 1
    assert run.history[-1][0] == 6
    assert services.read_rows(chosen)[0]["split"] == "test"


def test_nothing_of_a_finished_run_is_left_lying_about(home: Path) -> None:
    run = rows.training_run()
    train(run)
    run.refresh_from_db()
    assert (run.checkpoint_key, list((home / "ml").iterdir())) == ("", [])


def test_a_run_goes_on_on_another_machine_and_ends_with_the_same_weights(tmp_path: Path, settings: Any) -> None:
    run = rows.training_run(steps=6)
    assert train(run, ending=after(3)) == "released"
    run.refresh_from_db()
    assert (run.job.state, run.job.attempt, run.checkpoint_step) == ("queued", 0, 4)
    settings.HOME = tmp_path / "second-machine"
    assert train(run, worker="elsewhere:1") == "done"
    resumed = DetectorModel.objects.get()

    again = services.open_training(training_set=run.training_set, config=rows.run_config(steps=6, again=1), now=NOW)  # type: ignore[arg-type]
    assert train(again) == "done"
    uninterrupted = DetectorModel.objects.exclude(pk=resumed.pk).get()
    assert uninterrupted.weights_sha256 == resumed.weights_sha256


def test_a_resumed_run_keeps_one_loss_curve() -> None:
    run = rows.training_run(steps=12)
    train(run, ending=after(7))
    train(Run.objects.select_related("job").get(pk=run.pk))
    run.refresh_from_db()
    steps = [step for step, _ in run.history]
    assert steps == sorted(set(steps))
    assert steps[-1] == 12


def test_the_machines_own_checkpoint_wins_when_it_is_further_on(home: Path) -> None:
    run = rows.training_run(steps=9)
    train(run, ending=after(6))
    run.refresh_from_db()
    Run.objects.filter(pk=run.pk).update(checkpoint_step=2, checkpoint_key=files.put(b"old", files.new_key("pt", prefix="ml")))
    training.bring_checkpoint(run, training.folder_of(run))
    assert training.step_of(training.folder_of(run) / "checkpoint.pt") == 7


def test_a_lost_checkpoint_means_starting_again_not_failing(tmp_path: Path, settings: Any) -> None:
    run = rows.training_run(steps=3)
    train(run, ending=after(1))
    run.refresh_from_db()
    files.delete(run.checkpoint_key)
    settings.HOME = tmp_path / "second-machine"
    assert train(run) == "done"


def test_a_damaged_checkpoint_means_starting_again_not_failing(home: Path) -> None:
    run = rows.training_run(steps=3)
    train(run, ending=after(1))
    run.refresh_from_db()
    Run.objects.filter(pk=run.pk).update(checkpoint_key="")
    (training.folder_of(run) / "checkpoint.pt").write_bytes(b"half a file")
    assert train(run) == "done"


@pytest.mark.django_db(transaction=True)
def test_people_can_stop_a_run() -> None:
    run = rows.training_run(steps=100_000)
    outcomes: list[str] = []
    worker = threading.Thread(target=lambda: outcomes.append(_in_thread(run)))
    worker.start()
    _wait_for_a_step(run)
    assert ask_cancel(job_id=run.job_id, actor=None, now=timezone.now())
    worker.join(60)
    run.job.refresh_from_db()
    assert (outcomes, run.job.state, DetectorModel.objects.count()) == (["cancelled"], "cancelled", 0)


def _in_thread(run: Run) -> str:
    from django.db import connection

    try:
        return train(run)
    finally:
        connection.close()


def _wait_for_a_step(run: Run) -> None:
    from tests.conftest import wait_until

    wait_until(lambda: Job.objects.get(pk=run.job_id).done > 0, what="the first step")


def test_a_run_that_another_worker_holds_is_left_alone() -> None:
    run = rows.training_run()
    Job.objects.filter(pk=run.job_id).update(state="running", heartbeat=timezone.now(), attempt=1)
    assert train(run) == "taken"
    Job.objects.filter(pk=run.job_id).update(heartbeat=timezone.now() - timedelta(seconds=100))
    assert train(run) == "done"


def test_a_death_after_registering_makes_no_second_model() -> None:
    run = rows.training_run()
    weights, card = rows.card(1)
    services.register_model(training_set=run.training_set, weights=weights, card=card, now=NOW, run=run)
    assert train(run) == "done"
    assert DetectorModel.objects.count() == 1


def test_tampered_rows_are_refused_with_the_reason() -> None:
    run = rows.training_run()
    chosen = run.training_set
    assert chosen is not None
    tampered = files.get(chosen.manifest_key).replace(b'"no"', b'"yes"')
    files.delete(chosen.manifest_key)
    assert files.put(tampered, chosen.manifest_key) == chosen.manifest_key
    assert train(run) == "failed"
    run.job.refresh_from_db()
    assert "not those that were frozen" in run.job.error
    assert DetectorModel.objects.count() == 0


def test_a_set_without_anything_to_learn_from_fails_with_the_reason() -> None:
    run = rows.training_run(yes=1, no=1)
    assert train(run) == "failed"
    run.job.refresh_from_db()
    assert "holds neither a cutout with marked trails nor a cutout without any" in run.job.error


def test_hard_negatives_are_shown_several_times_in_training_only() -> None:
    chosen = rows.frozen_set(yes=1, no=3)
    listed = services.read_rows(chosen)
    hard = [row | {"hard": row["label"] == "no"} for row in listed]
    keys = [sample.key for row in hard for sample in training._samples(row)]
    n_train = sum(row["split"] == "train" and row["label"] == "no" for row in hard)
    assert len(keys) == len(set(keys)) == len(listed) + 2 * n_train
