"""Pages of the lab: all workflows, the editor of one, its settings and subjects. They work without scripts."""

import random
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from classify.changes import fingerprint
from classify.crowd.consensus import BadPolicy
from classify.lab import sheet as sheets
from classify.lab.forms import GoldForm, NewForm, SelectionForm, SettingsForm
from classify.lab.frame import frame, may_edit, workflow_or_404
from classify.lab.policy import PRESETS, PolicyForm, begin_with
from classify.models import SubjectSet, Workflow
from classify.selection import UNCERTAIN, has_arm
from classify.selectors.lab import lab_workflows, sets_for, sets_of_selection
from classify.services import ask_redecision, choose_sets, to_decide
from classify.services import workflows as services
from classify.steps import BadField
from classify.tasks import redecide

_RNG = random.SystemRandom()
_TAKES = ["GET", "HEAD", "POST"]


@may_edit
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All workflows with their state."""
    return render(request, "classify/lab/index.html", {"workflows": lab_workflows()})


@may_edit
@require_http_methods(_TAKES)
def new(request: HttpRequest) -> HttpResponse:
    """Make a workflow, or (?of=slug) a copy of one."""
    of = workflow_or_404(request.GET["of"]) if request.GET.get("of") else None
    form = NewForm(request.POST if request.method == "POST" else None, initial={"summary": of.summary} if of else {})
    if form.is_valid():
        name, slug, summary = (form.cleaned_data[field] for field in ("name", "slug", "summary"))
        about: dict[str, Any] = {"name": name, "slug": slug, "actor": request.user, "now": timezone.now()}
        if of:
            services.duplicate_workflow(workflow=of, **about)
        else:
            services.create_workflow(summary=summary, **about)
        return redirect("lab_editor", slug)
    return render(request, "classify/lab/new.html", {"form": form, "of": of}, status=400 if form.is_bound else 200)


# --- the editor ----------------------------------------------------------------------------------


@may_edit
@require_http_methods(_TAKES)
def editor(request: HttpRequest, slug: str) -> HttpResponse:
    """What the workflow asks: the draft, else the version, else an empty question. Its buttons post the whole form."""
    workflow = workflow_or_404(slug)
    if request.method == "POST":
        return _edited(request, workflow)
    begun = services.begun_with(workflow)
    sheet = sheets.sheet_of(*begun) if begun else sheets.blank_sheet()
    _fix_keys(workflow, sheet)
    form = PolicyForm(initial=PolicyForm.begun(begun[1] if begun else {}))
    return _editor(request, workflow, sheet, form, services.base_of(workflow))


def _edited(request: HttpRequest, workflow: Workflow) -> HttpResponse:
    sheet, form, base = sheets.read(request.POST), PolicyForm(request.POST), request.POST.get("base", "")
    _fix_keys(workflow, sheet)
    action = request.POST.get("do", "")
    if action == "save":
        return _save(request, workflow, sheet, form, base)
    if action == "discard":
        return _discard(request, workflow, base)
    if not action and request.headers.get("HX-Request"):
        return render(request, "classify/lab/_look.html", {"sheet": sheet})
    fields = request.POST.dict()
    if action.startswith("preset "):
        said = begin_with(action.removeprefix("preset "), sheet.steps[0].answers, marked=sheet.is_marked)
        fields |= said or {}
        return _editor(request, workflow, sheet, PolicyForm(initial=fields), base, unsaved=True, preset_missed=said is None)
    sheets.act(sheet, action)
    return _editor(request, workflow, sheet, PolicyForm(initial=fields), base, unsaved=True)


def _fix_keys(workflow: Workflow, sheet: sheets.Sheet) -> None:
    if workflow.current_version:
        sheets.fix_keys(sheet, workflow.current_version.steps["steps"])


def _save(request: HttpRequest, workflow: Workflow, sheet: sheets.Sheet, form: PolicyForm, base: str) -> HttpResponse:
    steps = sheets.steps_from(sheet)
    policy = form.policy(sheet.steps[0].answers, marked=sheet.is_marked)
    if policy is None or not sheet.is_right:
        return _editor(request, workflow, sheet, form, base, unsaved=True, status=400)
    try:
        services.save_draft(workflow=workflow, steps=steps, policy=policy, base=base, actor=request.user, now=timezone.now())
    except BadField as error:
        _blame(sheet, error)
        return _editor(request, workflow, sheet, form, base, unsaved=True, status=400)
    except BadPolicy:  # the form finds all that is known
        sheet.error = _("These settings do not go together, so the rule cannot be followed.")
        return _editor(request, workflow, sheet, form, base, unsaved=True, status=400)
    except services.Outdated:
        return _editor(request, workflow, sheet, form, services.base_of(workflow), unsaved=True, rival=services.begun_with(workflow), status=409)
    messages.success(request, _("The draft is saved. Nobody else sees it before it is published."))
    return redirect("lab_editor", workflow.slug)


def _blame(sheet: sheets.Sheet, error: BadField) -> None:
    """Put what the room says against the steps beside the step it names."""
    step = next((step for step in sheet.steps if step.name in error.field.split(".")), None)
    if step:
        step.errors["step"] = str(error)
    else:
        sheet.error = str(error)


def _discard(request: HttpRequest, workflow: Workflow, base: str) -> HttpResponse:
    try:
        services.discard_draft(workflow=workflow, base=base, actor=request.user, now=timezone.now())
        messages.success(request, _("The draft is gone. The workflow asks what it asked before."))
    except services.Outdated:
        messages.error(request, _("Somebody has changed the draft meanwhile. Look at it before you discard it."))
    return redirect("lab_editor", workflow.slug)


def _editor(
    request: HttpRequest, workflow: Workflow, sheet: sheets.Sheet, form: PolicyForm, base: str, *, status: int = 200, **more: Any
) -> HttpResponse:
    rival = sheets.sheet_of(*more.pop("rival")) if more.get("rival") else None
    context = {
        **frame(request, workflow),
        "sheet": sheet,
        "form": form,
        "base": base,
        "rival": rival,
        "voted": services.has_votes(workflow),
        "wrong": status == 400,
        "may_add": len(sheet.steps) < sheets.MAX_STEPS,
        "most_answers": sheets.MAX_ANSWERS,
        "presets": PRESETS,
    }
    return render(request, "classify/lab/editor.html", {**context, **more}, status=status)


# --- settings and subjects -----------------------------------------------------------------------


@may_edit
@require_http_methods(_TAKES)
def change(request: HttpRequest, slug: str) -> HttpResponse:
    """Settings that hold at once."""
    workflow = workflow_or_404(slug)
    base, schedule, voted = fingerprint(services.settings_of(workflow)), workflow.gold_schedule, services.has_votes(workflow)
    sent = request.POST if request.method == "POST" else None
    form, gold = SettingsForm(sent, instance=workflow, voted=voted), GoldForm(sent, schedule=schedule)
    chosen = SelectionForm(sent, mixture=workflow.selection, sets=sets_of_selection(workflow))
    context = {**frame(request, workflow), "form": form, "gold": gold, "selection": chosen, "base": base}
    if sent is None:
        return render(request, "classify/lab/settings.html", context)
    if not (form.is_valid() & gold.is_valid() & chosen.is_valid()):
        return render(request, "classify/lab/settings.html", {**context, "base": sent.get("base", "")}, status=400)
    values = {**form.cleaned_data, "gold_schedule": gold.cleaned_data["schedule"], "selection": chosen.cleaned_data["selection"]}
    try:
        changed = services.change_settings(workflow=workflow, values=values, base=sent.get("base", ""), actor=request.user, now=timezone.now())
    except services.Outdated:
        return render(request, "classify/lab/settings.html", {**context, "outdated": workflow_or_404(slug)}, status=409)
    if "selection" in changed and has_arm(values["selection"], UNCERTAIN) and to_decide(workflow_id=workflow.pk):
        job, _made = ask_redecision(workflow=workflow, reopen=False, actor=request.user, now=timezone.now())  # it says how sure each is
        redecide.delay(job.pk)
    messages.success(request, _("The settings are saved. They hold from now on."))
    return redirect("lab_settings", slug)


@may_edit
@require_http_methods(_TAKES)
def sets(request: HttpRequest, slug: str) -> HttpResponse:
    """Which sets of subjects the workflow asks about."""
    workflow = workflow_or_404(slug)
    if request.method == "POST":
        chosen = request.POST.getlist("sets")
        opened = choose_sets(workflow=workflow, slugs=chosen, actor=request.user, now=timezone.now(), rng=_RNG)
        messages.success(request, ngettext("%(n)d subject was opened here.", "%(n)d subjects were opened here.", opened) % {"n": opened})
        return HttpResponseRedirect(request.path)
    rows = sets_for(workflow)
    free = [row for row in rows if row.purpose != SubjectSet.Purpose.GOLD]
    known = [row for row in rows if row.purpose == SubjectSet.Purpose.GOLD and row.chosen]
    return render(request, "classify/lab/sets.html", {**frame(request, workflow), "sets": free, "known": known})
