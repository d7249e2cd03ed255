"""Long work as Job rows: opened once per key, claimed by compare-and-set, kept alive by a heartbeat, revived when a worker dies."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q

from core.models import AuditEntry, Heartbeat, Job

SILENT_S = 90  # a running job without a heartbeat for so long has lost its worker
MAX_ATTEMPTS = 5


class Cancelled(Exception):
    """Somebody asked this job to stop."""


def open_job(
    *,
    kind: str,
    key: str,
    title: str,
    now: datetime,
    task: str = "",
    queue: str = "default",
    params: dict[str, Any] | None = None,
    unit: str = "",
    actor: Any = None,
    words: dict[str, Any] | None = None,
) -> tuple[Job, bool]:
    """Return (job, created): the one open job of this kind and key, made if there is none. The caller enqueues after commit.

    `title` and `unit` are texts marked by gettext_noop; `words` fill the placeholders of the title. The row keeps both, so that the
    filter `job_title` says it in the reader's language.
    """
    said = title % words if words else title
    about = {**(params or {}), "title": [title, words]} if words else params or {}
    existing = Job.objects.filter(kind=kind, key=key, state__in=Job.OPEN).first()
    if existing:
        return existing, False
    try:
        with transaction.atomic():
            job = Job.objects.create(kind=kind, key=key, title=said, task=task, queue=queue, params=about, unit=unit, actor=actor, created_at=now)
    except IntegrityError:
        return Job.objects.get(kind=kind, key=key, state__in=Job.OPEN), False
    return job, True


def claim_job(*, job_id: int, worker: str, now: datetime) -> Job | None:
    """Claim a queued job, or a running one whose worker has been silent; exactly one claimer gets it, others get None."""
    silent = Q(state=Job.State.RUNNING, heartbeat__lt=now - timedelta(seconds=SILENT_S))
    taken = Job.objects.filter(Q(state=Job.State.QUEUED) | silent, pk=job_id).update(
        state=Job.State.RUNNING, worker=worker, heartbeat=now, attempt=F("attempt") + 1, error=""
    )
    if not taken:
        return None
    Job.objects.filter(pk=job_id, started_at__isnull=True).update(started_at=now)
    return Job.objects.get(pk=job_id)


def report(
    *, job: Job, now: datetime, done: int | None = None, total: int | None = None, phase: str | None = None, rate: float | None = None
) -> None:
    """Store progress and the heartbeat. Raises Cancelled when somebody asked for a stop or another worker owns the job now."""
    fields: dict[str, Any] = {"heartbeat": now}
    for name, value in (("done", done), ("total", total), ("phase", phase), ("rate", rate)):
        if value is not None:
            fields[name] = value
    held = Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, attempt=job.attempt)
    if not held.filter(cancel_asked=False).update(**fields):
        raise Cancelled(f"job {job.pk} was cancelled or taken over")


def finish_job(*, job: Job, now: datetime, result: dict[str, Any] | None = None) -> bool:
    """Mark a job done; False when this attempt no longer owns it."""
    return bool(
        Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, attempt=job.attempt).update(
            state=Job.State.DONE, finished_at=now, heartbeat=now, result=result or {}, phase=""
        )
    )


def fail_job(*, job: Job, now: datetime, error: str, state: str = Job.State.FAILED) -> None:
    """Mark a job failed (or cancelled) with the reason."""
    Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, attempt=job.attempt).update(
        state=state, finished_at=now, heartbeat=now, error=error[:4000]
    )


def release_job(*, job: Job, now: datetime) -> None:
    """Give a running job back (a worker shuts down): it is queued again at once, and this attempt is not held against it."""
    Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, attempt=job.attempt).update(
        state=Job.State.QUEUED, heartbeat=now, attempt=F("attempt") - 1
    )


def ask_cancel(*, job_id: int, actor: Any, now: datetime) -> bool:
    """Ask an open job to stop; a queued one is cancelled at once."""
    if Job.objects.filter(pk=job_id, state=Job.State.QUEUED).update(state=Job.State.CANCELLED, finished_at=now):
        audit(actor=actor, verb="cancel", object_type="job", object_id=str(job_id), now=now)
        return True
    asked = Job.objects.filter(pk=job_id, state=Job.State.RUNNING, cancel_asked=False).update(cancel_asked=True)
    if asked:
        audit(actor=actor, verb="cancel", object_type="job", object_id=str(job_id), now=now)
    return bool(asked)


def retry_job(*, job_id: int, actor: Any, now: datetime) -> Job | None:
    """Queue a failed job again on its own row, with all its attempts before it; the caller enqueues after commit.

    None when it has not failed, when nobody could carry it on (a command's own row), or when newer work on the same is open.
    """
    failed = Job.objects.filter(pk=job_id, state=Job.State.FAILED).exclude(task="")
    try:
        with transaction.atomic():
            if not failed.update(state=Job.State.QUEUED, attempt=0, finished_at=None, heartbeat=None, created_at=now, cancel_asked=False):
                return None
            audit(actor=actor, verb="try again", object_type="job", object_id=str(job_id), now=now)
    except IntegrityError:
        return None
    return Job.objects.get(pk=job_id)


def beat(*, queue: str, worker: str, now: datetime) -> None:
    """Note that somebody serves a queue."""
    Heartbeat.objects.update_or_create(queue=queue, defaults={"worker": worker[:120], "at": now})


def requeue_orphans(*, now: datetime) -> int:
    """At a start of the embedded site nothing can be running: give every running job back, and return how many."""
    return Job.objects.filter(state=Job.State.RUNNING).update(state=Job.State.QUEUED, heartbeat=now)


def revive_jobs(*, now: datetime, send: Callable[[str, str, int], None]) -> list[int]:
    """Enqueue again jobs whose worker fell silent or whose message was lost; fail those that died too often.

    `send(task, queue, job_id)` enqueues. The state itself is not changed here: `claim_job` decides, so a second message is harmless.
    """
    limit = now - timedelta(seconds=SILENT_S)
    silent = Q(state=Job.State.RUNNING, heartbeat__lt=limit)
    Job.objects.filter(silent, attempt__gte=MAX_ATTEMPTS).update(
        state=Job.State.FAILED, finished_at=now, error=f"The worker died {MAX_ATTEMPTS} times; see its log."
    )
    Job.objects.filter(silent, task="").update(  # a command's own row: nobody else can carry it on
        state=Job.State.FAILED, finished_at=now, error="The command ended without a word (killed?). Start it again; what it did is kept."
    )
    forgotten = Q(state=Job.State.QUEUED) & (Q(heartbeat__lt=limit) | Q(heartbeat__isnull=True, created_at__lt=limit))
    jobs = list(Job.objects.filter(silent | forgotten).exclude(task="").values_list("pk", "task", "queue"))
    for pk, task, queue in jobs:
        Job.objects.filter(pk=pk, state=Job.State.QUEUED).update(heartbeat=now)
        send(task, queue, pk)
    return [pk for pk, _, _ in jobs]


def audit(*, actor: Any, verb: str, object_type: str, object_id: str, now: datetime, detail: dict[str, Any] | None = None) -> AuditEntry:
    """Record who changed what. `actor` is a user or None for the system."""
    return AuditEntry.objects.create(
        at=now, actor=actor if getattr(actor, "pk", None) else None, verb=verb, object_type=object_type, object_id=object_id, detail=detail or {}
    )
