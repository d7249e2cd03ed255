"""The team decides about flagged votes: they count, they stay out, or the decision is taken back. A job, in batches.

Each batch is one transaction that locks like a vote does (the voter, then the statuses in order) and moves tallies by the same code.
A batch that was cut short leaves nothing behind, and a batch done twice finds nothing to do.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

import core.services
from classify.models import Classification, GoldKey, SubjectStatus, Volunteer
from classify.services import people, tallies, totals
from core.models import Job
from core.problems import Problem

KIND = "flagged votes"
TASK = "classify.decide_flagged"
BATCH = 100
_Verdict = Classification.Verdict
MOVES = {  # what the team may say: the verdict before, the verdict after
    "count": ("", _Verdict.COUNTED),
    "leave_out": ("", _Verdict.LEFT_OUT),
    "uncount": (_Verdict.COUNTED, ""),
    "ask_again": (_Verdict.LEFT_OUT, ""),
}
_TITLES = {
    "count": gettext_noop("Flagged votes: count them"),
    "leave_out": gettext_noop("Flagged votes: leave them out"),
    "uncount": gettext_noop("Flagged votes: do not count them after all"),
    "ask_again": gettext_noop("Flagged votes: decide again"),
}


def ask_decision(*, public_id: str, decision: str, actor: Any, now: datetime) -> tuple[Job, bool]:
    """Open the job that decides about a volunteer's flagged votes up to now; (job, created). The caller enqueues TASK after commit.

    Raises Problem for an unknown volunteer or decision, and 409 while another decision about the same volunteer is carried out.
    """
    volunteer = Volunteer.objects.filter(public_id=public_id).first()
    if volunteer is None or decision not in MOVES:
        raise Problem(_("There is no such volunteer, or no such decision."), title=_("Not found"), status=404)
    params = {"volunteer": volunteer.pk, "decision": decision, "until": now.isoformat()}
    about = str(volunteer.pk)  # not the public id, which changes when the person deletes the account
    with transaction.atomic():
        job, created = core.services.open_job(
            kind=KIND, key=about, title=_TITLES[decision], task=TASK, params=params, unit=gettext_noop("votes"), actor=actor, now=now
        )
        if created:
            core.services.audit(actor=actor, verb=decision, object_type=KIND, object_id=about, now=now)
    if not created and job.params["decision"] != decision:
        raise Problem(_("Another decision about this volunteer is being carried out. Wait for it to end."), title=_("Not now"), status=409)
    return job, created


def undecided(*, volunteer_id: int, decision: str, until: datetime) -> int:
    """How many votes a decision still has to move."""
    return int(_votes(volunteer_id, decision, until).count())


@transaction.atomic
def decide_batch(*, volunteer_id: int, decision: str, until: datetime, now: datetime) -> int:
    """Carry a decision out on the next votes; return how many. None are left when it returns 0."""
    volunteer = Volunteer.objects.filter(pk=volunteer_id).first()
    if volunteer is None:  # deleted meanwhile
        return 0
    person = people.lock_person(volunteer)
    gold = GoldKey.objects.filter(workflow_id=OuterRef("workflow_id"), subject_id=OuterRef("subject_id"))
    rows = _votes(person.pk, decision, until).annotate(is_gold=Exists(gold)).select_related("workflow", "subject", "volunteer")
    votes = list(rows.order_by("pk")[:BATCH])
    statuses = _lock_statuses(votes)
    before = {vote.pk: vote.counted for vote in votes}
    totals.count([(vote, -1) for vote in votes])  # those that were in; the rest is passed over
    for vote in votes:
        vote.verdict = MOVES[decision][1]
        vote.counted = tallies.may_count(vote, is_gold=vote.is_gold)  # type: ignore[attr-defined]  # annotated above
    Classification.objects.bulk_update(votes, ["verdict", "counted"])
    for vote in votes:
        _move(vote, before[vote.pk], statuses, now)
    totals.count([(vote, 1) for vote in votes])
    return len(votes)


def _votes(volunteer_id: int, decision: str, until: datetime) -> Any:
    rows = Classification.objects.filter(volunteer_id=volunteer_id, verdict=MOVES[decision][0], created_at__lte=until, superseded_by__isnull=True)
    return rows.exclude(flag="").exclude(answer="")


def _lock_statuses(votes: Sequence[Classification]) -> dict[tuple[int, int], SubjectStatus]:
    rows = tallies.locked()
    wanted = {(vote.workflow_id, vote.subject_id) for vote in votes}
    found = rows.filter(workflow_id__in={flow for flow, _ in wanted}, subject_id__in={subject for _, subject in wanted}).order_by("pk")
    return {(row.workflow_id, row.subject_id): row for row in found if (row.workflow_id, row.subject_id) in wanted}


def _move(vote: Classification, was_counted: bool, statuses: dict[tuple[int, int], SubjectStatus], now: datetime) -> None:
    """Put one vote into its tally, or take it out, if it changed sides."""
    status = statuses.get((vote.workflow_id, vote.subject_id))
    if status is None or vote.counted == was_counted:
        return
    if vote.counted:
        tallies.change(status, added=[vote], last=vote, now=now)
        return
    vote.counted = True  # as it stood in the tally
    tallies.change(status, removed=[vote], last=vote, now=now)
    vote.counted = False
