"""Workflows as they are shown, and how far they are."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from classify.models import Classification, GoldKey, HourlyTotal, SubjectStatus, Volunteer, Workflow, WorkflowVersion

_State = SubjectStatus.State


def workflows(user: Any = None) -> QuerySet[Workflow]:
    """Workflows that a person may use, in their order: live ones, and drafts for the team."""
    rows = Workflow.objects.filter(current_version__isnull=False).select_related("current_version")
    return rows if may_draft(user) else rows.filter(live=True)


def may_draft(user: Any) -> bool:
    """Say whether this account works on workflows that are not live yet."""
    return bool(user is not None and user.has_perm("classify.change_workflow"))


def workflows_by_id(ids: Iterable[int]) -> QuerySet[Workflow]:
    """Workflows of these keys, live or not, in their order."""
    return Workflow.objects.filter(pk__in=list(ids), current_version__isnull=False).select_related("current_version")


def workflow_for(user: Any, slug: str) -> Workflow | None:
    """The workflow of this slug if the person may use it, with its current version. One query for a live one."""
    found = any_workflow(slug)
    usable = found is not None and found.current_version_id is not None and (found.live or may_draft(user))
    return found if usable else None


def any_workflow(slug: str) -> Workflow | None:
    """The workflow of this slug, live or not."""
    return Workflow.objects.select_related("current_version").filter(slug=slug).first()


def workflow_with(purpose: str) -> Workflow | None:
    """The one workflow that the software uses for this purpose (training, search, review), live or not, if the team has one."""
    return Workflow.objects.select_related("current_version").filter(purpose=purpose).first()


def teaching() -> dict[str, str]:
    """{slug: what the workflow's positive answers tell the detector}, of those that tell it anything, in their order."""
    return dict(Workflow.objects.exclude(teaches="").values_list("slug", "teaches"))


def version_of(workflow: Workflow) -> WorkflowVersion:
    """The version that is asked now (those that `workflows` gives have one). Raises LookupError without one."""
    if workflow.current_version is None:
        raise LookupError(f"The workflow {workflow.slug} has no version yet.")
    return workflow.current_version


def workflows_with_work(user: Any = None, *, volunteer: Volunteer | None = None) -> QuerySet[Workflow]:
    """The same with `has_work`: a subject is waiting in it (one that this volunteer has not answered). One query, whatever their number."""
    waiting = asked(SubjectStatus.objects.filter(workflow=OuterRef("pk"), state=_State.ACTIVE))
    if volunteer is not None:
        here = {"workflow": OuterRef("workflow_id"), "subject": OuterRef("subject_id")}
        answered = Classification.objects.filter(**here, volunteer=volunteer, superseded_by__isnull=True).exclude(answer="")
        waiting = waiting.filter(~Exists(answered), subject__ready=True)
    return workflows(user).annotate(has_work=Exists(waiting))


def asked(statuses: QuerySet[SubjectStatus]) -> QuerySet[SubjectStatus]:
    """What a workflow has to do: without the known subjects of blind workflows, which come among the others and are never done."""
    keys = GoldKey.objects.filter(workflow=OuterRef("workflow_id"), subject=OuterRef("subject_id"))
    return statuses.filter(Q(workflow__blind=False) | ~Exists(keys))


def progress(workflow: Workflow) -> dict[str, Any]:
    """Counts of a workflow: subjects, active, retired, paused, votes (standing), and the percentage of subjects retired."""
    rows = asked(SubjectStatus.objects.filter(workflow=workflow))
    states = dict(rows.order_by().values_list("state").annotate(n=Count("*")))
    total, retired = sum(states.values()), states.get(_State.RETIRED, 0)
    return {
        "subjects": total,
        "active": states.get(_State.ACTIVE, 0),
        "retired": retired,
        "paused": states.get(_State.PAUSED, 0),
        "votes": votes_in_total(workflow=workflow, demo=True),
        "percent": 100 * retired // total if total else 0,
    }


def votes_in_total(*, workflow: Workflow | None = None, demo: bool = False) -> int:
    """Standing votes, from the hourly totals; without those of demo and imported volunteers unless `demo`."""
    return int(_totals(workflow, demo).aggregate(n=Sum("n"))["n"] or 0)


def votes_per_day(*, workflow: Workflow | None = None, since: date | None = None, demo: bool = False) -> list[tuple[date, int]]:
    """(day in UTC, standing votes), oldest first, days without votes left out."""
    rows = _totals(workflow, demo)
    if since:
        rows = rows.filter(hour__date__gte=since)
    days = rows.annotate(day=TruncDate("hour")).order_by("day").values_list("day").annotate(n=Sum("n"))
    return [(day, n) for day, n in days if n]


def _totals(workflow: Workflow | None, demo: bool) -> QuerySet[HourlyTotal]:
    rows = HourlyTotal.objects.order_by()
    if workflow:
        rows = rows.filter(workflow=workflow)
    return rows if demo else rows.filter(demo=False)


def active_volunteers(*, demo: bool = False) -> int:
    """People and visitors with at least one standing vote that is not left out."""
    standing = Classification.objects.filter(volunteer=OuterRef("pk"), superseded_by__isnull=True).exclude(answer="")
    standing = standing.filter(Q(flag="") | Q(verdict=Classification.Verdict.COUNTED))
    kinds = Q(kind__in=[Volunteer.Kind.PERSON, Volunteer.Kind.VISITOR])
    return Volunteer.objects.filter(Exists(standing), *([] if demo else [kinds]), merged_into__isnull=True).count()


def subjects_by_state() -> list[dict[str, Any]]:
    """[{"workflow", "name", "state", "n"}] for the dashboard."""
    rows = SubjectStatus.objects.order_by("workflow__position", "state").values("workflow__slug", "workflow__name", "state")
    return [
        {"workflow": row["workflow__slug"], "name": row["workflow__name"], "state": row["state"], "n": row["n"]}
        for row in rows.annotate(n=Count("*"))
    ]
