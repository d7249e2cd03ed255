"""All reads of the room, by noun."""

from talk.selectors.boards import board_list, discussion_page, readable_boards, worded
from talk.selectors.collections import (
    EXPORT_COLUMNS,
    CollectionPage,
    collecting_context,
    collection_for,
    collection_list,
    collection_page,
    collections_for,
    collections_of,
    every_root,
    every_tagged_root,
    export_rows,
    favourites_among,
    items_of,
    owns,
    public_collections,
    public_collections_by,
    tagged_roots,
    with_covers,
)
from talk.selectors.discussions import comment_for, comment_page, discussion_for, discussion_of, page_of, recent_comments
from talk.selectors.guard import hidden_among, readable_discussions, visible_comments
from talk.selectors.people import find_people, with_badges
from talk.selectors.personal import comments_by, personal_records
from talk.selectors.subjects import subject_context
from talk.selectors.tags import SubjectTag, TagPage, popular_tags, tag_counts, tag_page, tags_of

__all__ = [
    "EXPORT_COLUMNS",
    "CollectionPage",
    "SubjectTag",
    "TagPage",
    "board_list",
    "collecting_context",
    "collection_for",
    "collection_list",
    "collection_page",
    "collections_for",
    "collections_of",
    "comment_for",
    "comment_page",
    "comments_by",
    "discussion_for",
    "discussion_of",
    "discussion_page",
    "every_root",
    "every_tagged_root",
    "export_rows",
    "favourites_among",
    "find_people",
    "hidden_among",
    "items_of",
    "owns",
    "page_of",
    "personal_records",
    "popular_tags",
    "public_collections",
    "public_collections_by",
    "readable_boards",
    "readable_discussions",
    "recent_comments",
    "subject_context",
    "tag_counts",
    "tag_page",
    "tagged_roots",
    "tags_of",
    "visible_comments",
    "with_badges",
    "with_covers",
    "worded",
]
