"""Names of people, as Talk shows them."""

from collections.abc import Collection, Mapping

from django.contrib.auth import get_user_model


def find_people(names: Collection[str]) -> Mapping[str, str]:
    """Return {name: name in the address of the person's page} of the accounts among these names; one query."""
    found = get_user_model().objects.filter(username__in=list(names), is_active=True).values_list("username", flat=True)
    return {name: name for name in found}
