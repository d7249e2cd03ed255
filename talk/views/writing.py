"""Forms that people send: comments, discussions, previews, and what moderators do. All work without JavaScript."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from talk import services
from talk.forms import CommentForm, DiscussionForm
from talk.models import Board, Comment, Discussion
from talk.requests import address_of, hosts_of, viewer_of
from talk.selectors import worded
from talk.services import Draft, TalkError
from talk.views.reading import render_discussion
from talk.views.shared import board_or_404, comment_or_404, composer, discussion_or_404, preview_of, sign_in


def draft_of(request: HttpRequest, data: dict[str, Any]) -> Draft:
    """Return what a valid form says."""
    reply_to = Comment.objects.filter(pk=data["reply_to"]).first() if data.get("reply_to") else None
    return Draft(body=data["body"], request_id=data["request_id"], reply_to=reply_to, hosts=hosts_of(request))


@require_POST
def post(request: HttpRequest, discussion_id: int) -> HttpResponse:
    """Store a comment and show it where it stands; a text that was refused comes back in the form."""
    viewer = viewer_of(request, create=True)
    found = discussion_or_404(viewer, discussion_id)
    if not request.user.is_authenticated:
        return sign_in(request, reverse("talk_discussion", args=[discussion_id]))
    form = CommentForm(request.POST)
    if "preview" in request.POST or not form.is_valid():
        return render_discussion(request, viewer, found, form=form, status=200 if form.is_valid() else 400)
    try:
        comment = services.post_comment(viewer=viewer, discussion=found, draft=draft_of(request, form.cleaned_data), now=timezone.now())
    except TalkError as error:
        return render_discussion(request, viewer, found, form=form, error=error.message, status=error.status)
    return redirect(address_of(comment))


@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """The fragment that shows what a comment would look like (htmx); only for people who may write, since it costs time."""
    if not request.user.is_authenticated:
        return render(request, "talk/_preview_fragment.html", {"preview": {"error": services.SignInFirst.message}}, status=403)
    return render(request, "talk/_preview_fragment.html", {"preview": preview_of(request)})


@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest, slug: str) -> HttpResponse:
    """The form for a new discussion, and its sending."""
    viewer = viewer_of(request, create=request.method == "POST")
    found = board_or_404(viewer, slug)
    if not request.user.is_authenticated:
        return sign_in(request, request.path)
    form = DiscussionForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or "preview" in request.POST or not form.is_valid():
        return _start_page(request, found, form, status=400 if form.errors else 200)
    draft, title = draft_of(request, form.cleaned_data), form.cleaned_data["title"]
    try:
        made = services.start_discussion(viewer=viewer, board=found, title=title, draft=draft, now=timezone.now())
    except TalkError as error:
        return _start_page(request, found, form, error=error.message, status=error.status)
    return redirect("talk_discussion", made.pk)


def _start_page(request: HttpRequest, board: Board, form: DiscussionForm, *, error: Any = "", status: int) -> HttpResponse:
    context = {"board": board, "form": form, "composer": composer(request, form if form.is_bound else None, error=error)}
    return render(request, "talk/new_discussion.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, comment_id: int) -> HttpResponse:
    """The form for one's own comment, and its sending."""
    viewer = viewer_of(request, create=request.method == "POST")
    comment = comment_or_404(viewer, comment_id)
    if not request.user.is_authenticated:
        return sign_in(request, request.path)
    if viewer.volunteer is None or comment.author_id != viewer.volunteer.pk:
        messages.error(request, _("You can only edit your own comments."))
        return redirect(address_of(comment))
    if request.method != "POST":
        return _edit_page(request, comment, comment.body, status=200)
    body = request.POST.get("body", "")
    if "preview" in request.POST:
        return _edit_page(request, comment, body, status=200)
    try:
        services.edit_comment(viewer=viewer, comment=comment, body=body, now=timezone.now(), hosts=hosts_of(request))
    except TalkError as error:
        return _edit_page(request, comment, body, error=error.message, status=error.status)
    return redirect(address_of(comment))


def _edit_page(request: HttpRequest, comment: Comment, text: str, *, error: Any = "", status: int) -> HttpResponse:
    worded([comment.discussion.board])
    context: dict[str, Any] = {"comment": comment, "composer": {"text": text, "error": error}}
    if "preview" in request.POST:
        context["composer"]["preview"] = preview_of(request)
    return render(request, "talk/edit_comment.html", context, status=status)


@require_POST
def delete(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Hide a comment; back to the discussion."""
    viewer = viewer_of(request, create=True)
    comment = comment_or_404(viewer, comment_id)
    where = address_of(comment)
    try:
        services.delete_comment(viewer=viewer, comment=comment, now=timezone.now(), reason=request.POST.get("reason", ""))
    except TalkError as error:
        messages.error(request, str(error.message))
        return redirect(where)
    messages.success(request, _("The comment was deleted."))
    return redirect(where)


MODERATION = {"lock": {"locked": True}, "unlock": {"locked": False}, "stick": {"sticky": True}, "unstick": {"sticky": False}}


@require_POST
def moderate(request: HttpRequest, discussion_id: int) -> HttpResponse:
    """Close, open, pin or unpin a discussion; only for moderators."""
    viewer = viewer_of(request, create=True)
    found: Discussion = discussion_or_404(viewer, discussion_id)
    change = MODERATION.get(request.POST.get("action", ""))
    try:
        if change is not None:
            services.moderate(viewer=viewer, discussion=found, now=timezone.now(), **change)
    except TalkError as error:
        messages.error(request, str(error.message))
    return redirect("talk_discussion", discussion_id)
