"""Pages of the room: models, runs, what the machine found and asks people about."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from core.services import ask_cancel
from ml import charts, intake, selectors, services, tasks
from ml.forms import TrainForm
from ml.labels import TooFewLabels
from ml.models import DetectorModel, Run

EXAMPLES = 12


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Models with their figures, running work, the review queue."""
    page = Paginator(selectors.models(), 20).get_page(request.GET.get("page"))
    models = list(page.object_list)
    live = selectors.live_model()
    context = {
        **_running(),
        "page_obj": page,
        "rows": [selectors.headline_of(model) for model in models],
        "live": live,
        "rollback_to": selectors.rollback_target(),
        "queue": selectors.queue_state(),
        "review": intake.review_slug(),
        "unscanned": services.unscanned(live).count() if live else 0,
        "curve": charts.curve_chart([m for m in [live, *models] if m][:1]),
        "progress": charts.progress_chart(models),
        "form": TrainForm(),
    }
    return render(request, "ml/index.html", context)


def _running() -> dict[str, Any]:
    return {"open_runs": list(selectors.open_runs()), "recent_runs": list(selectors.runs()[:8])}


@require_GET
def running(request: HttpRequest) -> HttpResponse:
    """The runs alone; the page asks again while one is open."""
    return render(request, "ml/_runs.html", _running())


@require_GET
def model(request: HttpRequest, name: str) -> HttpResponse:
    """The card of one model, its metrics, where it came from, examples of what it finds."""
    found = _model(name)
    context = {
        "model": found,
        "headline": selectors.headline_of(found),
        "curve": charts.curve_chart([found]),
        "classes": selectors.metrics_of(found),
        "promotions": list(selectors.promotions().filter(model=found)[:10]),
        "scanned": selectors.scanned_count(found),
        "examples": intake.pictures(selectors.detections(model=name), user=request.user, limit=EXAMPLES),
    }
    return render(request, "ml/model.html", context)


@require_GET
def run(request: HttpRequest, run_id: int) -> HttpResponse:
    """One training or scan; its progress while it is open."""
    return render(request, "ml/run.html", _run_context(run_id))


@require_GET
def run_progress(request: HttpRequest, run_id: int) -> HttpResponse:
    """The moving part of a run's page."""
    return render(request, "ml/_run.html", _run_context(run_id))


def _run_context(run_id: int) -> dict[str, Any]:
    found = selectors.run_by_id(run_id)
    if found is None:
        raise Http404
    scan = selectors.scan_progress(found) if found.kind == Run.Kind.SCAN else None
    loss = charts.loss_chart(found) if found.kind == Run.Kind.TRAIN else None
    return {"run": found, "loss": loss, "scan": scan}


@require_POST
@login_required
@permission_required("ml.train", raise_exception=True)
def train(request: HttpRequest) -> HttpResponse:
    """Launch a training on the labels of this moment."""
    form = TrainForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Nothing was started: steps and seed must be whole numbers."))
        return redirect("ml_index")
    chosen = {name: value for name, value in form.cleaned_data.items() if value is not None}
    try:
        opened = services.start_training(actor=request.user, now=timezone.now(), **chosen)
    except services.NothingNew as nothing:
        messages.info(request, str(nothing))
    except TooFewLabels as too_few:
        messages.warning(request, str(too_few))
    else:
        tasks.enqueue(opened)
        return redirect("ml_run", run_id=opened.pk)
    return redirect("ml_index")


@require_POST
@login_required
@permission_required("ml.train", raise_exception=True)
def scan(request: HttpRequest) -> HttpResponse:
    """Launch a scan of what the live model has not seen."""
    live = selectors.live_model()
    if live is None:
        messages.warning(request, _("No model is live yet, so there is nothing to scan with."))
        return redirect("ml_index")
    try:
        opened = services.open_scan(model=live, now=timezone.now(), actor=request.user)
    except services.NothingToScan as nothing:
        messages.info(request, str(nothing))
        return redirect("ml_index")
    tasks.enqueue(opened)
    return redirect("ml_run", run_id=opened.pk)


@require_POST
@login_required
@permission_required("ml.train", raise_exception=True)
def cancel(request: HttpRequest, run_id: int) -> HttpResponse:
    """Ask a run to stop."""
    found = selectors.run_by_id(run_id)
    if found is None:
        raise Http404
    ask_cancel(job_id=found.job_id, actor=request.user, now=timezone.now())
    messages.info(request, _("The run stops at its next step."))
    return redirect("ml_run", run_id=run_id)


@require_POST
@login_required
@permission_required("ml.promote", raise_exception=True)
def promote(request: HttpRequest, name: str) -> HttpResponse:
    """Put a model live."""
    return _change(request, lambda: services.promote(model=_model(name), actor=request.user, now=timezone.now()))


@require_POST
@login_required
@permission_required("ml.promote", raise_exception=True)
def rollback(request: HttpRequest) -> HttpResponse:
    """Put the model live that was live before."""
    return _change(request, lambda: services.roll_back(actor=request.user, now=timezone.now()))


def _change(request: HttpRequest, act: Any) -> HttpResponse:
    try:
        promotion = act()
    except services.NotPossible as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, _("%(name)s is live.") % {"name": promotion.model.name})
    return redirect("ml_index")


def _model(name: str) -> DetectorModel:
    found = selectors.model_by_name(name)
    if found is None:
        raise Http404
    return found
