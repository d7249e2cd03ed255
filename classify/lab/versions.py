"""From a draft to what everybody is asked: publish, history, and the switch between draft and live."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from classify.crowd.consensus import BadPolicy
from classify.lab.frame import frame, may_edit, workflow_or_404
from classify.selectors import progress
from classify.selectors.lab import version_history
from classify.services import ask_redecision, to_decide
from classify.services import workflows as services
from classify.tasks import redecide

_TAKES = ["GET", "HEAD", "POST"]


@may_edit
@require_http_methods(_TAKES)
def publish(request: HttpRequest, slug: str) -> HttpResponse:
    """Say which version the draft will be and why; then publish it."""
    workflow = workflow_or_404(slug)
    if request.method == "POST":
        try:
            made = services.publish(workflow=workflow, base=request.POST.get("base", ""), actor=request.user, now=timezone.now())
        except services.Outdated:
            messages.error(request, _("Somebody has changed the draft meanwhile. Look at what it is now before you publish it."))
            return redirect("lab_publish", slug)
        except services.LabError as error:
            messages.error(request, str(error))
            return redirect("lab_publish", slug)
        except BadPolicy:  # of a draft saved when it was still allowed; the editor says beside which field
            messages.error(request, _("These settings do not go together, so the rule cannot be followed."))
            return redirect("lab_editor", slug)
        messages.success(request, _("Version %(version)s is published.") % {"version": made.label})
        if request.POST.get("redecide") and to_decide(workflow_id=workflow.pk):
            job, _created = ask_redecision(workflow=workflow, reopen=False, actor=request.user, now=timezone.now())
            redecide.delay(job.pk)
            messages.info(request, _("Its rule is deciding about the open subjects now; the dashboard shows how far it is."))
        return redirect("lab_versions", slug)
    context = frame(request, workflow)
    what, current, voted = services.draft_changes(workflow), workflow.current_version, services.has_votes(workflow)
    following = what.next_after(current.major, current.minor) if what and current else (1, 0)
    more: dict[str, Any] = {
        "what": what,
        "voted": voted,
        "blocked": bool(what and what.forbidden and voted),
        "next": f"{following[0]}.{following[1]}",
    }
    if what and what.rules:
        more["n_open"] = to_decide(workflow_id=workflow.pk)
    return render(request, "classify/lab/publish.html", {**context, **more, "base": services.base_of(workflow)})


@may_edit
@require_safe
def versions(request: HttpRequest, slug: str) -> HttpResponse:
    """All versions with what changed in each."""
    workflow = workflow_or_404(slug)
    return render(request, "classify/lab/versions.html", {**frame(request, workflow), "versions": version_history(workflow)})


@may_edit
@require_http_methods(_TAKES)
def live(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask what switching means, then switch between draft and live."""
    workflow = workflow_or_404(slug)
    if request.method == "POST":
        wanted = request.POST.get("live") == "1"
        try:
            services.set_live(workflow=workflow, live=wanted, actor=request.user, now=timezone.now())
            messages.success(request, _("Everybody can classify here now.") if wanted else _("Only the team sees this workflow now."))
        except services.LabError as error:
            messages.error(request, str(error))
        return redirect("lab_editor", slug)
    return render(request, "classify/lab/live.html", {**frame(request, workflow), "progress": progress(workflow)})
