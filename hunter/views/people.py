"""Pages about people: one's own work, and what somebody wrote in Talk."""

from typing import Any

from django.contrib.auth import get_user_model
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

import classify.selectors
import talk.selectors
from classify.visitors import volunteer_of
from hunter.accounts.services import name_now
from hunter.badges import badges_of
from talk.viewers import Viewer

PER_PAGE = 24


@require_safe
def me(request: HttpRequest) -> HttpResponse:
    """What I did: my answers, newest first, visitors included."""
    volunteer = volunteer_of(request, create=False)
    page, cards = None, []
    if volunteer is not None:
        page = Paginator(classify.selectors.history_of(volunteer), PER_PAGE).get_page(request.GET.get("page"))
        cutouts = classify.selectors.first_cutouts([vote.subject_id for vote in page])
        words = classify.selectors.words_by_workflow(vote.workflow for vote in page)
        cards = [_card(vote, cutouts.get(vote.subject_id), words.get(vote.workflow_id)) for vote in page]
    return render(request, "hunter/me.html", {"page_obj": page, "cards": cards})


def _card(vote: Any, cutout: Any, words: Any) -> dict[str, Any]:
    """One vote; its answer and workflow in the reader's words (an answer that is asked no more stands by its key)."""
    said = {"answer": words.labels.get(vote.answer, vote.answer), "workflow": words.name} if words else {"answer": vote.answer}
    return {"vote": vote, "cutout": cutout, **said}


@require_safe
def person(request: HttpRequest, name: str) -> HttpResponse:
    """What somebody wrote in Talk, as far as this reader may see it."""
    account = get_user_model().objects.filter(username=name, is_active=True).first()
    if account is None and (now := name_now(name)):
        return redirect("person", now)
    if account is None:
        raise Http404
    viewer = Viewer(user=request.user, volunteer=volunteer_of(request, create=False))
    comments = talk.selectors.visible_comments(viewer).filter(author__user=account).order_by("-id")
    page = Paginator(comments, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "hunter/person.html", {"account": account, "page_obj": page, "badges": badges_of([account.pk]).get(account.pk, [])})
