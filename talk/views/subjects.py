"""Talk's part of a subject's page: its thread, tag chips, and Show. Each post answers with the fragment (htmx) or goes back."""

from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

import classify.selectors
import classify.services
from classify.visitors import volunteer_of
from talk import services
from talk.forms import CommentForm, TagForm
from talk.requests import address_of, viewer_of
from talk.selectors import subject_context, worded
from talk.selectors.thumbnails import thumbnails
from talk.services import TalkError
from talk.viewers import Viewer
from talk.views.shared import back, composer, sign_in
from talk.views.writing import draft_of

if TYPE_CHECKING:
    from classify.models import Subject


def root_or_404(public_id: int) -> "Subject":
    """The root of the subject of this number."""
    found = classify.selectors.subject_by_public_id(public_id)
    if found is None:
        raise Http404("There is no such subject.")
    return found.root or found


def _render(
    request: HttpRequest, viewer: Viewer, root: "Subject", *, form: CommentForm | None = None, error: Any = "", status: int = 200, **more: Any
) -> HttpResponse:
    """Render the fragment for htmx (always 200: htmx swaps in only what succeeded), else the page around it."""
    context = subject_context(root, viewer.volunteer)
    context["talk"] |= {"composer": composer(request, form, error=error), **more}
    if request.headers.get("HX-Request"):
        return render(request, "talk/_subject_fragment.html", context)
    worded([context["talk"]["discussion"].board] if context["talk"].get("discussion") else [])
    context["thumbnail"] = thumbnails([root.pk]).get(root.pk)
    return render(request, "talk/subject.html", context, status=status)


@require_safe
def subject(request: HttpRequest, public_id: int) -> HttpResponse:
    """Thread, tags and composer of a subject."""
    return _render(request, viewer_of(request), root_or_404(public_id))


@require_POST
def show(request: HttpRequest, public_id: int) -> HttpResponse:
    """Open what is hidden, for ever and for this person only: they will not be asked to classify the subject."""
    root = root_or_404(public_id)
    volunteer = volunteer_of(request, create=True)
    classify.services.reveal(volunteer=volunteer, root=root, now=timezone.now())
    if request.headers.get("HX-Request"):
        return _render(request, Viewer(user=request.user, volunteer=volunteer), root)
    return back(request, f"/talk/subjects/{public_id}/")


@require_POST
def post(request: HttpRequest, public_id: int) -> HttpResponse:
    """Comment on a subject; the first comment makes its discussion."""
    if not request.user.is_authenticated:
        return sign_in(request, f"/talk/subjects/{public_id}/")
    viewer, root = viewer_of(request, create=True), root_or_404(public_id)
    form = CommentForm(request.POST)
    if "preview" in request.POST or not form.is_valid():
        return _render(request, viewer, root, form=form, status=200 if form.is_valid() else 400)
    try:
        comment = services.comment_on_subject(viewer=viewer, subject=root, draft=draft_of(request, form.cleaned_data), now=timezone.now())
    except TalkError as error:
        return _render(request, viewer, root, form=form, error=error.message, status=error.status)
    return _render(request, viewer, root) if request.headers.get("HX-Request") else redirect(address_of(comment))


@require_POST
def add_tag(request: HttpRequest, public_id: int) -> HttpResponse:
    """Put a tag on a subject."""
    if not request.user.is_authenticated:
        return sign_in(request, f"/talk/subjects/{public_id}/")
    viewer, root = viewer_of(request, create=True), root_or_404(public_id)
    form = TagForm(request.POST)
    form.is_valid()
    try:
        services.add_tag(viewer=viewer, subject=root, name=form.cleaned_data.get("tag", ""), now=timezone.now())
    except TalkError as error:
        return _tags(request, viewer, root, error=error, text=request.POST.get("tag", "")[:80])
    return _tags(request, viewer, root)


@require_POST
def remove_tag(request: HttpRequest, public_id: int, tag: str) -> HttpResponse:
    """Take back one's own tag."""
    if not request.user.is_authenticated:
        return sign_in(request, f"/talk/subjects/{public_id}/")
    viewer, root = viewer_of(request, create=True), root_or_404(public_id)
    try:
        services.remove_tag(viewer=viewer, subject=root, name=tag)
    except TalkError as error:
        return _tags(request, viewer, root, error=error)
    return _tags(request, viewer, root)


def _tags(request: HttpRequest, viewer: Viewer, root: "Subject", *, error: TalkError | None = None, text: str = "") -> HttpResponse:
    """Answer with the chips for htmx; else go back to where the form was, or show what is wrong."""
    more: dict[str, Any] = {"tag_error": error.message, "tag_text": text} if error else {}
    if request.headers.get("HX-Request"):
        context = subject_context(root, viewer.volunteer)
        context["talk"] |= more
        return render(request, "talk/_tags_fragment.html", context)
    if error:
        return _render(request, viewer, root, status=error.status, **more)
    return back(request, f"/talk/subjects/{root.public_id}/")
