"""/metrics: for Prometheus."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from hunter import metrics


@require_safe
@never_cache
def metrics_page(request: HttpRequest) -> HttpResponse:
    """The numbers, for the team, for whoever has HUNTER_METRICS_TOKEN, and on the embedded default for this machine; else 403."""
    if not (metrics.is_open() or _has_token(request) or request.user.has_perm("core.view_dashboard")):
        return HttpResponse("These numbers are for the team. Send HUNTER_METRICS_TOKEN as a bearer token.\n", status=403, content_type="text/plain")
    return HttpResponse(metrics.exposition(), content_type=CONTENT_TYPE_LATEST)


def _has_token(request: HttpRequest) -> bool:
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return bool(settings.METRICS_TOKEN) and constant_time_compare(given, settings.METRICS_TOKEN)
