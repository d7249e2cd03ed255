"""What one person did: their standing votes, newest first, with filters, and what came of each.

Pages go by key, not by number: the index `vote_history` leads to the next vote at once, after ten as after a hundred thousand.

What came of a vote says nothing about a subject that its voter may not see yet (`hidden_roots`): such a vote is open, whatever others
say, and even if its answer is known. A known answer is told to everybody who gave theirs, and that is a reveal.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import Case, Exists, OuterRef, Prefetch, Q, QuerySet, TextChoices, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from classify.consensus import METHOD
from classify.models import Classification, Consensus, GoldKey, Mark, SubjectStatus, Volunteer
from classify.selectors.visibility import hidden_roots

_BATCH = 500
_ROOT = Coalesce("subject__root_id", "subject_id")


class Outcome(TextChoices):
    """What came of a vote."""

    OPEN = "open", _("still open")
    AGREED = "agreed", _("others agree")
    DIFFERED = "differed", _("others saw it otherwise")
    UNDECIDED = "undecided", _("finished without agreement")
    GOLD_RIGHT = "gold_right", _("known answer: right")
    GOLD_OTHER = "gold_other", _("known answer: another")
    ASIDE = "aside", _("set aside for the team to look at")


@dataclass(frozen=True)
class Wanted:
    """Which votes are meant; all filters hold together. `subjects`: a queryset of ids of subjects or their roots."""

    workflow: str = ""
    answer: str = ""
    since: date | None = None
    until: date | None = None
    outcome: str = ""
    subjects: Any = None


@dataclass(frozen=True)
class HistoryPage:
    """One page, and the keys with which the pages beside it are asked for (empty: there is none)."""

    votes: list[Any]
    newer: str = ""
    older: str = ""


def history_of(volunteer: Volunteer, wanted: Wanted = Wanted()) -> QuerySet[Any]:
    """A volunteer's standing votes, newest first, with subject, workflow, version and marks."""
    rows = Classification.objects.filter(volunteer=volunteer, superseded_by__isnull=True).exclude(answer="")
    if wanted.workflow:
        rows = rows.filter(workflow__slug=wanted.workflow)
    if wanted.answer:
        rows = rows.filter(answer=wanted.answer)
    if wanted.since:
        rows = rows.filter(created_at__gte=datetime.combine(wanted.since, time.min, UTC))
    if wanted.until:
        rows = rows.filter(created_at__lt=datetime.combine(wanted.until, time.min, UTC) + timedelta(days=1))
    if wanted.subjects is not None:
        rows = rows.filter(Q(subject_id__in=wanted.subjects) | Q(subject__root_id__in=wanted.subjects))
    if wanted.outcome:
        rows = rows.alias(root=_ROOT).filter(_outcomes(volunteer)[Outcome(wanted.outcome)])
    marks = Prefetch("marks", queryset=Mark.objects.order_by("position"))
    return rows.select_related("subject__root", "workflow", "version").prefetch_related(marks).order_by("-created_at", "-id")


def with_outcomes(volunteer: Volunteer, votes: list[Any]) -> list[Any]:
    """The votes, each with `outcome`; one query.

    Asked for these rows only: in the query that reads a page the planner would make ready for all votes that there are.
    """
    rules = _outcomes(volunteer).items()
    outcome = Case(*(When(rule, then=Value(name)) for name, rule in rules), default=Value(Outcome.OPEN))
    rows = Classification.objects.filter(pk__in=[vote.pk for vote in votes]).alias(root=_ROOT).annotate(outcome=outcome)
    told = dict(rows.order_by().values_list("pk", "outcome"))
    for vote in votes:
        vote.outcome = Outcome(told[vote.pk])
    return votes


def _outcomes(volunteer: Volunteer) -> dict[str, Q]:
    """The rule of each outcome. They exclude each other, and one of them always holds."""
    here = {"workflow_id": OuterRef("workflow_id"), "subject_id": OuterRef("subject_id")}
    aside = ~Q(flag="") & ~Q(verdict=Classification.Verdict.COUNTED)
    shown = ~Exists(hidden_roots(volunteer).filter(pk=OuterRef("root")))
    known = Exists(GoldKey.objects.filter(**here))
    right = Exists(GoldKey.objects.filter(answer=OuterRef("answer"), **here))
    retired = Exists(SubjectStatus.objects.filter(state=SubjectStatus.State.RETIRED, **here))
    decided = Consensus.objects.filter(method=METHOD, **here).exclude(label="")
    same, some = Exists(decided.filter(label=OuterRef("answer"))), Exists(decided)
    done = ~aside & Q(~known) & Q(shown) & Q(retired)
    return {
        Outcome.ASIDE: aside,
        Outcome.GOLD_RIGHT: ~aside & Q(right) & Q(shown),
        Outcome.GOLD_OTHER: ~aside & Q(known) & Q(~right) & Q(shown),
        Outcome.AGREED: done & Q(same),
        Outcome.DIFFERED: done & Q(some) & Q(~same),
        Outcome.UNDECIDED: done & Q(~some),
        Outcome.OPEN: ~aside & (Q(~shown) | (Q(~known) & Q(~retired))),
    }


def history_page(volunteer: Volunteer, wanted: Wanted = Wanted(), *, before: str = "", after: str = "", size: int = 24) -> HistoryPage:
    """The page of older votes (`before` a key), of newer ones (`after`), or the newest; a key that is none counts as not given."""
    rows, older_than, newer_than = history_of(volunteer, wanted), _key(before), _key(after)
    if newer_than and not older_than:
        found = list(_beyond(rows, newer_than, "gt").order_by("created_at", "id")[: size + 1])
        if len(found) > size:  # else fewer than a page are newer: the newest page
            votes = found[:size][::-1]
            return HistoryPage(with_outcomes(volunteer, votes), key_of(votes[0]), key_of(votes[-1]))
    found = list((_beyond(rows, older_than, "lt") if older_than else rows)[: size + 1])
    votes = with_outcomes(volunteer, found[:size])
    return HistoryPage(votes, key_of(votes[0]) if older_than and votes else "", key_of(votes[-1]) if len(found) > size else "")


def history_rows(volunteer: Volunteer, wanted: Wanted = Wanted()) -> Iterator[Any]:
    """All votes of a history with their outcomes, read in batches."""
    rows = history_of(volunteer, wanted)
    key: tuple[datetime, uuid.UUID] | None = None
    while batch := list((_beyond(rows, key, "lt") if key else rows)[:_BATCH]):
        yield from with_outcomes(volunteer, batch)
        key = (batch[-1].created_at, batch[-1].pk)


def key_of(vote: Classification) -> str:
    """The place of a vote in its voter's history, for an address."""
    return f"{vote.created_at.astimezone(UTC):%Y%m%dT%H%M%S%fZ}-{vote.pk.hex}"


def _key(text: str) -> tuple[datetime, uuid.UUID] | None:
    at, _dash, ident = text.partition("-")
    try:
        return datetime.strptime(at, "%Y%m%dT%H%M%S%fZ").replace(tzinfo=UTC), uuid.UUID(hex=ident)
    except ValueError:
        return None


def _beyond(rows: QuerySet[Any], key: tuple[datetime, uuid.UUID], way: str) -> QuerySet[Any]:
    at, ident = key
    return rows.filter(Q(**{f"created_at__{way}": at}) | Q(created_at=at, **{f"id__{way}": ident}), **{f"created_at__{way}e": at})
