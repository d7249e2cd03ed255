"""Pages: choose a workflow, and classify. Both work without scripts; with scripts the page talks to the API."""

import random
import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from rest_framework.exceptions import APIException

from classify import flagging, preferences, selectors, services
from classify.models import Workflow
from classify.steps import BadField, answer_keys, room_after
from classify.visitors import volunteer_of
from classify.wording import Words
from core import throttles

_RNG = random.SystemRandom()
_N = 10
_FIELDS = ("id", "workflow", "subject", "serve", "version", "answer")
_ENDS = ("x1", "y1", "x2", "y2")
_TRAILS = ("", *(f"-{number}" for number in range(2, 6)))  # endings of their names, one for each trail of the plain form


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Choose a workflow; each says whether images wait for this very person."""
    flows = selectors.worded(selectors.workflows_with_work(request.user, volunteer=volunteer_of(request)))
    training = next((flow for flow in flows if flow.purpose == Workflow.Purpose.TRAINING and flow.live and flow.has_work), None)
    return render(request, "classify/index.html", {"workflows": flows, "training": training})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def classify(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the next subject of a workflow; take the plain form's answer."""
    workflow = selectors.workflow_for(request.user, slug)
    if workflow is None:
        raise Http404(_("There is no such workflow."))
    return _answer(request, workflow) if request.method == "POST" else _page(request, workflow)


def _page(request: HttpRequest, workflow: Workflow) -> HttpResponse:
    served = services.resume_or_next(volunteer=volunteer_of(request, create=True), workflow=workflow, now=timezone.now(), rng=_RNG)
    item = selectors.queue_item(served) if served else None
    context = page_context(request, workflow, item)
    context["config"]["preferences"] = preferences.filled(volunteer_of(request, create=True).preferences, {})
    if item is None:
        context["others"] = _others(request, workflow)
        context["idle"] = not selectors.progress(workflow)["active"]
    return render(request, "classify/page.html", context)


def page_context(request: HttpRequest, workflow: Workflow, item: dict[str, Any] | None) -> dict[str, Any]:
    """What the page shows; `item`: the first subject. The lab's preview shows the same."""
    words = selectors.words_of(workflow)
    return {
        "workflow": workflow,
        "words": words,
        "config": _config(request, workflow, words),
        "form_subject": item,
        "form_id": str(uuid.uuid4()),
        "trails": _TRAILS[: max(room_after(words.steps, key) for key in answer_keys(words.steps))],
        "tutorial": selectors.tutorial_of(workflow),
        "field_guide": selectors.field_guide(),
    }


@require_safe
def offline(request: HttpRequest, slug: str) -> HttpResponse:
    """The page as it looks to somebody unknown, without a subject: what browsers keep for times without connection."""
    request.user = AnonymousUser()
    workflow = selectors.workflow_for(request.user, slug)
    if workflow is None:
        raise Http404(_("There is no such workflow."))
    context = page_context(request, workflow, None) | {"kept": True}
    return render(request, "classify/page.html", context)


def _others(request: HttpRequest, workflow: Workflow) -> list[Workflow]:
    """Other workflows in which something waits for this person, with their words."""
    rows = selectors.workflows_with_work(request.user, volunteer=volunteer_of(request)).exclude(pk=workflow.pk)
    return [other for other in selectors.worded(rows) if other.has_work]


def _config(request: HttpRequest, workflow: Workflow, words: Words) -> dict[str, Any]:
    """What the page's script needs; no address is built in the browser."""
    version = selectors.version_of(workflow)
    return {
        "workflow": workflow.slug,
        "version": version.label,
        "steps": words.steps,
        "n": _N,
        "queue_url": f"{reverse('api_queue', args=[workflow.slug])}?n={_N}",
        "pack_url": f"{reverse('api_queue', args=[workflow.slug])}?pack=1",
        "pack_size": min(workflow.pack_size, services.MAX_SERVED),
        "submit_url": reverse("api_classifications"),
        "classification_url_template": reverse("api_classification", args=[uuid.UUID(int=0)]),
        "subject_url_template": reverse("subject", args=[0]),
        "reveal_url_template": reverse("subject_reveal", args=[0]),
        "signed_in": request.user.is_authenticated,
        "undo_seconds": workflow.undo_seconds,
        "preferences_url": reverse("api_preferences"),
        "waits": workflow.purpose == Workflow.Purpose.TRAINING,  # for what is told of each answer
    }


def _answer(request: HttpRequest, workflow: Workflow) -> HttpResponse:
    """Store the form by the same service as the API, and go on: to the next subject, or to the subject's page."""
    back = reverse("classify", args=[workflow.slug])
    volunteer, now = volunteer_of(request, create=True), timezone.now()
    try:
        throttles.spend_request("votes", request)
        receipt = services.record_classification(
            volunteer=volunteer,
            body=form_body(request, workflow),
            now=now,
            may_draft=lambda: selectors.may_draft(request.user),
            judge=flagging.judge_of(request, volunteer=volunteer, now=now),
        )
    except (BadField, APIException) as error:
        messages.error(request, _("Your answer was not stored: %(reason)s") % {"reason": error})
        return HttpResponseRedirect(back)
    if receipt.note:
        messages.warning(request, receipt.note)
    if gold := receipt.told(get_language() or ""):
        messages.info(request, f"{gold['message']} {gold['explanation']}".strip())
    if request.POST.get("then") == "talk":
        if shown := selectors.subject_by_public_id(receipt.subject):
            services.reveal(volunteer=volunteer, root=shown, now=timezone.now())
        return HttpResponseRedirect(f"{reverse('subject', args=[receipt.subject])}#discussion")
    return HttpResponseRedirect(back)


def form_body(request: HttpRequest, workflow: Workflow) -> dict[str, Any]:
    """The form as a classification body; four ends are one mark when any of them is given, and which step it belongs to follows."""
    body: dict[str, Any] = {name: request.POST[name] for name in _FIELDS if request.POST.get(name)}
    body["workflow"] = workflow.slug
    trails = [{name: request.POST.get(f"{name}{trail}", "").strip() for name in _ENDS} for trail in _TRAILS]
    if marks := [{"frame": 0, **{name: _number(value) for name, value in ends.items()}} for ends in trails if any(ends.values())]:
        body["marks"] = marks
    return body


def _number(text: str) -> float | str:
    """The number that was typed; anything else goes on as it is and is refused by name."""
    try:
        return float(text)
    except ValueError:
        return text
