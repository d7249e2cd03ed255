"""The pages that the team writes: read by everybody, written with hunter.edit_pages, agreed to where they are terms."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hunter import consents
from hunter.models import PageVersion
from hunter.pages import selectors
from hunter.pages.diffs import changes
from hunter.pages.forms import PageForm
from hunter.pages.places import ABOUT, PLACES
from hunter.pages.services import Outdated, PageError, seeds, write_version

may_edit = permission_required("hunter.edit_pages", raise_exception=True)


@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """The page in the reader's language, else in the site's own with a note."""
    shown = selectors.shown(slug, reading_language())
    context = _frame(slug) | {"shown": shown, "html": selectors.html_of(shown.version) if shown else ""}
    return render(request, "hunter/page.html", context)


@require_safe
def versions(request: HttpRequest, slug: str) -> HttpResponse:
    """All versions in one language (?language=), newest first; with ?since= straight to what changed since that number."""
    language = _asked_language(request)
    if since := _number(request.GET.get("since", "")):
        return _changed_since(slug, language, since)
    rows = selectors.versions(slug, language).defer("body")
    return render(request, "hunter/page_versions.html", _frame(slug) | {"versions": rows} | _languages(language))


@require_safe
def version(request: HttpRequest, slug: str, language: str, number: int) -> HttpResponse:
    """One version: its text, and what changed since the one before it, or since ?since=."""
    found = _version_or_404(slug, language, number)
    old = selectors.before(found, _number(request.GET.get("since", "")))
    context = {
        "version": found,
        "html": selectors.html_of(found),
        "old": old,
        "changes": changes(old.body, found.body) if old else [],
        "newest": selectors.newest(slug, language),
    }
    return render(request, "hunter/page_version.html", _frame(slug) | context | _languages(language))


@may_edit
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    """The editor of a page in one language, begun with the newest text, an earlier one (?from=) or that of the software (?from=seed)."""
    language = _asked_language(request)
    if request.method == "POST" and "preview" not in request.POST:
        return _save(request, slug, language)
    current = selectors.newest(slug, language)
    form = PageForm(request.POST if request.method == "POST" else None, asks=PLACES[slug].asks, initial=_begun(request, slug, language, current))
    return _editor(request, slug, language, form, current)


@may_edit
@require_POST
def preview(request: HttpRequest, slug: str) -> HttpResponse:
    """The fragment that shows what the text would look like (htmx)."""
    return render(request, "hunter/_page_preview.html", {"html": selectors.render(slug, request.POST.get("body", ""))})


@require_POST
def agree(request: HttpRequest) -> HttpResponse:
    """A signed-in person agrees to the terms that the banner showed them."""
    if not request.user.is_authenticated:
        return redirect("account_login")
    if request.POST.get("version") != str(consents.current_version()):
        messages.info(request, _("The terms have changed once more. Please look at them again."))
    else:
        consents.record(user=request.user, now=timezone.now(), language=reading_language())
        messages.success(request, _("Thank you. That is recorded."))
    target = request.POST.get("next", "")
    here = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(target if here else "/")


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Browsers ask for this address whatever the page says."""
    return redirect(static("img/favicon.svg"))


def reading_language() -> str:
    """The reader's language, without its region."""
    return (get_language() or settings.LANGUAGE_CODE).partition("-")[0]


def _changed_since(slug: str, language: str, since: int) -> HttpResponse:
    found = selectors.changed_since(slug, language, since)
    if found is None:
        return redirect("page", slug)
    return redirect(f"{reverse('page_version', args=[slug, found.language, found.version])}?since={since}")


def _save(request: HttpRequest, slug: str, language: str) -> HttpResponse:
    form = PageForm(request.POST, asks=PLACES[slug].asks)
    if not form.is_valid():
        return _editor(request, slug, language, form, selectors.newest(slug, language), status=400)
    text = form.text()
    try:
        write_version(slug=slug, language=language, text=text, author=request.user, now=timezone.now())
    except Outdated as error:
        again = PageForm(request.POST.dict() | {"base": error.now.version}, asks=PLACES[slug].asks)
        more = {"rival": error.now, "changes": changes(error.now.body, text.body)}
        return _editor(request, slug, language, again, error.now, status=409, **more)
    except PageError as error:
        return _editor(request, slug, language, form, selectors.newest(slug, language), status=400, error=str(error))
    messages.success(request, _("The page was saved. Everybody sees it now."))
    return redirect("page", slug)


def _editor(
    request: HttpRequest, slug: str, language: str, form: PageForm, current: PageVersion | None, *, status: int = 200, **more: Any
) -> HttpResponse:
    """Show the editor with a preview of what stands in it."""
    context = {"form": form, "current": current, "html": selectors.render(slug, str(form["body"].value() or ""))}
    return render(request, "hunter/page_edit.html", _frame(slug) | context | _languages(language) | more, status=status)


def _begun(request: HttpRequest, slug: str, language: str, current: PageVersion | None) -> dict[str, Any]:
    """Return what an editor begins with; where a language has no text yet, that of the site's own language, to be translated."""
    wanted = request.GET.get("from", "")
    base = {"base": current.version if current else 0}
    if wanted == "seed":
        return base | next(({"title": title, "body": body} for *where, title, body in seeds() if where == [slug, language]), {})
    number = _number(wanted)
    start = _version_or_404(slug, language, number) if number else current or selectors.newest(slug, settings.LANGUAGE_CODE)
    return base | ({"title": start.title, "body": start.body} if start else {})


def _frame(slug: str) -> dict[str, Any]:
    """What every view of a page shows around it."""
    return {"place": PLACES[slug], "tabs": ABOUT if PLACES[slug].about else ()}


def _languages(language: str) -> dict[str, Any]:
    return {"language": language, "languages": [{"code": code, "name": name} for code, name in settings.LANGUAGES]}


def _asked_language(request: HttpRequest) -> str:
    asked = request.GET.get("language", reading_language())
    return asked if asked in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def _number(text: str) -> int:
    """Return the number of a version that an address names; 0 if it names none."""
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _version_or_404(slug: str, language: str, number: int) -> PageVersion:
    found = selectors.versions(slug, language).filter(version=number).first()
    if found is None:
        raise Http404("There is no such version.")
    return found
