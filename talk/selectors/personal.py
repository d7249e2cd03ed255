"""What this room holds about a person, as streams of rows, for a copy of their data."""

from collections.abc import Collection

from core.streaming import Records, records_of
from talk.models import Comment, Discussion, TagUse

_COMMENT = {
    "id": "id",
    "discussion": "discussion_id",
    "discussion_title": "discussion__title",
    "subject": "discussion__subject__public_id",
    "reply_to": "reply_to_id",
    "body": "body",
    "created_at": "created_at",
    "edited_at": "edited_at",
    "deleted_at": "deleted_at",
}
_DISCUSSION = {"id": "id", "board": "board__slug", "title": "title", "subject": "subject__public_id", "created_at": "created_at"}
_TAG = {"tag": "tag__name", "subject": "subject__public_id", "discussion": "discussion_id", "comment": "comment_id", "at": "at"}


def personal_records(volunteers: Collection[int]) -> list[Records]:
    """Return everything here that hangs on these volunteers, deleted comments included; nothing is read before a stream is."""
    return [
        records_of("comments", Comment.objects.filter(author_id__in=volunteers).order_by("pk"), _COMMENT),
        records_of("discussions", Discussion.objects.filter(author_id__in=volunteers).order_by("pk"), _DISCUSSION),
        records_of("tags", TagUse.objects.filter(volunteer_id__in=volunteers).order_by("pk"), _TAG),
    ]


def comments_by(volunteers: Collection[int]) -> int:
    """Return how many comments of theirs stand."""
    return Comment.objects.filter(author_id__in=volunteers, deleted_at=None).count()
