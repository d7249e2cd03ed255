"""Django admin of the room. Rows that services own are shown; actions on them call the services. Workflows keep their questions."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from classify import models, services
from classify.forms import WorkflowTextForm
from classify.models import FieldGuide, FieldGuideText, SubjectStatus, Tutorial, Workflow, WorkflowText, WorkflowVersion
from classify.services.states import MAX_NOTE
from core.admin import ReadOnlyAdmin, language_field
from core.problems import Problem

_Reason = SubjectStatus.Reason


class WorkflowTextInline(admin.StackedInline):  # type: ignore[type-arg]
    """A workflow and its tutorial in other languages; what is left empty shows in the language it was written in."""

    model = WorkflowText
    form = WorkflowTextForm
    extra = 0


class FieldGuideTextInline(admin.StackedInline):  # type: ignore[type-arg]
    """An entry of the field guide in other languages."""

    model = FieldGuideText
    extra = 0

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return language_field(db_field) or super().formfield_for_dbfield(db_field, request, **kwargs)


@admin.register(Workflow)
class WorkflowAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """What a workflow is called and whether it is live. What it asks stands in its versions, which never change."""

    list_display = ["name", "slug", "live", "blind", "selection", "current_version", "position"]
    list_select_related = ["current_version__workflow"]
    inlines = [WorkflowTextInline]
    fields = ["name", "summary", "live", "slug", "blind", "selection", "audit_fraction", "suggest_fraction", "lease_minutes", "undo_seconds"]
    readonly_fields = ["slug", "blind", "selection", "audit_fraction", "suggest_fraction", "lease_minutes", "undo_seconds"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Workflow | None = None) -> bool:
        return False


class DecisionForm(ActionForm):
    """What is said with a decision about subjects."""

    reason = forms.ChoiceField(
        label=gettext_lazy("Reason (to retire)"),
        required=False,
        initial=_Reason.HUMAN,
        choices=[
            (_Reason.HUMAN, gettext_lazy("decided by a person")), (_Reason.NOTHING_HERE, gettext_lazy("nothing here")),
            (_Reason.FLAGGED, gettext_lazy("reported: a broken image, say")), (_Reason.OTHER, gettext_lazy("another reason")),
        ],
    )  # fmt: skip
    note = forms.CharField(label=gettext_lazy("Note"), required=False, max_length=MAX_NOTE)


@admin.register(SubjectStatus)
class SubjectStatusAdmin(ReadOnlyAdmin):
    """Where the state of a subject is seen and changed, one audit entry for each."""

    list_display = ["subject", "workflow", "state", "n_votes", "tally", "retired_at", "reason", "priority"]
    list_filter = ["workflow", "state", "reason"]
    search_fields = ["=subject__public_id"]
    list_select_related = ["subject", "workflow"]
    exclude = ["lot", "shuffle"]  # the draw stays secret from everybody who classifies
    actions = ["retire", "unretire", "pause", "resume"]
    action_form = DecisionForm

    @admin.action(description=gettext_lazy("Retire: ask nobody any more"), permissions=["decide"])
    def retire(self, request: HttpRequest, rows: QuerySet[SubjectStatus]) -> None:
        self._each(request, rows, services.retire_subject, reason=request.POST.get("reason") or _Reason.HUMAN)

    @admin.action(description=gettext_lazy("Un-retire: ask again"), permissions=["decide"])
    def unretire(self, request: HttpRequest, rows: QuerySet[SubjectStatus]) -> None:
        self._each(request, rows, services.unretire_subject)

    @admin.action(description=gettext_lazy("Pause: ask nobody for now"), permissions=["decide"])
    def pause(self, request: HttpRequest, rows: QuerySet[SubjectStatus]) -> None:
        self._each(request, rows, services.pause_subject)

    @admin.action(description=gettext_lazy("Resume: ask again after a pause"), permissions=["decide"])
    def resume(self, request: HttpRequest, rows: QuerySet[SubjectStatus]) -> None:
        self._each(request, rows, services.resume_subject)

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("classify.change_subjectstatus")

    def _each(self, request: HttpRequest, rows: QuerySet[SubjectStatus], service: Callable[..., SubjectStatus], **more: Any) -> None:
        changed = 0
        more |= {"actor": request.user, "note": request.POST.get("note", "").strip(), "now": timezone.now()}
        for row in rows.select_related("subject", "workflow"):
            try:
                after = service(workflow=row.workflow.slug, public_id=row.subject.public_id, **more)
            except Problem as problem:
                self.message_user(request, str(problem.detail), messages.ERROR)
                continue
            changed += after.state != row.state
        self.message_user(request, _("%(n)d subjects changed.") % {"n": changed}, messages.SUCCESS)


@admin.register(Tutorial)
class TutorialAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["workflow", "updated_at"]


@admin.register(FieldGuide)
class FieldGuideAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["title", "slug", "position"]
    inlines = [FieldGuideTextInline]


@admin.register(WorkflowVersion)
class WorkflowVersionAdmin(ReadOnlyAdmin):
    list_display = ["workflow", "major", "minor", "created_at"]
    list_select_related = ["workflow"]


def _shown(model: type[Model], columns: list[str], *, related: list[str] | None = None, **options: Any) -> None:
    """Register a read-only list of one model."""
    fields = {"list_display": columns, "list_select_related": related or [], **options}
    admin.site.register(model, type(f"{model.__name__}Admin", (ReadOnlyAdmin,), fields))


_shown(models.Volunteer, ["public_id", "kind", "user", "created_at"], related=["user"], list_filter=["kind"], search_fields=["=public_id"])
_shown(models.Subject, ["public_id", "kind", "origin", "ready", "created_at"], list_filter=["kind", "ready"], search_fields=["=public_id", "=origin"])
_shown(models.SubjectSet, ["slug", "name", "purpose", "created_at"], list_filter=["purpose"])
_shown(
    models.Classification,
    ["id", "workflow", "subject", "volunteer", "answer", "created_at", "counted", "superseded_reason"],
    related=["workflow", "subject", "volunteer"],
    list_filter=["workflow", "counted", "blind", "late"],
    search_fields=["=subject__public_id", "=volunteer__public_id"],
)
_shown(models.Serve, ["id", "volunteer", "subject", "arm", "p", "suggested", "served_at"], related=["volunteer", "subject"], list_filter=["arm"])
_shown(models.Reveal, ["volunteer", "root", "at"], related=["volunteer", "root"])
_shown(models.GoldKey, ["workflow", "subject", "answer", "source"], related=["workflow", "subject"], list_filter=["workflow"])
_shown(
    models.Consensus,
    ["subject", "workflow", "label", "settled", "n_votes", "agreement", "decided_at"],
    related=["subject", "workflow"],
    list_filter=["workflow", "label", "settled"],
    search_fields=["=subject__public_id"],
)
_shown(models.MachineOpinion, ["subject", "workflow", "model", "at"], related=["subject", "workflow"], list_filter=["workflow"])
_shown(models.VolunteerSkill, ["volunteer", "workflow", "n_gold", "n_gold_right", "updated_at"], related=["volunteer", "workflow"])
_shown(models.CrowdState, ["workflow", "n_votes", "learnt_at"], related=["workflow"])
_shown(models.Aggregation, ["workflow", "method", "n_votes", "n_subjects", "seconds", "created_at"], related=["workflow"], list_filter=["workflow"])
