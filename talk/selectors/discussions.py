"""A discussion and its comments, page by page."""

from typing import TYPE_CHECKING

from django.core.paginator import Page, Paginator

from talk.models import Comment, Discussion
from talk.selectors.guard import readable_discussions, visible_comments
from talk.viewers import ANYBODY, Viewer

if TYPE_CHECKING:
    from classify.models import Subject

COMMENTS_PER_PAGE = 20


def discussion_for(viewer: Viewer, discussion_id: int) -> Discussion | None:
    """Return a discussion on a board this person may read, or None. Whether its subject is hidden is asked of `may_see`."""
    return readable_discussions(viewer).filter(pk=discussion_id).select_related("board", "subject__root", "author__user").first()


def discussion_of(subject: "Subject") -> Discussion | None:
    """Return the one discussion of a subject's root, or None before its first comment."""
    return Discussion.objects.filter(subject_id=subject.root_id or subject.pk).select_related("board").first()


def comment_page(discussion: Discussion, number: int | str | None) -> Page[Comment]:
    """Return a page of comments, oldest first; deleted ones keep their place. `number` may be "last"."""
    rows = discussion.comments.select_related("author__user", "reply_to__author__user").order_by("id")
    pages = Paginator(rows, COMMENTS_PER_PAGE)
    return pages.get_page(pages.num_pages if number == "last" else number)


def comment_for(viewer: Viewer, comment_id: int) -> Comment | None:
    """Return a comment that this person may read now, or None."""
    return visible_comments(viewer).filter(pk=comment_id).first()


def page_of(comment: Comment) -> int:
    """Return the number of the page on which a comment stands."""
    before = Comment.objects.filter(discussion_id=comment.discussion_id, pk__lt=comment.pk).count()
    return before // COMMENTS_PER_PAGE + 1


def recent_comments(limit: int = 5, viewer: Viewer = ANYBODY) -> list[Comment]:
    """Return the newest comments that this person (by default: anybody) may read."""
    return list(visible_comments(viewer).order_by("-id")[:limit])
