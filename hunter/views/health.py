"""/healthz: for load balancers and for `./run`."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from hunter.health import check


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when database, broker and storage work (a missing worker is reported), else 503; details for the team only."""
    healthy, report = check()
    if not request.user.has_perm("core.view_dashboard"):
        report = {name: {"ok": part["ok"], "ms": part["ms"]} for name, part in report.items()}
    return JsonResponse({"healthy": healthy, "parts": report}, status=200 if healthy else 503)
