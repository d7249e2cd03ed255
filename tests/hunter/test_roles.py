"""Roles are groups with permissions that exist; given and taken by command and in the Django admin, with a trace."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.test import Client

from core.models import AuditEntry
from hunter.roles import ROLES, LastAdmin, make_roles, roles_of, set_roles
from tests import factories

pytestmark = pytest.mark.django_db


def again(user: Any) -> Any:
    """The account as the database has it, without cached permissions."""
    return get_user_model().objects.get(pk=user.pk)


def test_every_role_gets_exactly_its_permissions() -> None:
    assert make_roles() == list(ROLES)
    for name, permissions in ROLES.items():
        rows = Group.objects.get(name=name).permissions.select_related("content_type")
        assert {f"{row.content_type.app_label}.{row.codename}" for row in rows} == set(permissions)


def test_the_command_gives_and_takes_a_role_and_leaves_a_trace(capsys: pytest.CaptureFixture[str]) -> None:
    ada = factories.user(username="ada")
    call_command("roles", give="scientist", to="ada")
    assert again(ada).has_perm("classify.export_labels")
    assert not again(ada).has_perm("ml.promote")
    call_command("roles", list=True)
    assert "ada: scientist" in capsys.readouterr().out
    call_command("roles", "--take", "scientist", "--from", "ada")
    assert not again(ada).has_perm("classify.export_labels")
    assert [entry.verb for entry in AuditEntry.objects.order_by("id")] == ["give role", "take role"]


@pytest.mark.parametrize("options", [{"give": "scientist"}, {"to": "ada"}, {"take": "scientist"}, {"give": "scientist", "to": "nobody"}])
def test_half_a_request_is_refused_in_words(options: dict[str, str]) -> None:
    with pytest.raises(CommandError, match=r"go together|no account"):
        call_command("roles", **options)


def test_an_unknown_role_changes_nothing() -> None:
    make_roles()
    ada = factories.user(username="ada")
    with pytest.raises(KeyError, match="emperor"):
        set_roles(user=ada, roles=["scientist", "emperor"], actor=None, now=factories.NOW)
    assert roles_of(ada) == []


def test_the_last_admin_keeps_the_role() -> None:
    make_roles()
    first, second = factories.user(username="first"), factories.user(username="second")
    set_roles(user=first, roles=["admin"], actor=None, now=factories.NOW)
    with pytest.raises(LastAdmin):
        set_roles(user=again(first), roles=[], actor=None, now=factories.NOW)
    with pytest.raises(CommandError, match="only admin"):
        call_command("roles", "--take", "admin", "--from", "first")
    set_roles(user=second, roles=["admin"], actor=first, now=factories.NOW)
    set_roles(user=again(first), roles=["moderator"], actor=second, now=factories.NOW)
    assert (again(first).is_superuser, again(first).is_staff, roles_of(first)) == (False, False, ["moderator"])


def test_an_admin_gives_roles_in_the_django_admin_and_nothing_else() -> None:
    make_roles()
    boss, ada = factories.user(username="boss"), factories.user(username="ada")
    set_roles(user=boss, roles=["admin"], actor=None, now=factories.NOW)
    client = Client()
    client.force_login(again(boss))
    address = f"/admin/hunter/user/{ada.pk}/change/"
    page = client.get(address).content.decode()
    assert all(name in page for name in ROLES)
    assert 'name="is_superuser"' not in page
    scientist = Group.objects.get(name="scientist").pk
    answer = client.post(address, {"is_active": "on", "groups": [scientist], "username": "hacked", "is_superuser": "on"})
    assert answer.status_code == 302
    assert (again(ada).username, again(ada).is_superuser, roles_of(ada)) == ("ada", False, ["scientist"])
    assert AuditEntry.objects.filter(verb="give role", actor=boss, object_id=str(ada.pk)).count() == 1
    refused = client.post(f"/admin/hunter/user/{boss.pk}/change/", {"is_active": "on", "groups": [scientist]})
    assert "only admin" in refused.content.decode()
    assert again(boss).is_superuser
    assert client.post(f"/admin/hunter/user/{ada.pk}/delete/").status_code == 403
