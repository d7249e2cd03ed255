"""Forgetting a person: votes stay as they are, under an id that leads to nobody."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from django.db import transaction

from classify.models import Classification, Volunteer
from core import identity
from core.redaction import NOBODY, Redaction

_BATCH = 500
# How the image looked stays; the rest of `viewer` tells devices apart.
_FIGURES = ("invert", "brightness", "contrast", "low", "high", "turn", "frame", "source")
_WORDS = {
    "stretch": ("asinh", "linear", "log"),
    "limits": ("wide", "middle", "faint", "zscale", "own"),
    "colour": ("grey", "viridis", "inferno"),
}


def forget_volunteers(*, volunteers: Collection[int], redaction: Redaction, pulse: Callable[[int], None] = lambda n: None) -> int:
    """Cut these volunteers loose from account, name and cookie, and take from their votes what could tell people apart.

    No vote, mark, tally or consensus changes. `pulse(n)` is called after each batch of votes. Safe to repeat; returns the number of votes.
    """
    unlink(volunteers=volunteers)
    ids = list(Classification.objects.filter(volunteer_id__in=volunteers).order_by("pk").values_list("pk", flat=True))
    for at in range(0, len(ids), _BATCH):
        _strip(ids[at : at + _BATCH], redaction)
        pulse(len(ids[at : at + _BATCH]))
    return len(ids)


def unlink(*, volunteers: Collection[int]) -> None:
    """Give these volunteers ids that lead to nobody: neither account nor cookie nor name finds them any more."""
    for pk in sorted(volunteers):
        Volunteer.objects.filter(pk=pk).update(user=None, credit_name="", source="", external_id="", preferences={}, public_id=identity.random_name())


def nobody(*, now: datetime) -> Volunteer:
    """Return the one volunteer under whom stands what people wrote who have deleted their account; it never votes."""
    made = {"public_id": identity.random_name(), "kind": Volunteer.Kind.PERSON, "created_at": now}
    return Volunteer.objects.get_or_create(source=Volunteer.DELETED, external_id=NOBODY, defaults=made)[0]


@transaction.atomic
def _strip(ids: list[Any], redaction: Redaction) -> None:
    changed = []
    for vote in (
        Classification.objects.filter(pk__in=ids).select_related("version").only("pk", "viewer", "annotations", "external_id", "version__steps")
    ):
        viewer, annotations = _plain_view(vote.viewer), _known_steps(vote, redaction)
        if (viewer, annotations, "") != (vote.viewer, vote.annotations, vote.external_id):
            vote.viewer, vote.annotations, vote.external_id = viewer, annotations, ""
            changed.append(vote)
    Classification.objects.bulk_update(changed, ["viewer", "annotations", "external_id"])


def _plain_view(viewer: dict[str, Any]) -> dict[str, Any]:
    figures = {name: viewer[name] for name in _FIGURES if isinstance(viewer.get(name), int | float)}
    return figures | {name: viewer[name] for name, known in _WORDS.items() if viewer.get(name) in known}


def _known_steps(vote: Classification, redaction: Redaction) -> dict[str, Any]:
    """Answers to the steps of the workflow stay; what programs sent besides may say anything, so it goes."""
    steps = vote.version.steps["steps"]
    return {step: redaction.clean_value(value) for step, value in vote.annotations.items() if step in steps}
