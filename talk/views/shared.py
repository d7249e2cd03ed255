"""What all views need: rows or 404, the way back, and what the composer shows."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from core.identity import random_uuid
from talk.forms import CommentForm
from talk.models import Board, Comment, Discussion
from talk.requests import hosts_of
from talk.selectors import comment_for, discussion_for, readable_boards, worded
from talk.services import TalkError, preview
from talk.viewers import Viewer


def board_or_404(viewer: Viewer, slug: str) -> Board:
    """The board, in the reader's words."""
    board = readable_boards(viewer).filter(slug=slug).first()
    if board is None:
        raise Http404("There is no such board.")
    return worded([board])[0]  # type: ignore[no-any-return]


def discussion_or_404(viewer: Viewer, discussion_id: int) -> Discussion:
    discussion = discussion_for(viewer, discussion_id)
    if discussion is None:
        raise Http404("There is no such discussion.")
    return discussion


def comment_or_404(viewer: Viewer, comment_id: int) -> Comment:
    comment = comment_for(viewer, comment_id)
    if comment is None:
        raise Http404("There is no such comment.")
    return comment


def sign_in(request: HttpRequest, then: str) -> HttpResponseRedirect:
    """Send to the sign-in page, and back to `then`."""
    return HttpResponseRedirect(f"{reverse('account_login')}?{urlencode({'next': then})}")


def back(request: HttpRequest, otherwise: str) -> HttpResponse:
    """Return to the page named by `next` in the form if it is one of this site, else to `otherwise`."""
    target: Any = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return HttpResponseRedirect(target)
    return redirect(otherwise)


def composer(request: HttpRequest, form: CommentForm | None = None, *, error: Any = "") -> dict[str, Any]:
    """Return what `talk/_composer.html` shows: the text (sent back as it was), its id of the request, errors, and a preview if asked."""
    values: dict[str, Any] = {"text": "", "request_id": random_uuid(), "reply_to": request.GET.get("reply_to", ""), "error": error}
    if form is None:
        return values
    values |= {name: form[field].value() for name, field in [("text", "body"), ("request_id", "request_id"), ("reply_to", "reply_to")]}
    values["errors"] = [text for texts in form.errors.values() for text in texts]
    if "preview" in request.POST:
        values["preview"] = preview_of(request)
    return values


def preview_of(request: HttpRequest) -> dict[str, Any]:
    """Return {"rendered"} or {"error"} for the text in the form."""
    try:
        return {"rendered": preview(request.POST.get("body", ""), hosts=hosts_of(request))}
    except TalkError as error:
        return {"error": error.message}
