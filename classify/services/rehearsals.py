"""A draft is tried on real subjects by the same services as everything else, in a transaction that is taken back: nothing is stored."""

import random
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.db import transaction

from classify.models import Subject, SubjectStatus, Volunteer, Workflow, WorkflowVersion
from classify.selectors.lab import preview_subjects
from classify.services.people import new_visitor
from classify.services.pool import open_subjects
from classify.services.queue import Served, next_subjects
from classify.services.receipts import Receipt
from classify.services.votes import record_classification
from classify.services.workflows import LabError, begun_with

_TRIED = 20  # subjects, where the workflow has none of its own
_MAJOR = 2_000_000  # of the version that never is
_T = TypeVar("_T")


class _TakeBack(Exception):
    """Ends the transaction; carries what it gave."""

    def __init__(self, given: Any) -> None:
        super().__init__()
        self.given = given


def rehearse_queue(*, workflow: Workflow, n: int, now: datetime, rng: random.Random) -> list[Served]:
    """Subjects as a newcomer would get them, were the draft published. Where nothing waits, some of its own or of any are opened for this."""

    def ask(flow: Workflow, person: Volunteer) -> list[Served]:
        asked: dict[str, Any] = {"volunteer": person, "workflow": flow, "n": n, "now": now, "rng": rng}
        return next_subjects(**asked) or (_let_some_wait(flow, now, rng) and next_subjects(**asked)) or []

    return _rehearse(workflow, ask, now)


def rehearse_vote(*, workflow: Workflow, body: Mapping[str, Any], now: datetime, rng: random.Random) -> Receipt:
    """The receipt of a vote, were the draft published. Raises what `record_classification` raises."""
    plain = {name: value for name, value in body.items() if name not in {"serve", "version", "revises"}}

    def vote(flow: Workflow, person: Volunteer) -> Receipt:
        subject = body.get("subject")
        if str(subject).isdecimal():
            ids = Subject.objects.filter(public_id=min(int(str(subject)), 2**63 - 1)).values_list("pk", flat=True)
            open_subjects(workflow=flow, subject_ids=list(ids), now=now, rng=rng)
        return record_classification(volunteer=person, body=plain, now=now, may_draft=lambda: True)

    return _rehearse(workflow, vote, now)


def _rehearse(workflow: Workflow, act: Callable[[Workflow, Volunteer], _T], now: datetime) -> _T:
    begun = begun_with(workflow)
    if begun is None:
        raise LabError
    try:
        with transaction.atomic():
            version = WorkflowVersion.objects.create(workflow=workflow, major=_MAJOR, minor=0, steps=begun[0], policy=begun[1], created_at=now)
            Workflow.objects.filter(pk=workflow.pk).update(current_version=version)
            flow = Workflow.objects.select_related("current_version").get(pk=workflow.pk)
            raise _TakeBack(act(flow, new_visitor(now=now)))
    except _TakeBack as end:
        given: _T = end.given
        return given


def _let_some_wait(flow: Workflow, now: datetime, rng: random.Random) -> bool:
    """Open some of a workflow's own subjects, whatever their state; where it has none, some of any. Says whether there are any."""
    tried = preview_subjects(flow, _TRIED)
    open_subjects(workflow=flow, subject_ids=tried, now=now, rng=rng)
    return bool(SubjectStatus.objects.filter(workflow=flow, subject_id__in=tried).update(state=SubjectStatus.State.ACTIVE))
