"""/dashboard/operations/: how the machinery is, and trying failed work again."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from kombu.exceptions import OperationalError

import core.services
from core.models import Job
from core.selectors import failed_jobs, open_jobs
from core.tasks import send
from hunter import operations


@require_safe
@permission_required("core.view_dashboard", raise_exception=True)
def page(request: HttpRequest) -> HttpResponse:
    """Queues, workers, disk, backups, versions, and work that failed."""
    now = timezone.now()
    context = {**operations.facts(now), "now": now, "failed": list(failed_jobs()), "n_open": open_jobs().count()}
    return render(request, "hunter/operations.html", context)


@require_POST
@permission_required("core.operate", raise_exception=True)
def retry(request: HttpRequest, job_id: int) -> HttpResponse:
    """Queue failed work again."""
    job = core.services.retry_job(job_id=job_id, actor=request.user, now=timezone.now())
    if job is None:
        messages.warning(request, _("This cannot be tried again: it has not failed, is a command's own work, or newer work on the same is open."))
    else:
        _send(request, job)
    return HttpResponseRedirect(reverse("operations"))


def _send(request: HttpRequest, job: Job) -> None:
    try:
        send(job.task, job.queue, job.pk)
    except OperationalError:
        messages.warning(request, _("It is queued, but the broker does not answer. It is sent as soon as the broker is back."))
    else:
        messages.success(request, _("“%(title)s” is tried again.") % {"title": job.title})
