"""Sets of subjects in the lab: /lab/sets/. They are filled from lists, tags, collections and answers, so they stand above the rooms."""

import random
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

import classify.selectors
import classify.services
from classify.lab.frame import may_edit
from classify.selectors.lab import lab_sets, members_of, set_by_slug
from classify.services.workflows import LabError
from hunter.subject_sets import MAX_NAME, MembersForm, Named, NameForm, NewSetForm, UnknownSubjects, slug_of
from talk.requests import viewer_of
from talk.selectors.thumbnails import thumbnails

PER_PAGE = 24
_SHOWN = 100  # unknown entries that are named
_RNG = random.SystemRandom()
_TAKES = ["GET", "HEAD", "POST"]


@may_edit
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All sets."""
    return render(request, "hunter/subject_sets.html", {"sets": lab_sets()})


@may_edit
@require_http_methods(_TAKES)
def new(request: HttpRequest) -> HttpResponse:
    """Make a set, with subjects in it or without; ?tag= and ?collection= come from Talk."""
    if request.method != "POST":
        tag, collection = request.GET.get("tag", "")[:80], request.GET.get("collection", "")[:200]
        form = NewSetForm(initial={"name": tag, "tag": tag, "collection": collection})
        return render(request, "hunter/subject_set_new.html", {"form": form})
    form = NewSetForm(request.POST, request.FILES)
    if not form.is_valid():
        return _form_page(request, "hunter/subject_set_new.html", form)
    try:
        named = form.named(viewer_of(request)) or Named([])
        about = {"slug": slug_of(form.cleaned_data["name"]), **{key: form.cleaned_data[key] for key in ("name", "purpose")}}
        made = classify.services.create_set(**about, subject_ids=named.roots, actor=request.user, now=timezone.now())
    except LabError as error:
        return _form_page(request, "hunter/subject_set_new.html", form, error=error)
    messages.success(request, _("The set is made. Choose it in a workflow, under Subjects, to ask about its subjects."))
    _tell_left_out(request, named)
    return redirect("subject_set", made.slug)


@may_edit
@require_http_methods(_TAKES)
def one(request: HttpRequest, slug: str) -> HttpResponse:
    """A set with pictures of its subjects; here it is renamed, deleted, and single subjects are taken out."""
    found = _set_or_404(slug)
    if request.method == "POST":
        return _change(request, found)
    page: Any = Paginator(members_of(found), PER_PAGE).get_page(request.GET.get("page"))
    page.object_list = list(page.object_list)
    pictures = thumbnails(subject.pk for subject in page.object_list)
    for subject in page.object_list:
        subject.thumbnail = pictures.get(subject.pk)
    context = {"set": found, "page": page, "pictures": pictures.values(), "by_hand": found.purpose != "gold", "form": NameForm({"name": found.name})}
    return render(request, "hunter/subject_set.html", context)


def _change(request: HttpRequest, found: Any) -> HttpResponse:
    action, number = request.POST.get("do", ""), request.POST.get("subject", "")
    about = {"subject_set": found, "actor": request.user, "now": timezone.now()}
    try:
        if action == "delete":
            classify.services.delete_set(**about)
            messages.success(request, _("The set %(name)s is gone. Its subjects are still there.") % {"name": found.name})
            return redirect("subject_sets")
        if action == "take":
            numbers = [int(number)] if number.isascii() and number.isdigit() and len(number) <= 18 else []
            _tell_taken(request, classify.services.take_from_set(subject_ids=classify.selectors.roots_by_public_ids(numbers).values(), **about))
        else:
            _rename(request, about)
    except LabError as error:
        messages.error(request, str(error))
    return redirect("subject_set", found.slug)


def _rename(request: HttpRequest, about: dict[str, Any]) -> None:
    form = NameForm(request.POST)
    if not form.is_valid():
        raise LabError(_("Give the set a name of at most %(n)d characters. Nothing was stored.") % {"n": MAX_NAME})
    classify.services.rename_set(name=form.cleaned_data["name"], **about)
    messages.success(request, _("The name is stored. The address stays as it is."))


@may_edit
@require_http_methods(_TAKES)
def members(request: HttpRequest, slug: str) -> HttpResponse:
    """Put subjects into a set, or take them out, by any of the ways in which they can be named."""
    found = _set_or_404(slug)
    form = MembersForm(request.POST, request.FILES) if request.method == "POST" else MembersForm()
    if not form.is_valid():
        return _form_page(request, "hunter/subject_set_members.html", form, set=found)
    try:
        named = form.named(viewer_of(request))
        if named is None:
            raise LabError(_("Name some subjects first, in one of these ways. Nothing was stored."))
        about = {"subject_set": found, "subject_ids": named.roots, "actor": request.user, "now": timezone.now()}
        if request.POST.get("do") == "take":
            _tell_taken(request, classify.services.take_from_set(**about))
        else:
            _tell_filled(request, classify.services.fill_set(rng=_RNG, **about), found)
    except LabError as error:
        return _form_page(request, "hunter/subject_set_members.html", form, error=error, set=found)
    _tell_left_out(request, named)
    return redirect("subject_set", slug)


# --- what is said --------------------------------------------------------------------------------


def _tell_filled(request: HttpRequest, filled: Any, found: Any) -> None:
    messages.success(request, ngettext("%(n)d subject was added.", "%(n)d subjects were added.", filled.added) % {"n": filled.added})
    if found.workflows.all():
        said = ngettext("In the workflows that use the set, %(n)d more waits.", "In the workflows that use the set, %(n)d more wait.", filled.opened)
        messages.success(request, said % {"n": filled.opened})


def _tell_taken(request: HttpRequest, n: int) -> None:
    messages.success(request, ngettext("%(n)d subject was taken out.", "%(n)d subjects were taken out.", n) % {"n": n})
    if n:
        messages.info(request, _("Workflows that have asked about what was taken out go on asking: somebody may have voted."))


def _tell_left_out(request: HttpRequest, named: Named) -> None:
    if named.unknown:
        n = len(named.unknown)
        said = ngettext(
            "%(n)d entry of the list is no subject here and was left out.", "%(n)d entries of the list are no subjects here and were left out.", n
        )
        messages.warning(request, said % {"n": n})


def _form_page(request: HttpRequest, template: str, form: MembersForm, *, error: LabError | None = None, **more: Any) -> HttpResponse:
    unknown = error.entries if isinstance(error, UnknownSubjects) else ()
    context = {"form": form, "error": error, "unknown": unknown[:_SHOWN], "n_more": max(0, len(unknown) - _SHOWN), **more}
    return render(request, template, context, status=400 if form.is_bound else 200)


def _set_or_404(slug: str) -> Any:
    found = set_by_slug(slug)
    if found is None:
        raise Http404(_("There is no such set."))
    return found
