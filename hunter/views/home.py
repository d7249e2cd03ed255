"""The home page and its live counters."""

from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hunter import overview

COUNTERS_S = 5


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What this is, the question, Start, and what has been found so far."""
    context = {"stats": _stats(), "workflows": overview.open_workflows(), "hero": overview.hero(), "recent": overview.recent_finds(8)}
    return render(request, "hunter/home.html", context)


@require_safe
def counters(request: HttpRequest) -> HttpResponse:
    """The counters alone, polled by the home page."""
    return render(request, "hunter/_counters.html", {"stats": _stats()})


def _stats() -> dict[str, Any]:
    """Counters for everybody are computed once in a few seconds, whoever asks."""
    return cache.get_or_set("home-stats", overview.stats, COUNTERS_S) or {}
