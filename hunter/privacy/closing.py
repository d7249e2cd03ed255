"""Deleting an account, and a visitor's wish to be forgotten.

`close` is what happens in the request: nobody can sign in any more, all sessions and keys end, and a job is opened. `carry_out` is the
job: it takes the person out of every room and file and deletes the account's row last, since the row holds the name that is looked for.
Each step can be repeated, so a killed deletion is carried on by the next worker.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop

import classify.services
import talk.services
from core.models import AuditEntry, Job
from core.redaction import Redaction
from core.services import Cancelled, audit, claim_job, fail_job, finish_job, open_job, report
from hunter.accounts.services import end_sessions
from hunter.models import ApiToken, User
from hunter.privacy import downloads, residue, traces
from hunter.privacy.people import Person, person_of, telling_words, words_of
from hunter.roles import LastAdmin, is_last_admin

log = logging.getLogger(__name__)

KIND, TASK = "privacy.delete", "hunter.privacy_delete"


@transaction.atomic
def close(*, user: User, keep_comments: bool, now: datetime, by_team: bool = False) -> Job:
    """Close an account for good and open the job that deletes it. Raises LastAdmin; the caller enqueues the job after commit."""
    list(User.objects.select_for_update().filter(is_superuser=True, is_active=True).order_by("pk"))  # two last admins at once: one stays
    if is_last_admin(user):
        raise LastAdmin
    person = person_of(user)
    user.set_unusable_password()
    User.objects.filter(pk=user.pk).update(is_active=False, is_staff=False, is_superuser=False, password=user.password)
    ApiToken.objects.filter(user=user).delete()
    end_sessions(user)
    detail = {"comments": "keep" if keep_comments else "remove", "by": "team" if by_team else "owner"}
    audit(actor=None, verb="close account", object_type="user", object_id=str(user.pk), detail=detail, now=now)
    params = {"user": user.pk, "volunteers": person.volunteers, "keep_comments": keep_comments}
    return open_job(kind=KIND, key=person.key, title=gettext_noop("Deletion of an account"), task=TASK, params=params, unit="votes", now=now)[0]


@transaction.atomic
def forget_visitor(*, person: Person, now: datetime) -> Job:
    """Cut a visitor's votes loose from its cookie, and open the job that does the rest; the caller enqueues it after commit."""
    volunteers = person.volunteers
    classify.services.unlink(volunteers=volunteers)
    downloads.forget(person.key)
    params = {"user": None, "volunteers": volunteers, "keep_comments": False}
    return open_job(kind=KIND, key=person.key, title=gettext_noop("A visitor is forgotten"), task=TASK, params=params, unit="votes", now=now)[0]


def carry_out(*, job_id: int, worker: str, clock: Callable[[], datetime]) -> str:
    """Carry a deletion out, or on. Returns what became of it; one that failed is tried again by the daily tidying."""
    job = claim_job(job_id=job_id, worker=worker, now=clock())
    if job is None:
        return "not mine"
    try:
        _delete(job, clock)
    except Cancelled:
        return "taken over"
    except Exception as error:
        log.exception("The deletion of an account (job %s) stopped", job.pk)
        fail_job(job=job, now=clock(), error=type(error).__name__)  # no more: a message may hold a name
        return "failed"
    _finish(job, clock())
    residue.wipe()
    return "done"


def retry_failed(now: datetime) -> int:
    """Give failed or stopped deletions another try; for the daily tidying."""
    again = Job.objects.filter(kind=KIND, state__in=[Job.State.FAILED, Job.State.CANCELLED])
    return again.update(state=Job.State.QUEUED, attempt=0, cancel_asked=False, finished_at=None, heartbeat=None, error="")


def _delete(job: Job, clock: Callable[[], datetime]) -> None:
    """The steps, in an order in which each can be repeated."""
    pulse = _Pulse(job, clock)
    user = User.objects.filter(pk=job.params["user"]).first()
    volunteers = [int(pk) for pk in job.params["volunteers"]]
    words = _words(job, user, volunteers)
    if user is not None:
        pulse("comments")
        nobody = classify.services.nobody(now=clock())
        talk.services.forget_authors(volunteers=volunteers, nobody=nobody, redaction=words, keep_comments=job.params["keep_comments"])
    pulse("votes")
    classify.services.forget_volunteers(volunteers=volunteers, redaction=words, pulse=pulse.votes)
    if user is not None:
        pulse("traces")
        downloads.forget(person_of(user).key)
        traces.forget(user=user, words=words, but=job.pk)
        pulse("account")
        _delete_row(user, job, clock())


def _words(job: Job, user: User | None, volunteers: list[int]) -> Redaction:
    """The words that go. Whether a bare name is one is found out once, before anything moves."""
    if user is None:
        return Redaction()
    if "telling" not in job.params:
        job.params["telling"] = telling_words(user, volunteers)
        Job.objects.filter(pk=job.pk).update(params=job.params)
    return words_of(user, job.params["telling"])


@transaction.atomic
def _delete_row(user: User, job: Job, now: datetime) -> None:
    number = str(user.pk)
    user.delete()
    detail: dict[str, Any] = {"comments": "kept" if job.params["keep_comments"] else "removed"}
    AuditEntry.objects.create(at=now, verb="delete account", object_type="user", object_id=number, detail=detail)


@transaction.atomic
def _finish(job: Job, now: datetime) -> None:
    """Close the job, and forget which votes were whose."""
    if finish_job(job=job, now=now):
        Job.objects.filter(pk=job.pk).update(params={})
        Job.objects.filter(kind=KIND, key=job.key).exclude(pk=job.pk).delete()  # earlier tries of a command


class _Pulse:
    """Tells the job's row how far the deletion is."""

    def __init__(self, job: Job, clock: Callable[[], datetime]) -> None:
        self.job, self.clock, self.done = job, clock, 0

    def __call__(self, phase: str) -> None:
        report(job=self.job, now=self.clock(), phase=phase, done=self.done)

    def votes(self, n: int) -> None:
        self.done += n
        report(job=self.job, now=self.clock(), done=self.done)
