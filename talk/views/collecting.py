"""Collecting: hearts, and collections made, filled, changed and deleted. All forms work without JavaScript."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from classify.visitors import volunteer_of
from core import throttles
from talk import services
from talk.forms import AboutForm, CollectionForm, SourceForm
from talk.models import Collection
from talk.requests import viewer_of
from talk.selectors import collecting_context, owns
from talk.services import About, TalkError
from talk.viewers import Viewer
from talk.views.collections import collection_or_404
from talk.views.shared import back, sign_in
from talk.views.subjects import root_or_404


def _own_or_404(viewer: Viewer, public_id: str) -> Collection:
    """One's own collection. What is public but somebody else's has no page for changing it."""
    found = collection_or_404(viewer, public_id)
    if not owns(viewer, found):
        raise Http404("This collection is somebody else's.")
    return found


def _about(data: dict[str, Any]) -> About:
    return About(title=data["title"], description=data["description"], public=data["public"])


def _roots(viewer: Viewer, form: SourceForm) -> list[int]:
    """The subjects that a valid form means, none where nothing was named. Raises TalkError."""
    if (entries := form.entries) is not None:
        return services.roots_of(entries)
    return services.roots_with_tag(viewer=viewer, name=form.cleaned_data["tag"]) if form.cleaned_data["tag"] else []


# --- from the page of a subject ------------------------------------------------------------------


@require_POST
def favourite(request: HttpRequest, public_id: int) -> HttpResponse:
    """Put a subject among one's favourites, or take it away; visitors have favourites, too."""
    throttles.spend_request("writes", request)
    root = root_or_404(public_id)
    viewer = Viewer(user=request.user, volunteer=volunteer_of(request, create=True))
    try:
        services.set_favourite(viewer=viewer, subject=root, on=request.POST.get("on") != "0", now=timezone.now())
    except TalkError as error:
        messages.error(request, str(error.message))
    return back(request, f"/subjects/{public_id}/")


@require_POST
def collect(request: HttpRequest, public_id: int) -> HttpResponse:
    """Put a subject into one of one's collections or a new one, or take it out; answers with the menu (htmx) or goes back."""
    if not request.user.is_authenticated:
        return sign_in(request, f"/subjects/{public_id}/")
    throttles.spend_request("writes", request)
    viewer, root, error = viewer_of(request, create=True), root_or_404(public_id), ""
    try:
        _collect(request, viewer, root)
    except TalkError as refused:
        error = str(refused.message)
    if request.headers.get("HX-Request"):
        context = collecting_context(root, viewer.volunteer)
        context["collecting"] |= {"error": error, "title": request.POST.get("title", "")[:200] if error else ""}
        return render(request, "talk/_collect.html", {**context, "opened": True})
    if error:
        messages.error(request, error)
    return back(request, f"/subjects/{public_id}/")


def _collect(request: HttpRequest, viewer: Viewer, root: Any) -> None:
    now = timezone.now()
    if "title" in request.POST:
        services.make_collection(viewer=viewer, about=About(request.POST["title"]), roots=[root.pk], now=now)
        return
    found = _own_or_404(viewer, request.POST.get("collection", ""))
    if request.POST.get("on") == "0":
        services.remove_subject(viewer=viewer, collection=found, subject=root, now=now)
    else:
        services.add_subjects(viewer=viewer, collection=found, roots=[root.pk], now=now)


