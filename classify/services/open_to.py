"""Which subjects are open to a volunteer: querysets, for objects or keys of volunteer and workflow alike, so that their SQL can be prepared."""

from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, F, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Greatest

from classify.models import Classification, GoldKey, Reveal, Serve, SubjectStatus


def active(workflow: Any) -> QuerySet[SubjectStatus]:
    """Subjects that still need votes."""
    return SubjectStatus.objects.filter(workflow=workflow, state=SubjectStatus.State.ACTIVE).order_by()


def standing(workflow: Any) -> QuerySet[Classification]:
    """Votes that stand, cast here."""
    return Classification.objects.filter(workflow=workflow, superseded_by__isnull=True, repeat=0).exclude(answer="").order_by()


def live(workflow: Any, now: datetime) -> QuerySet[Serve]:
    """Leases that have not run out and that nobody has answered yet."""
    answered = standing(workflow).filter(subject=OuterRef("subject_id"), volunteer=OuterRef("volunteer_id"))
    return Serve.objects.filter(~Exists(answered), version__workflow=workflow, lease_until__gt=now).order_by()


def keys(workflow: Any) -> QuerySet[GoldKey]:
    """Known answers of the row's subject."""
    return GoldKey.objects.filter(workflow=workflow, subject=OuterRef("subject_id"))


def unseen(volunteer: Any, workflow: Any, *, blind: bool) -> QuerySet[SubjectStatus]:
    """Active, ready subjects that this volunteer may still be asked about, known ones included."""
    fresh = active(workflow).filter(subject__ready=True)
    fresh = fresh.filter(~Exists(standing(workflow).filter(subject=OuterRef("subject_id"), volunteer=volunteer)))
    if blind:
        root = Coalesce(OuterRef("subject__root_id"), OuterRef("subject_id"))
        fresh = fresh.filter(~Exists(Reveal.objects.filter(volunteer=volunteer, root=root)))
    return fresh


def unknown(volunteer: Any, workflow: Any, *, blind: bool) -> QuerySet[SubjectStatus]:
    """What may be chosen: in blind workflows known subjects are no part of it, they come among the others."""
    rows = unseen(volunteer, workflow, blind=blind)
    return rows.filter(~Exists(keys(workflow))) if blind else rows


def with_room(rows: QuerySet[SubjectStatus], workflow: Any, now: datetime, limit: int) -> QuerySet[SubjectStatus]:
    """With how many more people each takes (`room`: as selection.room says, less those who have it in hand).

    Who wants those with room alone picks them out: as a condition it would be worked out for every row that a walk passes.
    """
    held = live(workflow, now).filter(subject=OuterRef("subject_id")).values("subject_id")
    leased = Coalesce(Subquery(held.annotate(n=Count("volunteer_id", distinct=True)).values("n")), 0)
    wanted = Greatest(Value(1), Value(limit) - F("n_votes"), output_field=IntegerField())
    return rows.annotate(room=wanted - leased)
