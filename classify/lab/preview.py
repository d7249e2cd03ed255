"""The classify page with the draft, as a volunteer would see it. Nothing is stored: votes go to addresses of the preview itself."""

import json
import random
import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from rest_framework.exceptions import APIException

from classify import selectors
from classify.lab.frame import may_edit, workflow_or_404
from classify.models import Workflow, WorkflowVersion
from classify.services import workflows as services
from classify.services.receipts import Receipt
from classify.services.rehearsals import rehearse_queue, rehearse_vote
from classify.steps import BadField
from classify.views import form_body, page_context

_RNG = random.SystemRandom()
_N = 10


@may_edit
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """The page, marked as a preview; the plain form says what would have been stored."""
    workflow = workflow_or_404(slug)
    begun = services.begun_with(workflow)
    if begun is None:
        messages.info(request, _("Save a draft first; then there is something to see."))
        return redirect("lab_editor", slug)
    if request.method == "POST":
        return _answered(request, workflow)
    shown = _with_draft(workflow, begun)
    items = _items(workflow, 1)
    context = page_context(request, shown, items[0] if items else None)
    context["config"] |= _addresses(workflow)
    return render(request, "classify/lab/preview.html", context)


def _with_draft(workflow: Workflow, begun: tuple[dict[str, Any], dict[str, Any]]) -> Workflow:
    """The workflow as if the draft were its version; not to be stored."""
    workflow.current_version = WorkflowVersion(workflow=workflow, major=0, minor=0, steps=begun[0], policy=begun[1])
    return workflow


def _addresses(workflow: Workflow) -> dict[str, Any]:
    """Where the page's script asks and sends: everything stays in the preview."""
    about = reverse("lab_preview_reveal", args=[workflow.slug, 0])
    return {
        "preview": True,
        "queue_url": f"{reverse('lab_preview_queue', args=[workflow.slug])}?n={_N}",
        "pack_url": f"{reverse('lab_preview_queue', args=[workflow.slug])}?pack=1",
        "submit_url": reverse("lab_preview_votes", args=[workflow.slug]),
        "classification_url_template": reverse("lab_preview_vote", args=[workflow.slug, uuid.UUID(int=0)]),
        "preferences_url": "",
        "subject_url_template": about,
        "reveal_url_template": about,
    }


def _items(workflow: Workflow, n: int) -> list[dict[str, Any]]:
    served = rehearse_queue(workflow=workflow, n=n, now=timezone.now(), rng=_RNG)
    return [selectors.queue_item(row) for row in served]


def _answered(request: HttpRequest, workflow: Workflow) -> HttpResponse:
    """What the plain form's answer would have become."""
    try:
        receipt = rehearse_vote(workflow=workflow, body=form_body(request, workflow), now=timezone.now(), rng=_RNG)
        messages.info(request, _("Preview: the answer is right and would be stored. Nothing was."))
        if gold := receipt.told(get_language() or ""):
            messages.info(request, gold["explanation"])
    except (BadField, APIException) as error:
        messages.error(request, _("Your answer was not stored: %(reason)s") % {"reason": error})
    return HttpResponseRedirect(request.path)


@may_edit
@never_cache
@require_safe
def queue(request: HttpRequest, slug: str) -> HttpResponse:
    """Subjects for the preview, in the form of the queue's answer."""
    workflow = workflow_or_404(slug)
    try:
        return JsonResponse({"results": _items(workflow, _N), "gone": [], "later": None})
    except services.LabError:
        raise Http404 from None


@may_edit
@require_POST
def votes(request: HttpRequest, slug: str) -> HttpResponse:
    """A receipt as for a real vote; stored is nothing."""
    return _rehearsed(request, workflow_or_404(slug))


@may_edit
@require_http_methods(["PUT", "DELETE"])
def vote(request: HttpRequest, slug: str, classification_id: uuid.UUID) -> HttpResponse:
    """The same for one that is revised, or taken back."""
    workflow = workflow_or_404(slug)
    if request.method == "PUT":
        return _rehearsed(request, workflow)
    return JsonResponse(Receipt(str(classification_id), 0, None, True, False, "", "", False, None).as_dict())


def _rehearsed(request: HttpRequest, workflow: Workflow) -> HttpResponse:
    try:
        body = json.loads(request.body)
        receipt = rehearse_vote(workflow=workflow, body=body if isinstance(body, dict) else {}, now=timezone.now(), rng=_RNG)
        return JsonResponse(receipt.as_dict(get_language() or ""), status=201)
    except BadField as error:
        return _problem(400, str(error), {error.field: [str(error)]})
    except APIException as error:
        return _problem(error.status_code, str(error.detail), {})
    except (ValueError, services.LabError):
        return _problem(400, _("A classification is one JSON object."), {})


def _problem(status: int, detail: str, errors: dict[str, list[str]]) -> HttpResponse:
    return JsonResponse(
        {"title": detail, "status": status, "detail": detail, "errors": errors}, status=status, content_type="application/problem+json"
    )


@may_edit
@require_http_methods(["GET", "HEAD", "POST"])
def reveal(request: HttpRequest, slug: str, public_id: int) -> HttpResponse:
    """What stands in place of the subject's page: opening it would be noted against the person who tries the draft."""
    name = "_preview_after.html" if request.headers.get("HX-Request") else "preview_after.html"
    return render(request, f"classify/lab/{name}", {"workflow": workflow_or_404(slug)})
