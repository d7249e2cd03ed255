"""Volunteers with flagged votes that wait for the team: how many, how fast, and whether others said the same."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Max, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import TruncMinute

from classify.crowd import consensus
from classify.models import Classification, Consensus, Volunteer

MINUTES = 60  # of the figure


def waiting() -> QuerySet[Classification]:
    """Flagged votes that nobody has decided about and that still stand."""
    return Classification.objects.filter(~Q(flag=""), verdict="", superseded_by__isnull=True).exclude(answer="")


def flagged_volunteers() -> QuerySet[Classification, Any]:
    """One dict per volunteer, newest first: volunteer (key), n, n_fast, n_script, first, last."""
    rows = waiting().order_by().values("volunteer")
    fast, script = (Count("pk", filter=Q(flag=flag)) for flag in (Classification.Flag.FAST, Classification.Flag.SCRIPT))
    return rows.annotate(n=Count("pk"), n_fast=fast, n_script=script, first=Min("created_at"), last=Max("created_at")).order_by("-last", "volunteer")


def volunteers_by_id(ids: Sequence[int]) -> dict[int, Volunteer]:
    """Volunteers with their accounts."""
    return Volunteer.objects.select_related("user").in_bulk(list(ids))


def agreement(ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """{volunteer: (of their waiting votes, on how many subjects others have a label; on how many of those it is the same)}."""
    said = Consensus.objects.filter(workflow=OuterRef("workflow"), subject=OuterRef("subject"), method__in=consensus.RULES)
    rows = waiting().filter(volunteer__in=ids).annotate(label=Subquery(said.values("label")[:1])).filter(label__gt="")
    sums = rows.order_by().values("volunteer").annotate(known=Count("pk"), same=Count("pk", filter=Q(label=F("answer"))))
    return {row["volunteer"]: (row["known"], row["same"]) for row in sums}


def pace(ids: Sequence[int]) -> dict[int, list[tuple[datetime, int]]]:
    """{volunteer: (minute, waiting votes in it)} of the last minutes in which there were any, oldest first."""
    rows = waiting().filter(volunteer__in=ids).annotate(minute=TruncMinute("created_at")).order_by()
    counts: dict[int, list[tuple[datetime, int]]] = {}
    for volunteer, minute, n in rows.values_list("volunteer", "minute").annotate(n=Count("pk")).order_by("volunteer", "minute"):
        counts.setdefault(volunteer, []).append((minute, n))
    return {volunteer: minutes[-MINUTES:] for volunteer, minutes in counts.items()}
