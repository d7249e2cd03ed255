"""Collections to read: public ones, one's own, one of them, and as a file."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from core import throttles
from talk import services
from talk.files import file_of
from talk.markdown import render as render_markdown
from talk.models import Collection
from talk.requests import hosts_of, viewer_of
from talk.selectors import (
    collection_for,
    collection_list,
    collection_page,
    collections_of,
    find_people,
    public_collections,
)
from talk.viewers import Viewer


def collection_or_404(viewer: Viewer, public_id: str) -> Collection:
    """The collection; a private one of somebody else is as good as none."""
    found = collection_for(viewer, public_id)
    if found is None:
        raise Http404("There is no such collection.")
    return found


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Public collections, those changed last first, or those whose title holds what is searched for."""
    viewer, text = viewer_of(request), request.GET.get("q", "").replace("\x00", "").strip()[:120]
    page = collection_list(viewer, public_collections(text), request.GET.get("page"))
    return render(request, "talk/collections.html", {"page": page, "text": text, "query": urlencode({"q": text}) if text else ""})


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """One's own favourites and collections; what was collected before signing in moves over here."""
    viewer = viewer_of(request)
    if viewer.signed_in and viewer.volunteer is not None:
        services.adopt_collections(volunteer=viewer.volunteer, now=timezone.now())
    page = collection_list(viewer, collections_of(viewer.volunteer), request.GET.get("page"), own=True)
    return render(request, "talk/my_collections.html", {"page": page})


@require_safe
def collection(request: HttpRequest, collection_id: str) -> HttpResponse:
    """One collection: what its owner says about it, and its subjects."""
    viewer = viewer_of(request)
    return render(request, "talk/collection.html", collection_context(request, viewer, collection_or_404(viewer, collection_id)))


def collection_context(request: HttpRequest, viewer: Viewer, found: Collection) -> dict[str, Any]:
    """What the page of a collection shows."""
    shown = collection_page(viewer, found, request.GET.get("page"))
    about = render_markdown(found.description, hosts=hosts_of(request), find_people=find_people).html if found.description else ""
    return {"shown": shown, "collection": found, "about": about, "most": services.MAX_SUBJECTS, "moderates": viewer.moderates and not shown.mine}


@require_safe
def export(request: HttpRequest, collection_id: str, file_format: str) -> HttpResponseBase:
    """The subjects of a collection as a file."""
    throttles.spend_request("exports", request)
    viewer = viewer_of(request)
    found = collection_or_404(viewer, collection_id)
    return file_of(viewer, found, file_format, site=f"{request.scheme}://{request.get_host()}")
