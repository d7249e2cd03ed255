"""Names of people, as Talk shows them, and the badges beside them."""

from collections.abc import Collection, Iterable, Mapping

from django.conf import settings
from django.contrib.auth import get_user_model
from django.utils.module_loading import import_string

from talk.models import Comment


def find_people(names: Collection[str]) -> Mapping[str, str]:
    """Return {name: name in the address of the person's page} of the accounts among these names; one query."""
    found = get_user_model().objects.filter(username__in=list(names), is_active=True).values_list("username", flat=True)
    return {name: name for name in found}


def with_badges(comments: Iterable[Comment]) -> list[Comment]:
    """Return the comments, each with `badges` of its author set; what they are, the site says (settings.BADGES_OF). At most one query."""
    rows = list(comments)
    authors = {row.author.user_id for row in rows if row.author is not None and row.author.user_id is not None}
    badges = import_string(settings.BADGES_OF)(authors) if authors else {}
    for row in rows:
        row.badges = badges.get(row.author.user_id, []) if row.author is not None else []  # type: ignore[attr-defined]
    return rows
