"""Staff go on with a second factor only; an answer of another site that cannot be used gives a page, never a 500."""

import logging
from collections.abc import Callable
from urllib.parse import urlencode

from allauth.core.exceptions import ImmediateHttpResponse, ReauthenticationRequired
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from hunter.accounts import second_factor
from hunter.views.errors import problem

log = logging.getLogger(__name__)

# Open without it: what leads to it, out of here, or what everybody may read.
OPEN = (
    "/accounts/",
    "/static/",
    "/px/",
    "/i18n/",
    "/terms/",
    "/privacy/",
    "/licence/",
    "/cookies/",
    "/accessibility/",
    "/contact/",
    "/healthz",
)
PROVIDER_VIEWS = {"openid_connect_login", "openid_connect_callback", "github_login", "github_callback", "socialaccount_connections"}
_HANDLED = (Http404, ImmediateHttpResponse, ReauthenticationRequired)


class SecondFactorMiddleware:
    """Leads people who may do more than others to set up a second factor, or to show it, before anything else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._held(request) or self.get_response(request)

    def _held(self, request: HttpRequest) -> HttpResponse | None:
        if request.path.startswith(OPEN) or not request.user.is_authenticated or not second_factor.is_needed(request.user):
            return None
        known = second_factor.has(request.user)
        if known and second_factor.was_shown(request):
            return None
        if request.path.startswith("/api/"):
            return _problem()
        then = request.get_full_path() if request.method == "GET" and not request.headers.get("HX-Request") else "/"
        return HttpResponseRedirect(f"{_way(request, known)}?{urlencode({'next': then})}")


def _way(request: HttpRequest, known: bool) -> str:
    """Where somebody proves a second factor that they have, or sets one up."""
    if not known:
        return reverse("mfa_index")
    codes = second_factor.has_app(request.user)
    return reverse("mfa_reauthenticate" if codes else "mfa_reauthenticate_webauthn")


def _problem() -> HttpResponse:
    detail = _("What you may do here needs a second factor. Nothing was done; set one up, or show it, at /accounts/2fa/ and try again.")
    return problem(403, _("A second factor is needed"), detail)


class ProviderErrorMiddleware:
    """A provider that is down or answers nonsense is an everyday thing: say so, log it, lose nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Return the page about it, for the views that talk to providers only."""
        match = request.resolver_match
        if match is None or match.url_name not in PROVIDER_VIEWS or isinstance(exception, _HANDLED):
            return None
        log.error("sign-in by another site failed", exc_info=exception)
        return render(request, "socialaccount/authentication_error.html", status=502)
