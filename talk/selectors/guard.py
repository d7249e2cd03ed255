"""The blind rule in Talk: what hangs on a subject that others still classify is behind Show.

Whether a person may see what was said of a root is decided in one place, `classify.selectors`: `may_see` for one root and
`hidden_roots`, the same rule as a queryset, for lists.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

import classify.selectors
from talk.models import Comment, Discussion
from talk.viewers import Viewer

if TYPE_CHECKING:
    from classify.models import Subject, Volunteer


def hidden_roots(volunteer: "Volunteer | None") -> "QuerySet[Subject]":
    """Return the roots whose thread and tags this person (None: nobody in particular) may not see yet."""
    return classify.selectors.hidden_roots(volunteer)


def hidden_among(volunteer: "Volunteer | None", root_ids: Iterable[int | None]) -> set[int]:
    """Return those of the roots that are hidden from this person; one query, none without roots."""
    wanted = {pk for pk in root_ids if pk is not None}
    return set(hidden_roots(volunteer).filter(pk__in=wanted).values_list("pk", flat=True)) if wanted else set()


def readable_discussions(viewer: Viewer) -> QuerySet[Discussion]:
    """Discussions on boards that this person may read. Threads of hidden subjects are among them."""
    return Discussion.objects.filter(board__can_read__in=viewer.circles).select_related("board", "subject", "author__user")


def visible_comments(viewer: Viewer) -> QuerySet[Comment]:
    """Comments, not deleted, that this person may read now: the board is readable and the subject, if any, not hidden."""
    return (
        Comment.objects.filter(deleted_at__isnull=True, discussion__board__can_read__in=viewer.circles)
        .exclude(discussion__subject__in=hidden_roots(viewer.volunteer))
        .select_related("discussion__board", "discussion__subject", "author__user")
    )


def mark_hidden(volunteer: "Volunteer | None", discussions: Iterable[Any]) -> None:
    """Set `hidden` on each discussion; one query for all."""
    rows = list(discussions)
    hidden = hidden_among(volunteer, (row.subject_id for row in rows))
    for row in rows:
        row.hidden = row.subject_id in hidden
