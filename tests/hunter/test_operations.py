"""The page about queues, workers, disk and backups, and trying failed work again."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client, override_settings
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from core.models import AuditEntry, Heartbeat, Job
from core.selectors import last_signs
from core.services import beat, claim_job, fail_job, open_job, retry_job
from hunter import operations
from tests import factories
from tests.conftest import wait_until
from tests.factories import NOW

pytestmark = pytest.mark.django_db
PAGE = "/dashboard/operations/"


@pytest.fixture
def operator(client: Client) -> Client:
    client.force_login(factories.user(permissions=["core.view_dashboard", "core.operate"]))
    return client


def failed(number: int = 1, **fields: Any) -> Job:
    """Work of a worker that failed on its second attempt."""
    values = {"kind": "ml.scan", "key": f"k{number}", "title": f"Scan {number}", "task": "ml.scan", "queue": "ml", "attempt": 2, "state": "failed"}
    now = timezone.now()
    return Job.objects.create(**{**values, "error": "OSError: no such file", "created_at": now, "finished_at": now, **fields})


def text(client: Client) -> str:
    answer = client.get(PAGE)
    assert answer.status_code == 200
    return str(answer.content.decode()).partition("<main")[2].partition("</main>")[0]


def test_all_well_is_said(operator: Client) -> None:
    for queue in ("default", "ml"):
        beat(queue=queue, worker=f"{queue}@host", now=timezone.now())
    Job.objects.create(kind="backup", key="site", title="Backup", state="done", result={"bytes": 5_000_000, "rows": 12345, "files": 9},
                       created_at=NOW, finished_at=timezone.now())  # fmt: skip

    said = text(operator)

    assert "Nothing here needs a hand" in said
    assert "default@host" in said
    assert "12,345 rows and 9 files" in said
    assert "as this version wants them" in said


def test_warnings_name_what_is_wrong(operator: Client) -> None:
    beat(queue="default", worker="default@host", now=timezone.now() - timedelta(minutes=20))

    said = text(operator)

    assert "No worker has served the queue “default” for 20" in said
    assert "No worker has served the queue “ml” yet" in said
    assert "There is no backup yet" in said
    assert "No worker has served the queue" in operator.get("/dashboard/").content.decode()


def test_old_backup_is_a_warning_and_none_on_the_demo(operator: Client) -> None:
    Job.objects.create(kind="backup", key="site", title="Backup", state="done", created_at=NOW, finished_at=timezone.now() - timedelta(days=9))

    assert "The last backup is 1" in text(operator)
    with override_settings(DEMO=True):
        assert "The last backup is" not in text(operator)


def test_archives_that_outlive_the_promise_are_a_warning(operator: Client, settings: Any) -> None:
    archive = Path(settings.HOME) / "backups" / "old.tar"
    archive.parent.mkdir(exist_ok=True)
    archive.touch()
    try:
        assert "older than 30 days" not in text(operator)
        os.utime(archive, (0, 0))
        assert "1 backup in" in text(operator)
    finally:
        archive.unlink()


def test_full_disk_is_a_warning(operator: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "LEAST_FREE_BYTES", 10**18)
    monkeypatch.setattr(operations, "LEAST_FREE_SHARE", 1.0)

    assert "are free on the disk" in text(operator)


def test_broker_away_is_said_and_the_page_works(operator: Client) -> None:
    with override_settings(BROKER_URL="redis://127.0.0.1:1/0"):
        said = text(operator)

    assert "The broker does not answer" in said
    assert "unknown" in said


def test_queue_busy_with_one_long_job_is_not_silent() -> None:
    now = timezone.now()
    job, _ = open_job(kind="ml.train", key="a", title="a", task="ml.train", queue="ml", now=now)
    claim_job(job_id=job.pk, worker="trainer:1", now=now)
    beat(queue="ml", worker="ml@host", now=now - timedelta(hours=2))

    assert last_signs()["ml"] == (now, "trainer:1")
    assert not next(row for row in operations.queues(now) if row.name == "ml").silent


@pytest.mark.parametrize("n", [1, 3, 30])
def test_failed_work_costs_the_same_number_of_queries(operator: Client, django_assert_num_queries: DjangoAssertNumQueries, n: int) -> None:
    for number in range(n):
        failed(number)
    operator.get(PAGE)

    with django_assert_num_queries(14):
        assert text(operator).count("Try again") == n


def test_failed_work_is_tried_again(operator: Client) -> None:
    job = failed()

    answer = operator.post(f"{PAGE}jobs/{job.pk}/retry/", follow=True)

    job.refresh_from_db()
    assert (job.state, job.attempt, job.finished_at) == ("queued", 0, None)
    assert "is tried again" in answer.content.decode()
    assert operations.queue_lengths() == {"default": 0, "ml": 1}
    entry = AuditEntry.objects.get(verb="try again")
    assert (entry.object_id, entry.actor.username) == (str(job.pk), answer.wsgi_request.user.username)


def test_what_cannot_be_tried_again_stays() -> None:
    done, own = failed(1, state="done"), failed(2, task="")
    first, _ = failed(3), open_job(kind="ml.scan", key="k3", title="newer", task="ml.scan", queue="ml", now=NOW)

    for job in (done, own, first):
        assert retry_job(job_id=job.pk, actor=None, now=NOW) is None
        assert job.state == Job.objects.get(pk=job.pk).state
    assert not AuditEntry.objects.exists()


def test_only_operators_may_try_again(client: Client) -> None:
    job = failed()
    client.force_login(factories.user(permissions=["core.view_dashboard"]))

    assert "Try again" not in text(client)
    assert client.post(f"{PAGE}jobs/{job.pk}/retry/").status_code == 403
    assert Job.objects.get(pk=job.pk).state == "failed"


def test_error_of_a_second_failure_takes_the_place_of_the_first() -> None:
    job = failed()
    retry_job(job_id=job.pk, actor=None, now=NOW)
    claimed = claim_job(job_id=job.pk, worker="me", now=NOW)
    assert claimed

    fail_job(job=claimed, now=NOW, error="again")

    job.refresh_from_db()
    assert (job.state, job.attempt, job.error) == ("failed", 1, "again")


@pytest.mark.django_db(transaction=True)
def test_workers_write_their_signs(celery_worker_process: Any, tmp_path: Path) -> None:
    from core.tasks import beat as task

    celery_worker_process(queues="ml")

    task.apply_async(args=["ml"], queue="ml")

    sign = wait_until(lambda: Heartbeat.objects.filter(queue="ml").first(), what="a sign of life")
    assert sign.worker.startswith("test0-")
