"""Boards with their last activity, and the discussions of a board."""

from collections.abc import Iterable
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import get_language

from talk.models import Board, BoardText, Discussion
from talk.selectors.guard import mark_hidden, readable_discussions
from talk.selectors.thumbnails import give_thumbnails
from talk.viewers import Viewer

DISCUSSIONS_PER_PAGE = 20


def board_list(viewer: Viewer) -> list[Any]:
    """Return the boards this person may read, each with `n_discussions` and `last` (a discussion with `hidden` set, or None).

    Four queries however many boards and discussions there are.
    """
    newest = Discussion.objects.filter(board=OuterRef("pk")).order_by("-last_comment_at").values("pk")[:1]
    boards: list[Any] = list(readable_boards(viewer).annotate(n_discussions=Count("discussions"), last_id=Subquery(newest)))
    last = readable_discussions(viewer).in_bulk([board.last_id for board in boards if board.last_id])
    mark_hidden(viewer.volunteer, last.values())
    for board in boards:
        board.last = last.get(board.last_id)
    return worded(boards)


def readable_boards(viewer: Viewer) -> QuerySet[Board]:
    """Boards that this person may read, in their order."""
    return Board.objects.filter(can_read__in=viewer.circles).order_by("position", "slug")  # said here: a count drops the order of Meta


def worded(boards: Iterable[Any]) -> list[Any]:
    """Return the boards with title and description in the reader's language, where they are written in it. One query."""
    rows = list(boards)
    texts = {text.board_id: text for text in BoardText.objects.filter(language=get_language() or "", board__in=rows)}
    for row in rows:
        if text := texts.get(row.pk):
            row.title, row.description = text.title or row.title, text.description or row.description
    return rows


def discussion_page(viewer: Viewer, board: Board, number: int | str | None) -> Page[Any]:
    """Return a page of a board's discussions with `n_comments`, `hidden` and `thumbnail` set; constant queries."""
    rows: QuerySet[Any] = (
        readable_discussions(viewer)
        .filter(board=board)
        .annotate(n_comments=Count("comments", filter=Q(comments__deleted_at__isnull=True)))
        .order_by("-sticky", "-last_comment_at", "-id")
    )
    page = Paginator(rows, DISCUSSIONS_PER_PAGE).get_page(number)
    page.object_list = list(page.object_list)
    mark_hidden(viewer.volunteer, page.object_list)
    give_thumbnails(row for row in page.object_list if not row.hidden)
    return page
