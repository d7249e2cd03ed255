"""What beat starts by itself, and the commands of the same meaning."""

import base64
import io
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import redis
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone

from archive.models import Cutout
from classify.models import Consensus, Subject, Workflow, WorkflowVersion
from classify.seeds import seed_workflows
from ml import intake, services, tasks
from ml.models import DetectorModel, Run, Scanned, TrainingSet
from tests import factories
from tests.factories import NOW
from tests.ml import rows

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(minutes=5)


@pytest.fixture(autouse=True)
def small(settings: Any, tmp_path: Any) -> None:
    """Two steps a training, and one vote settles an image."""
    settings.HOME, settings.ML_STEPS, settings.DEMO = tmp_path, 2, False
    seed_workflows(NOW)
    for version in WorkflowVersion.objects.filter(workflow__slug="classify"):
        WorkflowVersion.objects.filter(pk=version.pk).update(policy={**version.policy, "count": 1, "min_votes": 1, "min_marks": 1})


def queued() -> list[tuple[str, list[int]]]:
    """The messages that wait in the broker for a worker of the queue ml."""
    messages = [json.loads(raw) for raw in redis.Redis.from_url(settings.BROKER_URL).lrange("ml", 0, -1)]  # type: ignore[union-attr]
    return [(message["headers"]["task"], json.loads(base64.b64decode(message["body"]))[0]) for message in messages]


def labelled(n_yes: int = 5, n_no: int = 5, **options: Any) -> list[Cutout]:
    """Cutouts of four exposures, each settled by one person."""
    flow = Workflow.objects.select_related("current_version").get(slug="classify")
    planes = [factories.plane() for _ in range(4)]
    shown = []
    for number in range(n_yes + n_no):
        cutout = factories.cutout(plane=planes[number % 4], width=64, height=64)
        yes = number < n_yes
        subject = factories.subject(workflow=flow, cutout=cutout)
        factories.vote(subject=subject, workflow=flow, answer="yes" if yes else "no", marks=[(10, 10, 50, 40)] if yes else None, **options)
        shown.append(cutout)
    return shown


def test_the_first_training_opens_when_images_and_votes_have_settled() -> None:
    labelled()
    assert services.bootstrap(now=NOW + timedelta(seconds=15)) is None, "votes came a moment ago"
    waiting = factories.cutout(images=False)
    assert services.bootstrap(now=LATER) is None, "an image is still being made"
    Cutout.objects.filter(pk=waiting.pk).delete()
    run = services.bootstrap(now=LATER)
    assert run is not None
    assert (run.kind, run.training_set.n_rows if run.training_set else 0, run.job.state) == ("train", 10, "queued")
    assert services.bootstrap(now=LATER) is None, "one is enough"


def test_the_first_training_does_not_open_without_enough_labels_or_when_switched_off(settings: Any) -> None:
    labelled(4, 5)
    assert services.bootstrap(now=LATER) is None
    labelled(1, 0)
    settings.ML_BOOTSTRAP = False
    assert services.bootstrap(now=LATER) is None
    settings.ML_BOOTSTRAP = True
    assert services.bootstrap(now=LATER) is not None


def test_with_plenty_of_labels_nobody_waits_for_silence() -> None:
    labelled()
    assert not intake.settled_enough(now=NOW, quiet_s=30, plenty=11)
    assert intake.settled_enough(now=NOW, quiet_s=30, plenty=10)


def test_the_tick_carries_the_loop_on(django_capture_on_commit_callbacks: Callable[..., Any]) -> None:
    labelled()
    Consensus.objects.update(decided_at=NOW - timedelta(days=9000))
    with django_capture_on_commit_callbacks(execute=True):
        assert tasks.tick() == {"runs": 1, "asked": 0, "told": 0}
    run = Run.objects.get()
    assert queued() == [("ml.train", [run.job_id])]
    assert tasks.train(run.job_id) == "done"
    with django_capture_on_commit_callbacks(execute=True):
        assert tasks.tick()["runs"] == 1
    scan = Run.objects.get(kind="scan")
    assert tasks.scan(scan.job_id) == "done"
    told = tasks.tick()
    assert (told["runs"], told["told"]) == (0, Scanned.objects.count())
    assert Subject.objects.filter(kind="find").count() == told["asked"]


def command(*arguments: Any, **options: Any) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out, **options)
    return out.getvalue()


def test_train_here_and_then_nothing_new() -> None:
    labelled(now=timezone.now() - timedelta(minutes=1))
    said = command("train", here=True)
    name = DetectorModel.objects.get().name
    assert f"done. model {name}" in said
    assert command("train", here=True).startswith("Nothing new to learn")
    assert "Run" in command("train", seed=7)
    assert Run.objects.filter(job__state="queued", config__seed=7).count() == 1


def test_train_without_labels_fails_in_words() -> None:
    with pytest.raises(CommandError, match="0 of 5 cutouts with agreed trails"):
        command("train")


def test_scan_here_searches_what_is_new() -> None:
    with pytest.raises(CommandError, match="No model is live yet"):
        command("scan")
    model = rows.model(1)
    assert "done. cutouts 2" in command("scan", here=True)
    assert command("scan", here=True).startswith(f"{model.name} has searched every cutout")
    with pytest.raises(CommandError, match="There is no model named 'x'"):
        command("scan", model="x")


def test_promote_and_rollback_by_command() -> None:
    first, second = rows.model(1), rows.model(2)
    person = factories.user(username="olga", permissions=["ml.promote"])
    assert command("promote", second.name, by="olga") == f"{second.name} is live.\n"
    assert second.promotions.get().actor == person
    assert command("rollback") == f"{first.name} is live again.\n"
    with pytest.raises(CommandError, match="nothing to roll back to"):
        command("rollback")
    factories.user(username="ben")
    with pytest.raises(CommandError, match="may not put models live"):
        command("promote", second.name, by="ben")
    with pytest.raises(CommandError, match="no account"):
        command("promote", second.name, by="nobody")


def test_the_tick_by_command() -> None:
    assert command("tick") == "0 runs opened, 0 finds asked, 0 opinions told.\n"


def test_a_failed_run_ends_the_command_with_the_reason() -> None:
    labelled(now=timezone.now() - timedelta(minutes=1))
    run = services.start_training(actor=None, now=timezone.now())
    TrainingSet.objects.filter(pk=run.training_set_id).update(manifest_key="ml/none")
    with pytest.raises(CommandError, match="Train on 10 labelled cutouts: failed"):
        command("train", here=True)
