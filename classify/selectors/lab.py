"""What the lab shows: workflows with their state, their versions and sets."""

import itertools
from typing import Any

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from classify.changes import Changes, changes
from classify.models import HourlyTotal, Subject, SubjectSet, SubjectSetMember, SubjectStatus, Workflow, WorkflowDraft, WorkflowVersion
from classify.selection import SET
from classify.selectors.labels import labels


def lab_workflows() -> QuerySet[Workflow]:
    """All workflows with `n_votes`, `n_versions`, `n_active` (subjects that still need votes) and `has_draft`. One query."""
    votes = HourlyTotal.objects.filter(workflow=OuterRef("pk")).order_by().values("workflow").annotate(n=Sum("n")).values("n")
    active = SubjectStatus.objects.filter(workflow=OuterRef("pk"), state=SubjectStatus.State.ACTIVE).order_by().values("workflow")
    versions = WorkflowVersion.objects.filter(workflow=OuterRef("pk")).order_by().values("workflow")
    return Workflow.objects.select_related("current_version").annotate(
        n_votes=_number(votes),
        n_active=_number(active.annotate(n=Count("*")).values("n")),
        n_versions=_number(versions.annotate(n=Count("*")).values("n")),
        has_draft=Exists(WorkflowDraft.objects.filter(workflow=OuterRef("pk"))),
    )


def _number(rows: QuerySet[Any, Any]) -> Coalesce:
    return Coalesce(Subquery(rows, output_field=IntegerField()), Value(0))


def version_history(workflow: Workflow) -> list[tuple[WorkflowVersion, Changes | None]]:
    """Versions, newest first, each with what changed since the one before (None for the first)."""
    rows = list(WorkflowVersion.objects.filter(workflow=workflow).order_by("major", "minor"))
    pairs = [(row, changes(old.steps, old.policy, row.steps, row.policy)) for old, row in itertools.pairwise(rows)]
    return [*reversed(pairs), *((row, None) for row in rows[:1])]


def sets_for(workflow: Workflow) -> list[Any]:
    """All sets with `size`, `n_open` (their subjects that this workflow has), and whether they are `chosen` here. One query."""
    here = Workflow.subject_sets.through.objects.filter(workflow=workflow, subjectset=OuterRef("pk"))
    opened = _counted(_MEMBERS.filter(subject__statuses__workflow=workflow))
    return list(_sized().annotate(n_open=opened, chosen=Exists(here)).order_by("name", "slug"))


def sets_of_selection(workflow: Workflow) -> dict[str, str]:
    """The sets that a workflow may choose subjects from, {slug: name}: those it asks about, and those that its mixture names."""
    named = [arm.removeprefix(SET) for arm, _ in workflow.selection if arm.startswith(SET)]
    wanted = Q(workflows=workflow) & ~Q(purpose=SubjectSet.Purpose.GOLD) | Q(slug__in=named)
    return dict(SubjectSet.objects.filter(wanted).order_by("name", "slug").distinct().values_list("slug", "name"))


_MEMBERS = SubjectSetMember.objects.filter(subject_set=OuterRef("pk")).order_by()


def _counted(members: QuerySet[SubjectSetMember]) -> Coalesce:
    return _number(members.values("subject_set").annotate(n=Count("*")).values("n"))


def _sized() -> QuerySet[SubjectSet, Any]:
    return SubjectSet.objects.annotate(size=_counted(_MEMBERS))


def lab_sets() -> QuerySet[SubjectSet, Any]:
    """All sets with `size` and the workflows that use them. Two queries."""
    return _sized().prefetch_related("workflows").order_by("name", "slug")


def set_by_slug(slug: str) -> Any:
    """The set of this slug, as `lab_sets` has it, or None."""
    return lab_sets().filter(slug=slug).first()


def members_of(subject_set: SubjectSet) -> QuerySet[Subject]:
    """The subjects of a set, those put in last first."""
    return Subject.objects.filter(memberships__subject_set=subject_set).order_by("-memberships__pk")


def roots_with_label(workflow: str, label: str) -> list[int]:
    """The roots (primary keys) whose settled label in a workflow is this one, whoever voted; what was drawn into an image is not in its root."""
    rows = labels(workflow, demo=True).filter(label=label).exclude(subject__kind=Subject.Kind.INJECTED)
    return list(dict.fromkeys(rows.values_list(Coalesce("subject__root_id", "subject_id"), flat=True)))


def preview_subjects(workflow: Workflow, n: int) -> list[int]:
    """Up to `n` subjects to try a draft on (primary keys): some of this workflow, else of any."""
    ready = SubjectStatus.objects.filter(subject__ready=True).annotate(number=F("subject_id"))
    mine = list(ready.filter(workflow=workflow).order_by("shuffle").values_list("number", flat=True)[:n])
    return mine or list(dict.fromkeys(ready.order_by("workflow", "state", "shuffle").values_list("number", flat=True)[: 2 * n]))[:n]
