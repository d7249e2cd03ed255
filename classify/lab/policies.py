"""/science/policies/: what a policy would have cost and got wrong on the votes that are there. The pages work without scripts."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

import core.services
from classify import selectors
from classify.lab import policy_figures
from classify.lab.answers import read_over
from classify.lab.policy import PRESETS, PolicyForm, begin_with
from classify.lab.sheet import sheet_of
from classify.models import Workflow
from classify.services import ask_simulation
from classify.services.simulation import KIND
from classify.tasks import simulate_retirement
from core.models import Job
from core.selectors import jobs_of
from core.streaming import csv_lines

may_try = permission_required("classify.export_labels", raise_exception=True)
LAST = 20


@may_try
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """Choose a workflow, say a policy, and try it; below, what was tried lately."""
    flows = [flow for flow in selectors.worded(Workflow.objects.order_by("position").select_related("current_version")) if flow.current_version]
    flow = _chosen(flows, request)
    if flow is None:
        return render(request, "classify/policies/index.html", {"jobs": _jobs(), "flows": flows})
    version = flow.current_version
    sheet = sheet_of(version.steps, version.policy)
    form, demo, missed, status = PolicyForm(initial=PolicyForm.begun(version.policy), marks=False), False, False, 200
    if request.method == "POST":
        demo, action, answers = bool(request.POST.get("demo")), request.POST.get("do", ""), sheet.steps[0].answers
        read_over(answers, request.POST)
        form = PolicyForm(request.POST, marks=False)
        if action.startswith("preset "):
            said = begin_with(action.removeprefix("preset "), answers, marked=sheet.is_marked)
            form, missed = PolicyForm(initial=request.POST.dict() | (said or {}), marks=False), said is None
        elif (policy := form.policy(answers, marked=sheet.is_marked)) is not None:
            return _ask(request, flow, policy, demo)
        else:
            status = 400
    context = {"sheet": sheet, "form": form, "flow": flow, "flows": flows, "demo": demo, "presets": PRESETS, "preset_missed": missed}
    return render(request, "classify/policies/index.html", {**context, "wrong": status == 400, "jobs": _jobs()}, status=status)


def _chosen(flows: list[Any], request: HttpRequest) -> Any:
    """The workflow that the address or the form names; else the search, else the first. Raises Http404 for one there is not."""
    slug = request.POST.get("workflow") or request.GET.get("workflow", "")
    if slug:
        found = next((flow for flow in flows if flow.slug == slug), None)
        if found is None:
            raise Http404(_("There is no such workflow."))
        return found
    return next((flow for flow in flows if flow.purpose == Workflow.Purpose.SEARCH), flows[0] if flows else None)


def _ask(request: HttpRequest, flow: Any, policy: dict[str, Any], demo: bool) -> HttpResponse:
    job, created = ask_simulation(workflow=flow, policy=policy, demo=demo, actor=request.user, now=timezone.now())
    if created:
        simulate_retirement.delay(job.pk)
    return redirect("policies_one", job.pk)


def _jobs() -> list[Job]:
    return list(jobs_of(KIND, LAST))


def _job(job_id: int) -> Job:
    found = Job.objects.filter(pk=job_id, kind=KIND).select_related("actor").first()
    if found is None:
        raise Http404(_("Nothing was tried under this number."))
    return found


@may_try
@require_safe
def one(request: HttpRequest, job_id: int) -> HttpResponse:
    """How far a trial is, then what came of it. For htmx the living part alone, while it runs."""
    job = _job(job_id)
    flow = Workflow.objects.filter(pk=job.params["workflow"]).select_related("current_version").first()
    against = request.GET.get("against", "")
    context = {"job": job, "flow": flow, **policy_figures.shown(job, flow, against)}
    part = bool(request.headers.get("HX-Request"))
    response = render(request, "classify/policies/_one.html" if part else "classify/policies/one.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@may_try
@require_POST
def stop(request: HttpRequest, job_id: int) -> HttpResponse:
    """Ask a trial to stop after the policy it is at."""
    job = _job(job_id)
    if core.services.ask_cancel(job_id=job.pk, actor=request.user, now=timezone.now()):
        messages.info(request, _("The trial stops after the policy that it is at."))
    return redirect("policies_one", job.pk)


@may_try
@require_safe
def data(request: HttpRequest, job_id: int, figure: str) -> StreamingHttpResponse:
    """A table or figure as CSV."""
    job = _job(job_id)
    columns, rows = policy_figures.table(figure, job.result)
    response = StreamingHttpResponse(
        csv_lines(columns, (dict(zip(columns, row, strict=True)) for row in rows)), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="policies-{job.pk}-{figure}.csv"'
    return response
