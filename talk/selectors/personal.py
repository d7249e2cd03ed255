"""What this room holds about a person, as streams of rows, for a copy of their data."""

from collections.abc import Collection, Iterator
from typing import Any

from django.db.models import QuerySet

from core.streaming import Records, records_of, value_rows
from talk.models import Collection as Put
from talk.models import CollectionItem, Comment, Discussion, TagUse

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
_COLLECTION = {
    "id": "public_id",
    "title": "title",
    "description": "description",
    "public": "public",
    "favourites": "favourites",
    "created_at": "created_at",
    "updated_at": "updated_at",
}


def personal_records(volunteers: Collection[int]) -> list[Records]:
    """Return everything here that hangs on these volunteers, deleted comments included; nothing is read before a stream is."""
    collected = Put.objects.filter(owner_id__in=volunteers).order_by("pk")
    return [
        records_of("comments", Comment.objects.filter(author_id__in=volunteers).order_by("pk"), _COMMENT),
        records_of("discussions", Discussion.objects.filter(author_id__in=volunteers).order_by("pk"), _DISCUSSION),
        records_of("tags", TagUse.objects.filter(volunteer_id__in=volunteers).order_by("pk"), _TAG),
        Records("collections", [*_COLLECTION, "subjects"], collected.count, lambda: _collections(collected)),
    ]


def _collections(rows: QuerySet[Put]) -> Iterator[dict[str, Any]]:
    """Yield collections with the subjects in them: one query for each."""
    for row in value_rows(rows, _COLLECTION):
        items = CollectionItem.objects.filter(collection__public_id=row["id"]).order_by("pk")
        yield {**row, "subjects": list(value_rows(items, {"subject": "subject__public_id", "added_at": "added_at"}))}


def comments_by(volunteers: Collection[int]) -> int:
    """Return how many comments of theirs stand."""
    return Comment.objects.filter(author_id__in=volunteers, deleted_at=None).count()
