"""A policy that was just published decides at once about the subjects whose votes it finds, not with the next vote of each. A job, in batches.

Each batch is one transaction that locks like a vote does (the statuses in order) and settles by the same code. What a person retired or
paused stays; what votes retired opens again only where that is asked for. Doing it twice does no harm.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_noop

import core.services
from classify.models import SubjectStatus, Workflow
from classify.services import tallies
from core.models import Job

KIND = "redecide"
TASK = "classify.redecide"
BATCH = 20  # a vote on one of these waits for all of them
_State = SubjectStatus.State


class Turned(NamedTuple):
    """How many subjects were looked at, ended, and opened again; `after`: the key of the last one."""

    looked: int = 0
    ended: int = 0
    reopened: int = 0
    after: int = 0

    def __add__(self, other: "Turned") -> "Turned":  # type: ignore[override]
        return Turned(self.looked + other.looked, self.ended + other.ended, self.reopened + other.reopened, max(self.after, other.after))


def ask_redecision(*, workflow: Workflow, reopen: bool, actor: Any, now: datetime) -> tuple[Job, bool]:
    """Open the job that decides anew by the current policy; (job, created). The caller enqueues TASK after commit."""
    job, created = core.services.open_job(
        kind=KIND, key=workflow.slug, title=gettext_noop("%(workflow)s: decide anew"), words={"workflow": workflow.name}, task=TASK,
        params={"workflow": workflow.pk, "reopen": reopen}, unit=gettext_noop("subjects"), actor=actor, now=now,
    )  # fmt: skip
    if created:
        core.services.audit(actor=actor, verb="decide anew", object_type="workflow", object_id=workflow.slug, now=now, detail={"reopen": reopen})
    return job, created


def to_decide(*, workflow_id: int, reopen: bool = False) -> int:
    """How many subjects a policy would be asked about: open ones with votes, and (`reopen`) those that votes retired."""
    return _statuses(workflow_id, reopen).count()


def redecide_batch(*, workflow_id: int, reopen: bool, after: int, now: datetime) -> Turned:
    """Decide about the next subjects by the current policy. None are left when it has looked at none."""
    keys = list(_statuses(workflow_id, reopen).filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:BATCH])
    with transaction.atomic():
        turned = Turned(after=keys[-1] if keys else after)
        for status in tallies.locked().filter(pk__in=keys).order_by("pk"):
            turned += _settle(status, reopen, now)
    return turned


def _settle(status: SubjectStatus, reopen: bool, now: datetime) -> Turned:
    before = status.state
    if before == _State.ACTIVE or (reopen and before == _State.RETIRED and not status.by_hand):  # a vote or a person may have been first
        tallies.settle(status, last=None, now=now, may_open=reopen)
    return _turned(before, status.state)


def foresee(*, workflow_id: int, reopen: bool) -> Turned:
    """Say what deciding anew would do, and do nothing."""
    total = Turned()
    for status in _each(workflow_id, reopen):
        ends = tallies.decide(status).retire
        total += _turned(status.state, _State.RETIRED if ends else _State.ACTIVE)
    return total


def _turned(before: str, after: str) -> Turned:
    return Turned(1, int(before != after == _State.RETIRED), int(before != after == _State.ACTIVE))


def _each(workflow_id: int, reopen: bool) -> Iterator[SubjectStatus]:
    rows = _statuses(workflow_id, reopen).select_related("workflow__current_version", "workflow__crowd", "subject")
    return iter(rows.order_by("pk").iterator(chunk_size=1000))


def _statuses(workflow_id: int, reopen: bool) -> QuerySet[SubjectStatus]:
    wanted = Q(state=_State.ACTIVE)
    if reopen:
        wanted |= Q(state=_State.RETIRED, by_hand=False)
    return SubjectStatus.objects.filter(wanted, workflow_id=workflow_id, n_votes__gt=0)
