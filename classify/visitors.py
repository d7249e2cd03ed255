"""Who classifies: the volunteer of a request. Visitors carry a signed cookie; signing in brings their votes along.

`volunteer_of` is what views call. `VisitorMiddleware` sets the cookie of a new visitor on the response, and takes the cookie away
once its visitor has signed in.
"""

from collections.abc import Callable
from typing import Literal, overload

from django.conf import settings
from django.core.signing import BadSignature
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from classify import services
from classify.models import Volunteer
from core import throttles
from core.addresses import address_id

_SALT = "hunter.visitor"
_KNOWN = "_hunter_volunteer"  # what this request has found out
_COOKIE = "_hunter_visitor_cookie"  # what the response is to do: a public id to set, "" to delete


@overload
def volunteer_of(request: HttpRequest, *, create: Literal[True]) -> Volunteer: ...
@overload
def volunteer_of(request: HttpRequest, *, create: bool = False) -> Volunteer | None: ...
def volunteer_of(request: HttpRequest, *, create: bool = False) -> Volunteer | None:
    """Return the volunteer of whoever asks; with `create`, one is made at the first need (a serve, a vote, a reveal).

    A signed-in request that still carries a visitor's cookie gets the visitor's votes merged first. At most one query and
    usually no more, remembered for the request. Raises TooMany when an address makes too many visitors.
    """
    request = getattr(request, "_request", request)  # the API framework wraps Django's
    known: Volunteer | None = getattr(request, _KNOWN, None)
    if known is None:
        known = _signed_in(request, create) if request.user.is_authenticated else _visitor(request, create)
        setattr(request, _KNOWN, known)
    return known


def _signed_in(request: HttpRequest, create: bool) -> Volunteer | None:
    now = timezone.now()
    visitor = _from_cookie(request)
    if visitor is not None:
        setattr(request, _COOKIE, "")
        return services.claim_visitor(visitor=visitor, user=request.user, now=now)
    return services.person_of(request.user, now=now, create=create)


def _visitor(request: HttpRequest, create: bool) -> Volunteer | None:
    visitor = _from_cookie(request)
    if visitor is None and create:
        throttles.spend("visitors", address=address_id(request))
        visitor = services.new_visitor(now=timezone.now())
        setattr(request, _COOKIE, visitor.public_id)
    return visitor


def _from_cookie(request: HttpRequest) -> Volunteer | None:
    """The unmerged visitor that the cookie names; a forged, old or used cookie names nobody and is taken away."""
    if settings.VISITOR_COOKIE not in request.COOKIES:
        return None
    try:
        name = request.get_signed_cookie(settings.VISITOR_COOKIE, salt=_SALT, max_age=settings.VISITOR_COOKIE_AGE_S)
    except BadSignature:
        name = ""
    free = Volunteer.objects.filter(public_id=name or "", kind=Volunteer.Kind.VISITOR, merged_into__isnull=True)
    visitor = free.first() if name else None
    if visitor is None:
        setattr(request, _COOKIE, "")
    return visitor


class VisitorMiddleware:
    """Carries out on the response what `volunteer_of` decided about the visitor's cookie."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        name = getattr(request, _COOKIE, None)
        if name:
            response.set_signed_cookie(
                settings.VISITOR_COOKIE, name, salt=_SALT, max_age=settings.VISITOR_COOKIE_AGE_S, httponly=True, samesite="Lax",
                secure=settings.SESSION_COOKIE_SECURE,
            )  # fmt: skip
        elif name == "":
            response.delete_cookie(settings.VISITOR_COOKIE, samesite="Lax")
        return response
