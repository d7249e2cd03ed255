"""A vote taken back within its time."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from classify.models import Classification, Reveal, Volunteer
from classify.services import people, tallies, totals
from classify.services.receipts import Conflict, Receipt, gold_of, own_vote, receipt_of, refuse_final, supersede
from core import identity


@transaction.atomic
def undo_classification(*, volunteer: Volunteer, classification_id: Any, now: datetime) -> Receipt:
    """Take a vote back within the workflow's undo window: a row that supersedes it, and the exact reverse of what it added.

    Undoing twice is the same as once. Raises Problem 404 for somebody else's vote, Conflict when the window is over, after the
    reveal, for gold, and for a vote that was revised.
    """
    person = people.lock_person(volunteer)
    vote = own_vote(classification_id, person)
    if vote.superseded_reason == Classification.Superseded.UNDO:
        return receipt_of(vote, None, [], created=False)
    gold = gold_of(vote.workflow_id, vote.subject_id)
    root_id = vote.subject.root_id or vote.subject_id
    _refuse_undo(vote, now)
    seen_at = Reveal.objects.filter(volunteer=person, root_id=root_id).values_list("at", flat=True).first()
    refuse_final(vote, gold, seen_at, field="id")
    statuses = tallies.locked()
    status = statuses.get(workflow_id=vote.workflow_id, subject_id=vote.subject_id)
    row = Classification.objects.create(
        id=identity.random_uuid(), workflow=vote.workflow, version=vote.version, subject=vote.subject, volunteer=person,
        answer="", created_at=now, blind=vote.blind, counted=False,
    )  # fmt: skip
    supersede(vote, row.pk, Classification.Superseded.UNDO)
    tallies.change(status, removed=[vote], last=row, now=now)
    totals.count([(vote, -1)], is_gold=gold is not None)
    return receipt_of(vote, None, [])


def _refuse_undo(vote: Classification, now: datetime) -> None:
    if vote.superseded_by_id is not None:
        raise Conflict(_("This vote was revised later. Undo or revise the newer one."))
    if now > tallies.undo_until(vote):
        raise Conflict(_("The time to undo this vote is over. You can still revise it until you open what others say."))
