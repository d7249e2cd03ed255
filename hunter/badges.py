"""Who is of the team, for a badge beside the name. Rooms know only that there are badges (settings.BADGES_OF), not what for."""

from collections.abc import Collection

from django.contrib.auth import get_user_model

from hunter.roles import ROLES, TITLES

BADGES = ("scientist", "moderator", "admin")  # the roles that others should know of


def badges_of(user_ids: Collection[int]) -> dict[int, list[str]]:
    """Return {account: its badges in the reader's language} of those accounts that have any; one query."""
    rows = get_user_model().groups.through.objects.filter(user_id__in=user_ids, group__name__in=BADGES).values_list("user_id", "group__name")
    held: dict[int, list[str]] = {}
    for user_id, role in sorted(rows, key=lambda row: list(ROLES).index(row[1])):
        held.setdefault(user_id, []).append(str(TITLES[role]))
    return held