# --- a collection --------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The form for a new collection, and its sending."""
    if not request.user.is_authenticated:
        return sign_in(request, request.get_full_path())
    if request.method != "POST":
        return _form_page(request, "talk/collection_new.html", CollectionForm(initial={"tag": request.GET.get("tag", "")[:80]}))
    throttles.spend_request("writes", request)
    form, viewer = CollectionForm(request.POST, request.FILES), viewer_of(request, create=True)
    if not form.is_valid():
        return _form_page(request, "talk/collection_new.html", form)
    try:
        made = services.make_collection(viewer=viewer, about=_about(form.cleaned_data), roots=_roots(viewer, form), now=timezone.now())
    except TalkError as error:
        return _form_page(request, "talk/collection_new.html", form, error=error)
    return redirect("collection", made.public_id)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, collection_id: str) -> HttpResponse:
    """The form for what is said about one's own collection, and its sending."""
    viewer = viewer_of(request)
    found = _own_or_404(viewer, collection_id)
    if request.method != "POST":
        said = {name: getattr(found, name) for name in ("title", "description", "public")}
        return _form_page(request, "talk/collection_edit.html", _about_form(viewer, found, initial=said), collection=found)
    throttles.spend_request("writes", request)
    form = _about_form(viewer, found, request.POST)
    if not form.is_valid():
        return _form_page(request, "talk/collection_edit.html", form, collection=found)
    data = {"title": found.title, "public": False} | form.cleaned_data
    try:
        services.change_collection(viewer=viewer, collection=found, about=_about(data), now=timezone.now())
    except TalkError as error:
        return _form_page(request, "talk/collection_edit.html", form, error=error, collection=found)
    messages.success(request, _("The collection was changed."))
    return redirect("collection", collection_id)


def _about_form(viewer: Viewer, found: Collection, *args: Any, **kwargs: Any) -> AboutForm:
    """The form without what cannot be changed: favourites keep their title, visitors' favourites stay private."""
    form = AboutForm(*args, **kwargs)
    for name in [*(["title"] if found.favourites else []), *([] if viewer.signed_in else ["public"])]:
        del form.fields[name]
    return form


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest, collection_id: str) -> HttpResponse:
    """The form for more subjects, and its sending: all of them or none."""
    viewer = viewer_of(request)
    found = _own_or_404(viewer, collection_id)
    if request.method != "POST":
        return _form_page(request, "talk/collection_add.html", SourceForm(), collection=found)
    throttles.spend_request("writes", request)
    form = SourceForm(request.POST, request.FILES)
    if not form.is_valid():
        return _form_page(request, "talk/collection_add.html", form, collection=found)
    try:
        roots = _roots(viewer, form) or services.roots_of([])
        n = services.add_subjects(viewer=viewer, collection=found, roots=roots, now=timezone.now())
    except TalkError as error:
        return _form_page(request, "talk/collection_add.html", form, error=error, collection=found)
    messages.success(request, ngettext("%(n)d subject was added.", "%(n)d subjects were added.", n) % {"n": n})
    return redirect("collection", collection_id)


def _form_page(request: HttpRequest, template: str, form: forms.Form, *, error: TalkError | None = None, **more: Any) -> HttpResponse:
    status = error.status if error else 400 if form.errors else 200
    context = {"form": form, "error": error.message if error else "", "most": services.MAX_SUBJECTS, **more}
    return render(request, template, context, status=status)


@require_POST
def remove(request: HttpRequest, collection_id: str) -> HttpResponse:
    """Take a subject out of one's own collection."""
    throttles.spend_request("writes", request)
    viewer = viewer_of(request)
    found = _own_or_404(viewer, collection_id)
    number = request.POST.get("subject", "")
    root = root_or_404(int(number) if number.isascii() and number.isdigit() and len(number) <= 18 else -1)
    services.remove_subject(viewer=viewer, collection=found, subject=root, now=timezone.now())
    messages.success(request, _("S%(number)s was taken out.") % {"number": root.public_id})
    return back(request, f"/collections/{collection_id}/")


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, collection_id: str) -> HttpResponse:
    """Ask, and delete one's own collection."""
    viewer = viewer_of(request)
    found = _own_or_404(viewer, collection_id)
    if request.method != "POST":
        return render(request, "talk/collection_delete.html", {"collection": found, "n_items": found.items.count()})
    services.delete_collection(viewer=viewer, collection=found)
    messages.success(request, _("The collection was deleted. Its subjects are still there."))
    return redirect("my_collections")


@require_POST
def hide(request: HttpRequest, collection_id: str) -> HttpResponse:
    """Make somebody's public collection private; for moderators."""
    viewer = viewer_of(request, create=True)
    found = collection_or_404(viewer, collection_id)
    try:
        services.hide_collection(viewer=viewer, collection=found, now=timezone.now())
    except TalkError as error:
        messages.error(request, str(error.message))
        return redirect("collection", collection_id)
    messages.success(request, _("The collection is private now; only its owner sees it."))
    return redirect("collections")
