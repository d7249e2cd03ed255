"""What one person did: their standing votes, newest first, with filters, and what came of each.

Pages go by key, not by number: the index `vote_history` leads to the next vote at once, after ten as after a hundred thousand. What
came of a vote stands in no row, so this filter looks at vote after vote, at `LOOKED_AT` for one page at most; the page then says where
to look further.

What came of a vote says nothing about a subject that its voter may not see yet (`hidden_roots`): such a vote is open, whatever others
say, and even if its answer is known. A known answer is told to everybody who gave theirs, and that is a reveal.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import Prefetch, Q, QuerySet, TextChoices
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from classify import feedback
from classify.crowd.consensus import RULES, Policy, policy_from
from classify.models import Classification, Consensus, GoldKey, Mark, SubjectStatus, Volunteer
from classify.selectors.visibility import hidden_roots

LOOKED_AT = 5_000
_BATCH = 1000
Key = tuple[datetime, uuid.UUID]


class Outcome(TextChoices):
    """What came of a vote."""

    OPEN = "open", _("still open")
    AGREED = "agreed", _("others agree")
    DIFFERED = "differed", _("others saw it otherwise")
    UNDECIDED = "undecided", _("finished without agreement")
    GOLD_RIGHT = "gold_right", _("known answer: right")
    GOLD_ELSEWHERE = "gold_elsewhere", _("known answer: right, but at another place")
    GOLD_OTHER = "gold_other", _("known answer: another")
    ASIDE = "aside", _("set aside for the team to look at")


@dataclass(frozen=True)
class Wanted:
    """Which votes are meant; all filters hold together. `subjects`: a queryset of ids of roots."""

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
    unfinished: bool = False  # older votes were not looked at, and may fit


def history_of(volunteer: Volunteer, wanted: Wanted = Wanted()) -> QuerySet[Any]:
    """A volunteer's standing votes, newest first, with subject, workflow, version and marks; all filters but that of the outcome."""
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
        rows = rows.alias(root=Coalesce("subject__root_id", "subject_id")).filter(root__in=wanted.subjects)
    marks = Prefetch("marks", queryset=Mark.objects.order_by("position"))
    return rows.select_related("subject__root", "workflow", "version").prefetch_related(marks).order_by("-created_at", "-id")


def with_outcomes(volunteer: Volunteer, votes: list[Any]) -> list[Any]:
    """The votes, each with `outcome`; five queries, and two more where answers were known."""
    told = _told(volunteer, [vote.pk for vote in votes])
    for vote in votes:
        vote.outcome = told[vote.pk]
    return votes


def _told(volunteer: Volunteer, ids: list[uuid.UUID]) -> dict[uuid.UUID, Outcome]:
    """What came of these votes; a few plain queries, whose cost hangs on their number only."""
    names = ("pk", "workflow_id", "subject_id", "subject__root_id", "answer", "flag", "verdict")
    votes = list(Classification.objects.filter(pk__in=ids).order_by().values_list(*names))
    subjects, roots = {row[2] for row in votes}, {row[3] or row[2] for row in votes}
    hidden = set(hidden_roots(volunteer).filter(pk__in=roots).values_list("pk", flat=True))
    retired = SubjectStatus.objects.filter(subject__in=subjects, state=SubjectStatus.State.RETIRED)
    decided = Consensus.objects.filter(subject__in=subjects, method__in=RULES).exclude(label="")
    known = {(key.workflow_id, key.subject_id): key for key in GoldKey.objects.filter(subject__in=subjects)}
    elsewhere = _elsewhere([row[0] for row in votes if (key := known.get(row[1:3])) and key.marks and key.answer == row[4]], known)
    done, labels = _by_place(retired, "state"), _by_place(decided, "label")
    told = {}
    for ident, workflow, subject, root, answer, flag, verdict in votes:
        place = (workflow, subject)
        if flag and verdict != Classification.Verdict.COUNTED:
            told[ident] = Outcome.ASIDE
        elif (root or subject) in hidden:
            told[ident] = Outcome.OPEN
        else:
            key = known.get(place)
            told[ident] = outcome_of(answer, key.answer if key else "", retired=place in done, label=labels.get(place, ""))
            if ident in elsewhere:
                told[ident] = Outcome.GOLD_ELSEWHERE
    return told


