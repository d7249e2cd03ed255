"""Pages about people: one's own work, and what somebody wrote and shared."""

from typing import Any

from django.contrib.auth import get_user_model
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

import classify.selectors
import talk.selectors
from classify.visitors import volunteer_of
from core import throttles
from core.streaming import csv_lines
from hunter.accounts.services import name_now
from hunter.badges import badges_of
from hunter.history import CSV_COLUMNS, HistoryForm, cards_of, csv_rows
from talk.viewers import Viewer

PER_PAGE = 24
RECENT = 12
SHARED = 12  # collections on the page of a person; the newest


@require_safe
def me(request: HttpRequest) -> HttpResponse:
    """What I did: my answers, newest first, visitors included, as the filters in the address choose them."""
    viewer = _viewer(request)
    form = _filters(request)
    context: dict[str, Any] = {"form": form, "chosen": form.chosen, "query": urlencode(form.chosen)}
    if viewer.volunteer is not None and form.is_valid():
        keys = {name: request.GET.get(name, "") for name in ("before", "after")}
        page = classify.selectors.history_page(viewer.volunteer, form.wanted(viewer), **keys, size=PER_PAGE)
        newest = classify.selectors.history_page(viewer.volunteer, size=RECENT).votes
        cards = cards_of([*newest, *page.votes], viewer)
        context |= {"page": page, "looked_at": classify.selectors.LOOKED_AT, "recents": cards[: len(newest)], "cards": cards[len(newest) :]}
    return render(request, "hunter/me.html", context)


@require_safe
def my_file(request: HttpRequest) -> HttpResponseBase:
    """What I did as a CSV file, with the same filters."""
    throttles.spend_request("exports", request)
    viewer, form = _viewer(request), _filters(request)
    if not form.is_valid():
        return redirect(f"/me/?{urlencode(form.chosen)}")
    votes = classify.selectors.history_rows(viewer.volunteer, form.wanted(viewer)) if viewer.volunteer else ()
    lines = csv_lines(CSV_COLUMNS, csv_rows(votes, f"{request.scheme}://{request.get_host()}"))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="what-i-did-{timezone.now():%Y%m%d}.csv"'
    return response


def _viewer(request: HttpRequest) -> Viewer:
    return Viewer(user=request.user, volunteer=volunteer_of(request, create=False))


def _filters(request: HttpRequest) -> HistoryForm:
    rows = classify.selectors.worded(classify.selectors.workflows())
    return HistoryForm(request.GET, [(row.slug, row.words) for row in rows if row.current_version is not None])


@require_safe
def person(request: HttpRequest, name: str) -> HttpResponse:
    """What somebody wrote in Talk and which collections they share, as far as this reader may see it.

    How much somebody classifies is not told: it is on their own page only.
    """
    account = get_user_model().objects.filter(username=name, is_active=True).first()
    if account is None and (now := name_now(name)):
        return redirect("person", now)
    if account is None:
        raise Http404
    viewer = _viewer(request)
    comments = talk.selectors.visible_comments(viewer).filter(author__user=account).order_by("-id")
    shared = talk.selectors.with_covers(viewer, talk.selectors.public_collections_by(account)[:SHARED])
    context = {
        "account": account,
        "page_obj": Paginator(comments, PER_PAGE).get_page(request.GET.get("page")),
        "badges": badges_of([account.pk]).get(account.pk, []),
        "collections": shared,
        "covers": [row.cover for row in shared],
    }
    return render(request, "hunter/person.html", context)
