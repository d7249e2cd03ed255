"""How often somebody may do something: windows per person (or key) and per address, counted in the cache.

The numbers stand in LIMITS and, for people, in docs/reference/limits.md; a test compares the two. They let a school class work behind
one address. Views of the API are throttled by `Throttle`; pages and services call `spend` or `spend_request`. Who is over a limit gets
`TooMany`: a problem document in the API, a page (`TooManyMiddleware`) elsewhere, both with 429 and Retry-After.
"""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from rest_framework.throttling import BaseThrottle

from core import counters
from core.addresses import address_id
from core.problems import Problem

MINUTE, HOUR, DAY = 60, 3600, 86_400
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Window(NamedTuple):
    """At most `limit` times in `seconds`."""

    limit: int
    seconds: int


class Limit(NamedTuple):
    """The windows of one scope: of each person or key, and of each address, behind which many may sit."""

    person: tuple[Window, ...]
    address: tuple[Window, ...]


LIMITS = {
    "reads": Limit((Window(600, MINUTE),), (Window(6000, MINUTE),)),
    "queue": Limit((Window(60, MINUTE),), (Window(1200, MINUTE),)),
    "votes": Limit((Window(120, MINUTE), Window(20_000, DAY)), (Window(3000, MINUTE),)),
    "writes": Limit((Window(60, MINUTE),), (Window(600, MINUTE),)),
    "comments": Limit((Window(6, MINUTE), Window(100, DAY)), (Window(180, MINUTE),)),
    "tags": Limit((Window(30, MINUTE), Window(1000, DAY)), (Window(900, MINUTE),)),
    "exports": Limit((Window(10, MINUTE),), (Window(60, MINUTE),)),
    "visitors": Limit((), (Window(100, MINUTE), Window(3000, DAY))),
    "letters": Limit((Window(5, HOUR),), (Window(30, HOUR),)),
    "wrong keys": Limit((), (Window(60, MINUTE),)),
    "wrong passwords": Limit((Window(5, MINUTE), Window(20, HOUR)), (Window(30, MINUTE),)),
    "wrong passwords from anywhere": Limit((Window(100, HOUR),), ()),
    "wrong codes": Limit((Window(5, MINUTE), Window(20, HOUR)), (Window(30, MINUTE),)),
    "wrong codes from anywhere": Limit((Window(60, HOUR),), ()),
    "names": Limit((Window(5, DAY),), ()),
}


class TooMany(Problem):
    """Somebody is over a limit. `wait`: after how many seconds the next try may succeed."""

    status_code = 429

    def __init__(self, wait: int) -> None:
        words = ngettext(
            "That was more than this site takes in so short a time, from you or from the network you are in. Nothing of it was stored, "
            "and nothing else was lost. Please wait %(wait)d second and send it again.",
            "That was more than this site takes in so short a time, from you or from the network you are in. Nothing of it was stored, "
            "and nothing else was lost. Please wait %(wait)d seconds and send it again.",
            wait,
        )
        super().__init__(words % {"wait": wait}, title=_("A little slower, please"), retry_after=wait)
        self.wait: int = wait


def spend(scope: str, *, person: str = "", address: str = "") -> None:
    """Count one act of a person (any name that stays theirs) from an address (`address_id`). Raises TooMany when a window is full."""
    if not settings.THROTTLES:
        return
    windows = _windows(scope, person, address)
    full = counters.count(windows) if windows else None
    if full is not None:
        raise TooMany(full[1])


def take_back(scope: str, *, person: str = "", address: str = "") -> None:
    """Uncount one act that `spend` has counted, as where only failures count. A window that has ended meanwhile stays so."""
    for name, _seconds, _limit in _windows(scope, person, address) if settings.THROTTLES else ():
        with suppress(ValueError):  # it has ended
            cache.decr(name)


def forget(scope: str, *, person: str = "", address: str = "") -> None:
    """Begin the windows anew."""
    cache.delete_many([name for name, _seconds, _limit in _windows(scope, person, address)])


def _windows(scope: str, person: str, address: str) -> list[tuple[str, int, int]]:
    limit = LIMITS[scope]
    kinds = [("p", person, limit.person), ("a", address, limit.address)]
    return [(f"throttle:{scope}:{kind}:{name}:{each.seconds}", each.seconds, each.limit) for kind, name, rows in kinds if name for each in rows]


def spend_request(scope: str, request: Any) -> None:
    """Count a request against its key, person or visitor, and against its address. Raises TooMany."""
    if settings.THROTTLES:
        spend(scope, person=person_of(request), address=address_id(request))


def person_of(request: Any) -> str:
    """Name whoever asks: the key, else the account, else the visitor's cookie as it came; empty for none of them.

    A cookie that was made up gives a new visitor, which has a limit of its own.
    """
    if (token := getattr(request, "auth", None)) is not None:
        return f"key {token.pk}"
    if request.user.is_authenticated:
        return f"account {request.user.pk}"
    cookie = request.COOKIES.get(settings.VISITOR_COOKIE, "")
    return f"visitor {hashlib.sha256(cookie.encode()).hexdigest()[:32]}" if cookie else ""


class Throttle(BaseThrottle):
    """Of every view of the API. A view names the scope of each method in `throttle_scopes`; else it is reads or writes."""

    def allow_request(self, request: Any, view: Any) -> bool:
        scope = getattr(view, "throttle_scopes", {}).get(request.method) or ("reads" if request.method in SAFE else "writes")
        spend_request(scope, request)
        return True


class TooManyMiddleware:
    """Shows people who are over a limit a page that says so."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, TooMany):
            return None
        return page_of(request, exception)


def page_of(request: HttpRequest, problem: TooMany) -> HttpResponse:
    """Return the page, or for htmx the fragment, that says how long to wait."""
    fragment = request.headers.get("HX-Request") and not request.headers.get("HX-Boosted")
    response = render(request, "components/_too_many.html" if fragment else "429.html", {"problem": problem}, status=problem.status_code)
    response["Retry-After"] = str(problem.wait)
    return response
