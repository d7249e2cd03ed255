"""The dashboard, for the team."""

from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

import core.services
from core.models import Job
from core.selectors import open_jobs, recent_jobs
from hunter import operations, overview
from hunter.privacy import PERSONAL


@require_safe
@permission_required("core.view_dashboard", raise_exception=True)
def dashboard(request: HttpRequest) -> HttpResponse:
    """Subjects by state, votes per day, models and their metrics, running jobs."""
    now = timezone.now()
    context = overview.dashboard(now=now, demo=_with_demo(request))
    return render(request, "hunter/dashboard.html", {**context, "jobs": recent_jobs(12), "warnings": operations.warnings(now)})


@require_safe
@permission_required("core.view_dashboard", raise_exception=True)
def jobs(request: HttpRequest) -> HttpResponse:
    """The running work alone, polled by the dashboard."""
    return render(request, "hunter/_jobs.html", {"jobs": recent_jobs(12), "any_open": open_jobs().exists()})


@require_POST
@permission_required("core.operate", raise_exception=True)
def cancel_job(request: HttpRequest, job_id: int) -> HttpResponse:
    """Ask a running job to stop; not one by which somebody takes away or deletes their own data."""
    if Job.objects.filter(pk=job_id, kind__startswith=PERSONAL).exists():
        raise PermissionDenied
    core.services.ask_cancel(job_id=job_id, actor=request.user, now=timezone.now())
    return HttpResponseRedirect(reverse("dashboard"))


def _with_demo(request: HttpRequest) -> bool:
    """Figures leave simulated volunteers out unless the address says ?demo=1."""
    return request.GET.get("demo") == "1"
