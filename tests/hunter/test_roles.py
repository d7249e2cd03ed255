"""Roles are groups with permissions that exist; the command gives them."""

import pytest
from django.core.management import CommandError, call_command

from core.models import AuditEntry
from hunter.roles import ROLES, make_roles
from tests import factories

pytestmark = pytest.mark.django_db


def test_every_role_gets_exactly_its_permissions() -> None:
    from django.contrib.auth.models import Group

    assert make_roles() == list(ROLES)
    for name, permissions in ROLES.items():
        rows = Group.objects.get(name=name).permissions.select_related("content_type")
        assert {f"{row.content_type.app_label}.{row.codename}" for row in rows} == set(permissions)


def test_the_command_gives_a_role_and_leaves_a_trace() -> None:
    ada = factories.user(username="ada")
    call_command("roles", give="scientist", to="ada")
    ada = type(ada).objects.get(pk=ada.pk)
    assert ada.has_perm("classify.export_labels")
    assert not ada.has_perm("ml.promote")
    assert AuditEntry.objects.get().verb == "give role"


@pytest.mark.parametrize("options", [{"give": "scientist"}, {"to": "ada"}, {"give": "scientist", "to": "nobody"}])
def test_half_a_request_is_refused_in_words(options: dict[str, str]) -> None:
    with pytest.raises(CommandError, match=r"go together|no account"):
        call_command("roles", **options)
