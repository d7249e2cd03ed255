"""Who decides, for the commands that put a model live."""

from typing import Any

from django.core.management.base import CommandError


def actor_named(users: Any, name: str) -> Any:
    """Return the active account with the permission ml.promote; CommandError says what is missing."""
    actor = users.objects.filter(username=name, is_active=True).first()
    if actor is None:
        raise CommandError(f"There is no account named {name!r}.")
    if not actor.has_perm("ml.promote"):
        raise CommandError(f"{name} may not put models live: that needs the permission ml.promote (roles admin and model operator).")
    return actor
