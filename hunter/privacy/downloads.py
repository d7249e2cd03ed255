"""A copy of a person's data: asked for, made by a worker with progress, kept for seven days behind a signed link, and removed.

The job's row is all that is stored about it; the file's key is in it from the beginning, so that no file can be forgotten.
"""

import logging
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.files import File
from django.core.files.storage import default_storage
from django.utils import translation
from django.utils.translation import gettext_noop

import classify.selectors
from core import files, signed
from core.models import Job
from core.selectors import newest_job
from core.services import Cancelled, claim_job, fail_job, finish_job, open_job, report
from hunter.models import User
from hunter.privacy.bundle import write_bundle
from hunter.privacy.people import Person, person_of
from hunter.privacy.records import personal_records

log = logging.getLogger(__name__)

KIND, TASK, PURPOSE = "privacy.download", "hunter.privacy_download", "privacy-download"
KEPT = timedelta(days=7)
FRESH = timedelta(minutes=10)  # a file younger than that is not made again
_EVERY = timedelta(seconds=1)


@dataclass(frozen=True)
class Download:
    """A person's newest copy, for the page. `token` is set while there is a file."""

    job: Job
    token: str = ""
    expires_at: datetime | None = None
    size: int = 0
    rows: int = 0
    fresh: bool = False  # made just now: asking again would give the same


def ask(*, person: Person, language: str, now: datetime) -> tuple[Job, bool]:
    """Return (job, created). Earlier files of this person go; a file made just now stays and is given instead."""
    last = newest_job(KIND, person.key)
    if last and (last.is_open or _is_fresh(last, now)):
        return last, False
    forget(person.key)
    params = {
        "user": person.user.pk if person.user else None,
        "volunteer": person.volunteer.pk if person.volunteer else None,
        "file": files.new_key("zip", prefix="private"),
        "language": language,
    }
    title, unit = gettext_noop("Copy of one person's data"), gettext_noop("rows")
    return open_job(kind=KIND, key=person.key, title=title, task=TASK, params=params, unit=unit, actor=person.user, now=now)


def _is_fresh(job: Job, now: datetime) -> bool:
    return job.state == Job.State.DONE and job.finished_at is not None and job.finished_at > now - FRESH


def newest(person: Person, *, now: datetime) -> Download | None:
    """Return this person's newest copy, made or in the making; one that has expired is none."""
    job = newest_job(KIND, person.key)
    if job is None or (job.state == Job.State.DONE and not job.result.get("file")):
        return None
    if job.state != Job.State.DONE or job.finished_at is None:
        return Download(job)
    ends = job.finished_at + KEPT
    if ends <= now:
        return None
    token = signed.sign(job.pk, purpose=PURPOSE)
    return Download(job, token, ends, job.result["size"], job.result["rows"], fresh=_is_fresh(job, now))


def file_of(token: str, person: Person, *, now: datetime) -> Job | None:
    """Return the job whose file the link names, if it is this person's. Raises signed.Forged or signed.Expired."""
    number = signed.read(token, purpose=PURPOSE, max_age=KEPT)
    job = Job.objects.filter(pk=number, kind=KIND, key=person.key, state=Job.State.DONE).first()
    if job and job.finished_at and job.finished_at + KEPT <= now:
        raise signed.Expired
    return job


def make(*, job_id: int, worker: str, clock: Callable[[], datetime]) -> str:
    """Carry out a job: make the file and store it. A second call for the same job does nothing; returns what became of it."""
    job = claim_job(job_id=job_id, worker=worker, now=clock())
    if job is None:
        return "not mine"
    key = str(job.params["file"])
    try:
        result = _make(job, key, clock)
    except Cancelled:
        files.delete(key)
        return "cancelled"
    except Exception as error:
        log.exception("The copy of a person's data (job %s) could not be made", job.pk)
        files.delete(key)
        fail_job(job=job, now=clock(), error=type(error).__name__)  # no more: a message may hold what the data hold
        return "failed"
    if not finish_job(job=job, now=clock(), result=result):  # the account went meanwhile, and the row with it
        files.delete(key)
        return "cancelled"
    return "done"


def _make(job: Job, key: str, clock: Callable[[], datetime]) -> dict[str, Any]:
    kinds = personal_records(_person(job), but=job.pk)
    progress = _Progress(job, 2 * sum(kind.count() for kind in kinds), clock)
    with tempfile.TemporaryFile() as handle, translation.override(job.params["language"]):
        rows = write_bundle(handle, kinds, now=clock(), tell=progress.tell)
        size = handle.tell()
        progress.report()
        handle.seek(0)
        files.delete(key)  # what a killed attempt may have left
        stored = default_storage.save(key, File(handle))
    return {"file": stored, "size": size, "rows": rows}


def _person(job: Job) -> Person:
    if job.params["user"] is not None:
        return person_of(User.objects.get(pk=job.params["user"]))
    return Person(volunteer=classify.selectors.volunteer_by_pk(job.params["volunteer"]))


class _Progress:
    """Reports at most once a second."""

    def __init__(self, job: Job, total: int, clock: Callable[[], datetime]) -> None:
        self.job, self.clock, self.done = job, clock, 0
        self.started = self.reported = clock()
        report(job=job, now=self.started, done=0, total=total)

    def tell(self, n: int) -> None:
        self.done += n
        if self.done % 100 == 0 and self.clock() - self.reported >= _EVERY:
            self.report()

    def report(self) -> None:
        self.reported = self.clock()
        seconds = max((self.reported - self.started).total_seconds(), 1e-3)
        report(job=self.job, now=self.reported, done=self.done, rate=self.done / seconds)


def forget(key: str) -> int:
    """Remove all copies of a person, their rows included; one in the making stops. Returns how many."""
    return sum(_remove(job) for job in Job.objects.filter(kind=KIND, key=key))


def forget_old(now: datetime) -> int:
    """Remove the copies whose link has expired, and the rows of those that failed; for the daily tidying."""
    old = Job.objects.filter(kind=KIND, finished_at__lt=now - KEPT).exclude(state__in=Job.OPEN)
    return sum(_remove(job) for job in old)


def _remove(job: Job) -> int:
    Job.objects.filter(pk=job.pk).delete()  # first: a worker that still makes the file sees by it that nobody wants it
    for key in {str(job.params.get("file", "")), str(job.result.get("file", ""))}:
        files.delete(key)
    return 1
