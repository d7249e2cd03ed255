"""Roles are groups; rooms check permissions, never role names."""

from django.contrib.auth.models import Group, Permission

ROLES: dict[str, tuple[str, ...]] = {
    "volunteer": (),
    "moderator": ("talk.moderate", "core.view_dashboard"),
    "scientist": ("core.view_dashboard", "classify.export_labels", "archive.ingest"),
    "model operator": ("core.view_dashboard", "ml.train", "ml.promote"),
    "admin": (
        "core.view_dashboard",
        "classify.export_labels",
        "archive.ingest",
        "ml.train",
        "ml.promote",
        "talk.moderate",
    ),
}


def make_roles() -> list[str]:
    """Make the groups and give each exactly its permissions; return their names. Raises Permission.DoesNotExist on a wrong name."""
    for name, permissions in ROLES.items():
        group, _ = Group.objects.get_or_create(name=name)
        rows = []
        for permission in permissions:
            app, codename = permission.split(".")
            rows.append(Permission.objects.get(content_type__app_label=app, codename=codename))
        group.permissions.set(rows)
    return list(ROLES)
