"""Errors as people and programs need them: a page, or under /api/ a problem document (RFC 9457)."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views import defaults

from core.problems import CONTENT_TYPE


def problem(status: int, title: str, detail: str) -> HttpResponse:
    """A problem document outside of the API's framework."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return JsonResponse(body, status=status, content_type=CONTENT_TYPE)


def bad_request(request: HttpRequest, exception: Any) -> HttpResponse:
    """400, also for bodies that are too large."""
    if request.path.startswith("/api/"):
        return problem(400, _("The request cannot be read"), _("Nothing was stored. The body is too large or not what its headers say."))
    return defaults.bad_request(request, exception)


def not_found(request: HttpRequest, exception: Any) -> HttpResponse:
    """404."""
    if request.path.startswith("/api/"):
        return problem(404, _("Not found"), _("There is nothing at this address. All addresses are listed in /api/schema/."))
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: never a traceback."""
    if request.path.startswith("/api/"):
        return problem(500, _("Something broke here"), _("The fault is ours and was logged. What was acknowledged is stored; try again later."))
    return defaults.server_error(request)
