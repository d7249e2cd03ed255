"""What the science pages draw: sums over all subjects of a workflow, each one pass in the database, kept for a short while.

Subjects that simulated or imported volunteers had a part in stay out unless asked (`demo`); those with a known answer always do, but for
`known_votes`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date
from typing import Any, NamedTuple

import numpy as np
from django.core.cache import cache
from django.db.models import Case, Count, F, Q, QuerySet, Sum, Value, When, Window
from django.db.models.functions import Coalesce, RowNumber, TruncDay
from numpy.typing import NDArray

from classify.crowd.consensus import RULES
from classify.crowd.table import VoteTable, vote_table
from classify.models import Classification, Consensus, DailyTotal, GoldKey, SubjectStatus, Volunteer, Workflow
from classify.selectors.science import states_with_consensus
from classify.selectors.workflows import asked, version_of
from classify.steps import answer_keys

FRESH_S = 180  # so old may be what is shown
MOST_KNOWN_VOTES = 40  # of one known subject: everybody sees them, so a few have very many
_UNPUBLISHED = (Volunteer.Kind.DEMO, Volunteer.Kind.IMPORTED)


class Group(NamedTuple):
    """So many (`n`) subjects have this label (empty: none), state, reason and number of votes; `audit`: they are in the audit arm."""

    label: str
    state: str
    reason: str
    n_votes: int
    audit: bool
    n: int


@dataclass(frozen=True, eq=False)
class Known:
    """The first votes on each subject whose answer is known; `truth` holds the place of the answer of each in `answers`."""

    answers: list[str]
    table: VoteTable
    truth: NDArray[np.int64]


def groups(workflow: Workflow, *, demo: bool) -> list[Group]:
    """All subjects of a workflow, grouped: some hundred groups, however many subjects."""
    return cache.get_or_set(f"science-groups:{workflow.pk}:{demo:d}", lambda: _groups(workflow, demo), FRESH_S) or []


def _groups(workflow: Workflow, demo: bool) -> list[Group]:
    rows = states_with_consensus(workflow).annotate(
        label=Coalesce(F("live__label"), Value("")),
        audit=Case(When(lot__lt=workflow.audit_fraction, then=Value(True)), default=Value(False)),
    )
    rows = rows if demo else rows.filter(n_demo=0)
    fields = ("label", "state", "reason", "n_votes", "audit")
    return sorted(Group(*values) for values in rows.values_list(*fields).annotate(n=Count("*")))


def agreements(workflow: Workflow, *, demo: bool) -> list[tuple[float, int]]:
    """(share of the most frequent answer, subjects with it) of subjects that are settled."""
    rows = Consensus.objects.filter(workflow=workflow, method__in=RULES, settled=True, agreement__isnull=False).order_by()
    rows = rows if demo else rows.filter(n_demo=0)

    def counted() -> list[tuple[float, int]]:
        return sorted(rows.values_list("agreement").annotate(n=Count("*")))

    return cache.get_or_set(f"science-agreement:{workflow.pk}:{demo:d}", counted, FRESH_S) or []


def retired_by_day(workflow: Workflow, *, demo: bool) -> list[tuple[date, str, int]]:
    """(day in UTC, reason, subjects that retired), in their order."""
    rows = asked(SubjectStatus.objects.filter(workflow=workflow, retired_at__isnull=False, state=SubjectStatus.State.RETIRED)).order_by()
    rows = (rows if demo else rows.filter(n_demo=0)).annotate(day=TruncDay("retired_at", tzinfo=UTC))

    def counted() -> list[tuple[date, str, int]]:
        return sorted((day.date(), reason, n) for day, reason, n in rows.values_list("day", "reason").annotate(n=Count("*")))

    return cache.get_or_set(f"science-retired:{workflow.pk}:{demo:d}", counted, FRESH_S) or []


def effort_of(workflow: Workflow, *, demo: bool) -> list[int]:
    """How many standing votes each volunteer gave, who is who left out."""
    rows = DailyTotal.objects.filter(workflow=workflow, n__gt=0).order_by()
    rows = rows if demo else rows.exclude(volunteer__kind__in=_UNPUBLISHED)

    def counted() -> list[int]:
        return sorted(rows.values("volunteer").annotate(sum=Sum("n")).values_list("sum", flat=True))

    return cache.get_or_set(f"science-effort:{workflow.pk}:{demo:d}", counted, FRESH_S) or []


def known_votes(workflow: Workflow, *, demo: bool) -> Known:
    """The first votes on subjects with a known answer, in the order they came: those that would count if the answer were not known."""
    return cache.get_or_set(f"science-known:{workflow.pk}:{demo:d}", lambda: _known_votes(workflow, demo), FRESH_S)  # type: ignore[return-value]


def _known_votes(workflow: Workflow, demo: bool) -> Known:
    answers = answer_keys(version_of(workflow).steps)
    keys = GoldKey.objects.filter(workflow=workflow, answer__in=answers).order_by("subject__public_id")
    truth = dict(keys.values_list("subject_id", "answer"))
    standing = Classification.objects.filter(workflow=workflow, subject__in=keys.order_by().values("subject"), superseded_by__isnull=True)
    standing = standing.filter(Q(flag="") | Q(verdict=Classification.Verdict.COUNTED), answer__in=answers)
    standing = standing.filter(blind=True) if workflow.blind else standing
    rows = (standing if demo else standing.exclude(volunteer__kind__in=_UNPUBLISHED)).annotate(
        place=Window(RowNumber(), partition_by="subject_id", order_by=["created_at", "id"])
    )
    votes = list(rows.filter(place__lte=MOST_KNOWN_VOTES).order_by("created_at", "id").values_list("subject_id", "volunteer_id", "answer"))
    place = {subject: code for code, subject in enumerate(truth)}
    person = {pk: code for code, pk in enumerate(sorted({volunteer for _subject, volunteer, _answer in votes}))}
    columns = [(place[subject], person[volunteer], answers.index(answer)) for subject, volunteer, answer in votes]
    flat = np.array(columns, dtype=np.int64).reshape(-1, 3)
    table = vote_table(flat[:, 0], flat[:, 1], flat[:, 2], n_subjects=len(place), n_people=len(person), n_answers=len(answers))
    return Known(answers, table, np.array([answers.index(answer) for answer in truth.values()], dtype=np.int64))


# --- all workflows at once -----------------------------------------------------------------------


def label_counts(ids: Sequence[int], *, settled: bool, demo: bool) -> dict[int, dict[str, int]]:
    """{workflow: {label: subjects}}; an empty label: no consensus. One query."""
    found: dict[int, dict[str, int]] = {}
    for flow, label, n in _consensus(ids, settled, demo).values_list("workflow_id", "label").annotate(n=Count("*")):
        found.setdefault(flow, {})[label] = n
    return found


def agreement_counts(ids: Sequence[int], *, demo: bool) -> dict[int, list[tuple[float, int]]]:
    """{workflow: [(agreement, settled subjects)]}. One query."""
    found: dict[int, list[tuple[float, int]]] = {}
    rows = _consensus(ids, True, demo).filter(agreement__isnull=False).values_list("workflow_id", "agreement").annotate(n=Count("*"))
    for flow, agreement, n in rows:
        found.setdefault(flow, []).append((agreement, n))
    return found


def _consensus(ids: Sequence[int], settled: bool, demo: bool) -> QuerySet[Consensus, Any]:
    rows = Consensus.objects.filter(workflow_id__in=ids, method__in=RULES).order_by()
    rows = rows.filter(settled=True) if settled else rows
    return rows if demo else rows.filter(n_demo=0)


def state_counts(ids: Sequence[int]) -> dict[int, dict[tuple[str, str], int]]:
    """{workflow: {(state, reason): subjects}}. One query."""
    found: dict[int, dict[tuple[str, str], int]] = {}
    rows = asked(SubjectStatus.objects.filter(workflow_id__in=ids)).order_by().values_list("workflow_id", "state", "reason")
    for flow, state, reason, n in rows.annotate(n=Count("*")):
        found.setdefault(flow, {})[state, reason] = n
    return found


def work_counts(ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """{workflow: (standing votes, people)}, everybody's. One query."""
    rows = DailyTotal.objects.filter(workflow_id__in=ids, n__gt=0).order_by().values_list("workflow_id")
    return {flow: (n, people) for flow, n, people in rows.annotate(votes=Sum("n"), people=Count("volunteer", distinct=True))}
