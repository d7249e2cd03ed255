"""Roles are groups; rooms check permissions, never role names. Who has which role changes only here, and leaves a trace."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.services import audit

ADMIN = "admin"
ROLES: dict[str, tuple[str, ...]] = {
    "volunteer": (),
    "moderator": ("talk.moderate", "classify.review_votes", "core.view_dashboard"),
    "scientist": ("core.view_dashboard", "classify.export_labels", "archive.ingest"),
    "model operator": ("core.view_dashboard", "core.operate", "ml.train", "ml.promote"),
    ADMIN: (
        "core.view_dashboard",
        "core.operate",
        "classify.export_labels",
        "classify.review_votes",
        "classify.change_workflow",
        "archive.ingest",
        "ml.train",
        "ml.promote",
        "talk.moderate",
        "hunter.edit_pages",
        "hunter.read_outbox",
    ),
}
TITLES = {
    "volunteer": gettext_lazy("Volunteer"),
    "moderator": gettext_lazy("Moderator"),
    "scientist": gettext_lazy("Scientist"),
    "model operator": gettext_lazy("Model operator"),
    ADMIN: gettext_lazy("Admin"),
}


class LastAdmin(Exception):
    """The only active admin cannot lose the role: nobody could give it back."""

    def __str__(self) -> str:
        return _("This is the only admin. Give somebody else the role first.")


def make_roles() -> list[str]:
    """Make the groups and give each exactly its permissions; return their names. Raises Permission.DoesNotExist on a wrong name."""
    for name, permissions in ROLES.items():
        group, _made = Group.objects.get_or_create(name=name)
        rows = []
        for permission in permissions:
            app, codename = permission.split(".")
            rows.append(Permission.objects.get(content_type__app_label=app, codename=codename))
        group.permissions.set(rows)
    return list(ROLES)


def roles_of(user: Any) -> list[str]:
    """Return the names of a user's roles, in the order of ROLES."""
    held = set(user.groups.values_list("name", flat=True))
    return [name for name in ROLES if name in held]


@transaction.atomic
def set_roles(*, user: Any, roles: Iterable[str], actor: Any, now: datetime) -> tuple[list[str], list[str]]:
    """Give a user exactly these roles and return (given, taken). The admin role alone opens the Django admin.

    Raises LastAdmin, and KeyError for a role that does not exist. Each change is audited.
    """
    wanted, held = set(roles), set(roles_of(user))
    if unknown := wanted - set(ROLES):
        raise KeyError(f"There is no role {', '.join(sorted(unknown))}.")
    if is_last_admin(user) and ADMIN not in wanted:
        raise LastAdmin
    user.groups.set(Group.objects.filter(name__in=wanted))
    type(user).objects.filter(pk=user.pk).update(is_staff=ADMIN in wanted, is_superuser=ADMIN in wanted)
    given, taken = sorted(wanted - held), sorted(held - wanted)
    for verb, names in (("give role", given), ("take role", taken)):
        for name in names:
            audit(actor=actor, verb=verb, object_type="user", object_id=str(user.pk), detail={"role": name}, now=now)
    return given, taken


def is_team(user: Any) -> bool:
    """Tell whether a signed-in user may do more than volunteers: such a person needs a second factor, and signs in for shorter."""
    return bool(user.is_staff or user.has_perm("core.view_dashboard"))


def is_last_admin(user: Any) -> bool:
    """Tell whether this active admin is the only one left."""
    others = get_user_model().objects.filter(is_superuser=True, is_active=True).exclude(pk=user.pk)
    return bool(user.is_superuser and not others.exists())
