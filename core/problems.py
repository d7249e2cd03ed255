"""Errors as problem documents (RFC 9457): what happened, that nothing was lost, what to do."""

from errno import EDQUOT, ENOSPC
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

CONTENT_TYPE = "application/problem+json"


class Problem(APIException):
    """A named failure of a service, as the API says it. `title` is short; `detail` tells what to do."""

    status_code = 400
    title: str | Promise = gettext_lazy("The request cannot be carried out")
    wait: int | None = None  # seconds, said in Retry-After

    def __init__(self, detail: str, *, title: str | None = None, status: int | None = None, **extra: Any) -> None:
        super().__init__(detail)
        self.title = title or self.title
        self.status_code = status or self.status_code
        self.extra = extra


class NoRoom(Problem):
    """The machine could not store it."""

    status_code = 503
    title = gettext_lazy("There is no room to store this")
    wait = 60


def disk_is_full(error: BaseException) -> bool:
    """Tell whether the machine had no room left, as the system, SQLite or PostgreSQL says it."""
    said = f"{error} {error.__cause__ or ''}"
    return getattr(error, "errno", None) in {ENOSPC, EDQUOT} or "disk is full" in said or "No space left" in said


def _title(error: Exception, status: int) -> str:
    if isinstance(error, Problem):
        return str(error.title)
    if isinstance(error, ValidationError):
        return _("Some fields are not right")
    if isinstance(error, Http404):
        return _("Not found")
    if isinstance(error, PermissionDenied) or status in {401, 403}:
        return _("Not allowed")
    words = str(getattr(error, "default_detail", "{"))
    return _("The request cannot be carried out") if "{" in words else words  # what would stand there is in the detail


def handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Turn DRF's errors into problem documents; anything unexpected stays a 500 of Django's."""
    from rest_framework.views import exception_handler  # noqa: PLC0415 - it loads the throttles, whose refusal is a Problem

    if disk_is_full(error):
        error = NoRoom(_("The disk of this site is full. Nothing of this was stored, and nothing stored before is lost. Send it again later."))
    response = exception_handler(error, context)
    if response is None:
        return None
    data: dict[str, Any] = {"type": "about:blank", "title": _title(error, response.status_code), "status": response.status_code}
    if isinstance(error, ValidationError):
        data["detail"] = _("Nothing was stored. Correct the fields named in errors and send again.")
        data["errors"] = response.data
    elif isinstance(response.data, dict) and "detail" in response.data:
        data["detail"] = str(response.data["detail"])
    if isinstance(error, Problem):
        data.update(error.extra)
    response.data = data
    response.content_type = CONTENT_TYPE
    if request := context.get("request"):
        request.accepted_renderer = JSONRenderer()  # also where the view itself answers in something else
    return response
