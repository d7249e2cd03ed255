"""Pages of the lab where texts are written: tutorials, translations, the field guide. Pictures are taken with any of their buttons."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from classify.changes import fingerprint
from classify.lab import pages as parts
from classify.lab.forms import RESERVED, GuideForm
from classify.lab.frame import frame, may_edit, workflow_or_404
from classify.models import FieldGuide, Workflow
from classify.services import guides
from classify.services.workflows import LabError, Outdated, begun_with

_TAKES = ["GET", "HEAD", "POST"]


def _language(request: HttpRequest) -> str:
    """The language that is written; empty for the one the texts were first written in."""
    asked = request.GET.get("language", "")
    return asked if asked in dict(settings.LANGUAGES) and asked != settings.LANGUAGE_CODE else ""


def _languages(request: HttpRequest, *, own: bool = True) -> dict[str, Any]:
    rows = [{"code": code, "name": name} for code, name in settings.LANGUAGES if own or code != settings.LANGUAGE_CODE]
    return {"languages": rows, "language": _language(request) or settings.LANGUAGE_CODE, "address": request.path}


def _picture(request: HttpRequest, name: str) -> str:
    """The key of a picture that came with the form; empty without one. Raises LabError for what is none."""
    sent = request.FILES.get(name)
    if sent is None:
        return ""
    data = sent.read(guides.MAX_PICTURE_BYTES + 1)
    return guides.store_picture(data=data, name=str(sent.name or ""), actor=request.user, now=timezone.now()).image_key


# --- tutorial ------------------------------------------------------------------------------------


@may_edit
@require_http_methods(_TAKES)
def tutorial(request: HttpRequest, slug: str) -> HttpResponse:
    """The pages of a workflow's tutorial, in the language they were written in or another."""
    workflow, language = workflow_or_404(slug), _language(request)
    stored = guides.tutorial_pages(workflow, language)
    if request.method != "POST":
        pages = [parts.Page(page["title"], page["body"], page.get("image", ""), number) for number, page in enumerate(stored)]
        return _tutorial(request, workflow, pages, fingerprint(stored))
    pages, base, action = parts.read_pages(request.POST), request.POST.get("base", ""), request.POST.get("do", "")
    if not action and request.headers.get("HX-Request"):
        return render(request, "classify/lab/_pages_look.html", {"pages": pages, **_languages(request)})
    if not language:
        _take_pictures(request, pages)
    if action != "save":
        if not language and action:
            parts.act(pages, action)
        return _tutorial(request, workflow, pages, base, unsaved=True)
    if not parts.check_pages(pages, translated=bool(language)):
        return _tutorial(request, workflow, pages, base, unsaved=True, status=400)
    try:
        rows = [page.stored() for page in pages]
        guides.save_tutorial(workflow=workflow, language=language, pages=rows, base=base, actor=request.user, now=timezone.now())
    except Outdated:
        return _tutorial(request, workflow, pages, fingerprint(stored), unsaved=True, rival=stored, status=409)
    messages.success(request, _("The tutorial is saved. Newcomers see it now."))
    return redirect(f"{request.path}?language={language}" if language else request.path)


def _take_pictures(request: HttpRequest, pages: list[parts.Page]) -> None:
    for number, page in enumerate(pages):
        try:
            page.image = _picture(request, f"page-{number}-picture") or page.image
        except LabError as error:
            page.error = str(error)


def _tutorial(request: HttpRequest, workflow: Workflow, pages: list[parts.Page], base: str, *, status: int = 200, **more: Any) -> HttpResponse:
    originals = guides.tutorial_pages(workflow, "") if _language(request) else []
    context = {
        **frame(request, workflow),
        **_languages(request),
        "pages": [{"page": page, "original": originals[number] if number < len(originals) else None} for number, page in enumerate(pages)],
        "plain_pages": pages,
        "translated": bool(_language(request)),
        "base": base,
        "wrong": any(page.error for page in pages),
        "may_add": len(pages) < parts.MAX_PAGES,
    }
    return render(request, "classify/lab/tutorial.html", {**context, **more}, status=400 if context["wrong"] and status == 200 else status)


# --- translations --------------------------------------------------------------------------------


