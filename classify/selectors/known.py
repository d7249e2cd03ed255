"""Known answers that a volunteer has been told. Nobody learns one from here before their own vote is stored."""

from typing import Any

from django.db.models import Exists, OuterRef, Q

from classify.feedback import injected_of
from classify.models import Classification, GoldKey, Subject, Volunteer


def known_answers(volunteer: Volunteer | None, root: Subject) -> list[dict[str, Any]]:
    """[{"workflow": row, "answer", "marks", "injected": numbers or None}] of a root and its derived ones, where this volunteer's vote stands."""
    if volunteer is None:
        return []
    here = {"workflow": OuterRef("workflow_id"), "subject": OuterRef("subject_id")}
    told = Classification.objects.filter(**here, volunteer=volunteer, superseded_by__isnull=True).exclude(answer="")
    keys = GoldKey.objects.filter(Q(subject=root) | Q(subject__root=root), Exists(told)).select_related("workflow__current_version", "subject")
    return [
        {"workflow": key.workflow, "answer": key.answer, "marks": key.marks, "injected": injected_of(key.subject)}
        for key in keys.order_by("workflow__position", "pk")
    ]