def _elsewhere(ids: list[uuid.UUID], known: dict[tuple[int, int], GoldKey]) -> set[uuid.UUID]:
    """Which of these right answers to known ones are about another place; two queries, none without ids."""
    found: set[uuid.UUID] = set()
    policies: dict[int, Policy] = {}
    votes = Classification.objects.filter(pk__in=ids).select_related("version").defer("annotations", "viewer")
    for vote in votes.prefetch_related(Prefetch("marks", queryset=Mark.objects.order_by("position"))):
        policy = policies.setdefault(vote.version_id, policy_from(vote.version.policy))
        key = known[vote.workflow_id, vote.subject_id]
        judged = feedback.judge_marks(key, list(vote.marks.all()), policy)
        if feedback.outcome_of(vote.answer, key, judged, policy) == feedback.ELSEWHERE:
            found.add(vote.pk)
    return found


def _by_place(rows: QuerySet[Any], name: str) -> dict[tuple[int, int], str]:
    """{(workflow, subject): a field of its row}."""
    return {(workflow, subject): value for workflow, subject, value in rows.order_by().values_list("workflow_id", "subject_id", name)}


def outcome_of(answer: str, known: str, *, retired: bool, label: str) -> Outcome:
    """What came of an answer whose subject is open to its voter: held against the known answer, else against the consensus."""
    if known:
        return Outcome.GOLD_RIGHT if answer == known else Outcome.GOLD_OTHER
    if not retired:
        return Outcome.OPEN
    if not label:
        return Outcome.UNDECIDED
    return Outcome.AGREED if answer == label else Outcome.DIFFERED


def history_page(volunteer: Volunteer, wanted: Wanted = Wanted(), *, before: str = "", after: str = "", size: int = 24) -> HistoryPage:
    """The page of older votes (`before` a key), of newer ones (`after`), or the newest; a key that is none counts as not given."""
    older_than, newer_than = _key(before), _key(after)
    if newer_than and not older_than:
        keys, _stopped = _find(volunteer, wanted, newer_than, "gt", size + 1)
        if len(keys) > size:  # else fewer than a page are newer: the newest page
            shown = keys[:size][::-1]
            return HistoryPage(_votes(volunteer, shown), _text(shown[0]), _text(shown[-1]))
    keys, stopped = _find(volunteer, wanted, older_than, "lt", size + 1)
    shown = keys[:size]
    newer = _text(shown[0]) if older_than and shown else ""
    older = _text(shown[-1]) if len(keys) > size else _text(stopped) if stopped else ""
    return HistoryPage(_votes(volunteer, shown), newer, older, unfinished=stopped is not None)


def _find(volunteer: Volunteer, wanted: Wanted, key: Key | None, way: str, most: int) -> tuple[list[Key], Key | None]:
    """Keys of the next votes that fit, at most so many; and where the search stopped, if it did before the end."""
    order = ("created_at", "pk") if way == "gt" else ("-created_at", "-pk")
    rows = history_of(volunteer, wanted).order_by(*order).values_list("created_at", "pk")
    if not wanted.outcome:
        return list(_beyond(rows, key, way)[:most]), None
    found: list[Key] = []
    for _step in range(LOOKED_AT // _BATCH):
        batch = list(_beyond(rows, key, way)[:_BATCH])
        told = _told(volunteer, [ident for _at, ident in batch])
        found += [each for each in batch if told[each[1]] == wanted.outcome]
        if len(found) >= most or len(batch) < _BATCH:
            return found[:most], None
        key = batch[-1]
    return found, key


def _votes(volunteer: Volunteer, keys: list[Key]) -> list[Any]:
    """The votes of these keys, in their order."""
    rows = history_of(volunteer).filter(pk__in=[ident for _at, ident in keys]).in_bulk()
    return with_outcomes(volunteer, [rows[ident] for _at, ident in keys if ident in rows])


def history_rows(volunteer: Volunteer, wanted: Wanted = Wanted()) -> Iterator[Any]:
    """All votes of a history with their outcomes, read in batches."""
    rows, key = history_of(volunteer, wanted), None
    while batch := list(_beyond(rows, key, "lt")[:_BATCH]):
        key = (batch[-1].created_at, batch[-1].pk)
        yield from (vote for vote in with_outcomes(volunteer, batch) if wanted.outcome in ("", vote.outcome))


def _text(key: Key) -> str:
    """A place in a history, for an address."""
    at, ident = key
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%S%fZ}-{ident.hex}"


def _key(text: str) -> Key | None:
    at, _dash, ident = text.partition("-")
    try:
        return datetime.strptime(at, "%Y%m%dT%H%M%S%fZ").replace(tzinfo=UTC), uuid.UUID(hex=ident)
    except ValueError:
        return None


def _beyond(rows: QuerySet[Any, Any], key: Key | None, way: str) -> QuerySet[Any, Any]:
    if key is None:
        return rows
    at, ident = key
    return rows.filter(Q(**{f"created_at__{way}": at}) | Q(created_at=at, **{f"id__{way}": ident}), **{f"created_at__{way}e": at})