@may_edit
@require_http_methods(_TAKES)
def words(request: HttpRequest, slug: str) -> HttpResponse:
    """What a workflow is called and asks, in another language, beside the original."""
    workflow = workflow_or_404(slug)
    others = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
    language = _language(request) or others[0]
    begun = begun_with(workflow)
    given = guides.workflow_words(workflow, language)
    lines = parts.sayings({"name": workflow.name, "summary": workflow.summary}, begun[0] if begun else {}, given)
    context = {**frame(request, workflow), **_languages(request, own=False), "language": language, "parts_of": lines, "base": fingerprint(given)}
    if request.method != "POST":
        return render(request, "classify/lab/words.html", context)
    made = parts.words_from(request.POST, lines)
    try:
        base = request.POST.get("base", "")
        guides.save_words(workflow=workflow, language=language, words=made, base=base, actor=request.user, now=timezone.now())
    except Outdated:
        return render(request, "classify/lab/words.html", {**context, "outdated": True}, status=409)
    messages.success(request, _("The translation is saved."))
    return redirect(f"{request.path}?language={language}")


# --- field guide ---------------------------------------------------------------------------------


@may_edit
@require_http_methods(_TAKES)
def guide(request: HttpRequest) -> HttpResponse:
    """All entries in their order; buttons move them and take them out."""
    if request.method == "POST":
        verb, _space, slug = request.POST.get("do", "").partition(" ")
        entry = _entry_or_404(slug)
        if verb in {"up", "down"}:
            guides.move_guide_entry(entry=entry, up=verb == "up", actor=request.user, now=timezone.now())
        elif verb == "delete":
            guides.delete_guide_entry(entry=entry, actor=request.user, now=timezone.now())
            messages.success(request, _("The entry %(title)s is gone from the field guide.") % {"title": entry.title})
        return redirect("lab_guide")
    return render(request, "classify/lab/guide.html", {"entries": FieldGuide.objects.prefetch_related("texts")})


@may_edit
@require_http_methods(_TAKES)
def guide_new(request: HttpRequest) -> HttpResponse:
    """Write a new entry; it comes last."""
    return _guide_entry(request, None)


@may_edit
@require_http_methods(_TAKES)
def guide_entry(request: HttpRequest, slug: str) -> HttpResponse:
    """Write an entry in one language."""
    return _guide_entry(request, _entry_or_404(slug))


def _entry_or_404(slug: str) -> FieldGuide:
    found = FieldGuide.objects.filter(slug=slug).first()
    if found is None:
        raise Http404(_("There is no such entry in the field guide."))
    return found


def _guide_entry(request: HttpRequest, entry: FieldGuide | None) -> HttpResponse:
    language = _language(request) if entry else ""
    sent = request.method == "POST"
    begun: dict[str, Any] = guides.guide_words(entry, language) if entry else {}
    form = GuideForm(request.POST if sent else None, request.FILES or None, is_new=entry is None, language=language, initial=begun)
    base = guides.guide_base(entry, language) if entry else ""
    context = {"entry": entry, "form": form, "base": base, "translated": bool(language), **_languages(request)}
    if not sent:
        return render(request, "classify/lab/guide_entry.html", context)
    if form.is_valid() and not _is_taken(form):
        try:
            made = _store_entry(request, entry, language, form)
            messages.success(request, _("The field guide is saved. Everybody sees it now."))
            return redirect(reverse("lab_guide_entry", args=[made.slug]) + (f"?language={language}" if language else ""))
        except Outdated:
            return render(request, "classify/lab/guide_entry.html", {**context, "rival": begun}, status=409)
        except LabError as error:
            form.add_error("picture", str(error))
    return render(request, "classify/lab/guide_entry.html", {**context, "base": request.POST.get("base", "")}, status=400)


def _is_taken(form: GuideForm) -> bool:
    slug = form.cleaned_data.get("slug")
    if slug and (slug in RESERVED or FieldGuide.objects.filter(slug=slug).exists()):
        form.add_error("slug", _("This address is taken."))
        return True
    return False


def _store_entry(request: HttpRequest, entry: FieldGuide | None, language: str, form: GuideForm) -> FieldGuide:
    kept = entry.image_key if entry and "no_picture" not in request.POST else ""
    return guides.save_guide_entry(
        entry=entry,
        slug=form.cleaned_data.get("slug", ""),
        language=language,
        words={"title": form.cleaned_data["title"], "body": form.cleaned_data["body"]},
        image_key=_picture(request, "picture") or kept,
        base=request.POST.get("base", ""),
        actor=request.user,
        now=timezone.now(),
    )


@may_edit
@require_POST
def markdown(request: HttpRequest) -> HttpResponse:
    """The fragment that shows what a text would look like (htmx)."""
    return render(request, "classify/lab/_markdown.html", {"text": request.POST.get("body", "")[: parts.MAX_BODY], **_languages(request)})
