"""What the pages of the lab share: who may open them, and what stands around them."""

from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from classify.models import Workflow, WorkflowDraft
from classify.selectors import any_workflow

may_edit = permission_required("classify.change_workflow", raise_exception=True)


def workflow_or_404(slug: str) -> Workflow:
    """The workflow of this slug, live or not, with or without a version."""
    found = any_workflow(slug)
    if found is None:
        raise Http404(_("There is no such workflow."))
    return found


def frame(request: HttpRequest, workflow: Workflow) -> dict[str, Any]:
    """The head of a workflow's pages and their tabs."""
    parts = [
        ("lab_editor", _("Questions")), ("lab_settings", _("Settings")), ("lab_sets", _("Subjects")), ("lab_tutorial", _("Tutorial")),
        ("lab_words", _("Translations")), ("lab_versions", _("Versions")),
    ]  # fmt: skip
    here = request.resolver_match.url_name if request.resolver_match else ""
    return {
        "workflow": workflow,
        "has_draft": WorkflowDraft.objects.filter(workflow=workflow).exists(),
        "parts": [{"name": name, "label": label, "current": name == here} for name, label in parts],
    }
