"""Long work is claimed once, reports, and comes back when its worker dies."""

from datetime import UTC, datetime, timedelta

import pytest

from core import services
from core.models import Job

NOW = datetime(2026, 1, 1, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def open_one(**extra: object) -> Job:
    job, created = services.open_job(kind="train", key="a", title="Train", task="ml.train", queue="ml", now=NOW, **extra)  # type: ignore[arg-type]
    assert created
    return job


def test_one_open_job_per_key() -> None:
    job = open_one()
    again, created = services.open_job(kind="train", key="a", title="Train", now=NOW)
    assert (again.pk, created) == (job.pk, False)
    claimed = services.claim_job(job_id=job.pk, worker="w", now=NOW)
    assert claimed is not None
    assert services.finish_job(job=claimed, now=NOW, result={"n": 1})
    other, created = services.open_job(kind="train", key="a", title="Train", now=NOW)
    assert created
    assert other.pk != job.pk


def test_only_one_worker_gets_a_job_until_it_falls_silent() -> None:
    job = open_one()
    first = services.claim_job(job_id=job.pk, worker="one", now=NOW)
    assert first is not None
    assert services.claim_job(job_id=job.pk, worker="two", now=NOW + timedelta(seconds=services.SILENT_S - 1)) is None
    second = services.claim_job(job_id=job.pk, worker="two", now=NOW + timedelta(seconds=services.SILENT_S + 1))
    assert second is not None
    assert (second.worker, second.attempt) == ("two", 2)
    with pytest.raises(services.Cancelled):
        services.report(job=first, now=NOW, done=3)
    assert not services.finish_job(job=first, now=NOW), "the first worker lost the job and may not end it"


def test_progress_cancel_and_release() -> None:
    job = services.claim_job(job_id=open_one().pk, worker="w", now=NOW)
    assert job is not None
    services.report(job=job, now=NOW, done=5, total=10, rate=2.5, phase="step")
    job.refresh_from_db()
    assert (job.percent, job.seconds_left, job.phase) == (50, 2, "step")
    services.release_job(job=job, now=NOW)
    job.refresh_from_db()
    assert (job.state, job.attempt) == (Job.State.QUEUED, 0)
    again = services.claim_job(job_id=job.pk, worker="w", now=NOW)
    assert again is not None
    assert services.ask_cancel(job_id=job.pk, actor=None, now=NOW)
    with pytest.raises(services.Cancelled):
        services.report(job=again, now=NOW)


def test_silent_and_forgotten_jobs_are_sent_again_and_repeat_offenders_fail() -> None:
    sent: list[tuple[str, str, int]] = []
    send = lambda *message: sent.append(message)  # noqa: E731
    job = open_one()
    assert services.revive_jobs(now=NOW, send=send) == [], "it was only just queued"
    late = NOW + timedelta(seconds=services.SILENT_S + 1)
    assert services.revive_jobs(now=late, send=send) == [job.pk]
    assert services.revive_jobs(now=late, send=send) == [], "not each tick again"
    assert sent == [("ml.train", "ml", job.pk)]
    now = late
    for _ in range(services.MAX_ATTEMPTS):
        assert services.claim_job(job_id=job.pk, worker="w", now=now)
        now += timedelta(seconds=services.SILENT_S + 1)
    services.revive_jobs(now=now, send=send)
    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    assert "died" in job.error


def test_the_row_of_a_killed_command_does_not_run_for_ever() -> None:
    job, _ = services.open_job(kind="archive.ingest", key="x", title="Bring in", now=NOW)
    assert services.claim_job(job_id=job.pk, worker="shell", now=NOW)
    assert services.revive_jobs(now=NOW + timedelta(seconds=services.SILENT_S + 1), send=lambda *_: None) == []
    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    assert "ended without a word" in job.error
