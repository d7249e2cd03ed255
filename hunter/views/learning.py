"""Pages to learn from: how it all works, and the field guide."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

import classify.selectors

TRAILS = ("asteroid-trail", "asteroid-curved", "asteroid-s-shaped")


@require_safe
def how_it_works(request: HttpRequest) -> HttpResponse:
    """What trails are, why they bend, and what becomes of an answer; for schools and newcomers, and to be printed."""
    entries = classify.selectors.field_guide()
    by_slug = {entry.slug: entry for entry in entries}
    context = {
        "trails": [by_slug[slug] for slug in TRAILS if slug in by_slug],
        "others": [entry for entry in entries if not entry.slug.startswith("asteroid-")],
        "training_url": training_url(),
    }
    return render(request, "hunter/how_it_works.html", context)


@require_safe
def field_guide(request: HttpRequest) -> HttpResponse:
    """All entries of the field guide on one page."""
    return render(request, "hunter/field_guide.html", {"field_guide": classify.selectors.field_guide()})


def training_url() -> str:
    """Where newcomers begin: the live workflow for that, else where one chooses."""
    flow = classify.selectors.workflow_with("training")
    return reverse("classify", args=[flow.slug]) if flow is not None and flow.live and flow.current_version else reverse("classify_index")
