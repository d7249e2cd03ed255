"""Pages to read: boards, discussions, tags."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

import classify.selectors
from talk.forms import CommentForm
from talk.hashtags import normalise
from talk.models import Discussion
from talk.requests import address_of, viewer_of
from talk.seeds import NOTES
from talk.selectors import board_list, comment_page, discussion_page, popular_tags, recent_comments, tag_page, tags_of, with_badges, worded
from talk.selectors.thumbnails import thumbnails
from talk.viewers import Viewer
from talk.views.shared import board_or_404, comment_or_404, composer, discussion_or_404

TAGS_ON_HOME, TAGS_ON_INDEX, TAGS_ON_BOARD = 20, 200, 12


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """All boards with their last activity, popular tags, and what people wrote last."""
    viewer = viewer_of(request)
    context = {"boards": board_list(viewer), "popular": popular_tags(TAGS_ON_HOME), "recent": recent_comments(5, viewer)}
    return render(request, "talk/home.html", context)


@require_safe
def board(request: HttpRequest, slug: str) -> HttpResponse:
    """One board: its discussions, newest activity first."""
    viewer = viewer_of(request)
    found = board_or_404(viewer, slug)
    page = discussion_page(viewer, found, request.GET.get("page"))
    context = {
        "board": found,
        "page": page,
        "pictures": [getattr(row, "thumbnail", None) for row in page.object_list],
        "popular": popular_tags(TAGS_ON_BOARD, found),
        "may_start": viewer.may_write(found) and slug != NOTES,
        "is_notes": slug == NOTES,
    }
    return render(request, "talk/board.html", context)


@require_safe
def discussion(request: HttpRequest, discussion_id: int) -> HttpResponse:
    """One discussion with a page of its comments, or the door to it while its subject is hidden from this person."""
    viewer = viewer_of(request)
    return render_discussion(request, viewer, discussion_or_404(viewer, discussion_id))


def render_discussion(
    request: HttpRequest, viewer: Viewer, found: Discussion, *, form: CommentForm | None = None, error: Any = "", status: int = 200
) -> HttpResponse:
    """Render a discussion, with a form that was sent back if there is one (then its last page, where the form is)."""
    subject = found.subject
    worded([found.board])
    context: dict[str, Any] = {"discussion": found, "viewer": viewer, "subject": subject}
    if subject is not None:
        context["thumbnail"] = thumbnails([subject.pk]).get(subject.pk)
        context["hidden"] = not classify.selectors.may_see(viewer.volunteer, subject)
        context["voted"] = context["hidden"] and classify.selectors.has_voted(viewer.volunteer, subject)
    if subject is not None and not context["hidden"]:
        context["talk"] = {"subject": subject, "tags": tags_of(subject, viewer.volunteer)}
    if not context.get("hidden"):
        page = comment_page(found, "last" if form else request.GET.get("page"))
        page.object_list = with_badges(page.object_list)
        context |= {
            "page": page,
            "composer": composer(request, form, error=error),
            "may_comment": viewer.may_comment(found),
        }
    return render(request, "talk/discussion.html", context, status=status)


@require_safe
def comment(request: HttpRequest, comment_id: int) -> HttpResponse:
    """The address of a comment that stays: leads to its page of the discussion."""
    return redirect(address_of(comment_or_404(viewer_of(request), comment_id)))


@require_safe
def tags(request: HttpRequest) -> HttpResponse:
    """The tags in use, most people first."""
    return render(request, "talk/tags.html", {"tags": popular_tags(TAGS_ON_INDEX)})


@require_safe
def tag(request: HttpRequest, tag: str) -> HttpResponse:
    """One tag: the subjects that carry it and the comments that say it."""
    name = normalise(tag)
    if name is None:
        raise Http404("That is no tag.")
    if name != tag:
        return redirect("talk_tag", name)
    found = tag_page(viewer_of(request), name, request.GET.get("page"))
    found.comments = with_badges(found.comments)
    return render(request, "talk/tag.html", {"tag": found})
