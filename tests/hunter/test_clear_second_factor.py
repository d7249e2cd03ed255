"""Who has lost every second factor is let in again by whoever runs the site."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core.management import CommandError, call_command
from django.test import Client

from core.models import AuditEntry
from tests import factories

pytestmark = pytest.mark.django_db


def test_factors_and_sessions_go_and_a_trace_stays() -> None:
    ada, eve = factories.user(username="ada"), factories.user(username="eve")
    for user in (ada, eve):
        Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={})
    client = Client()
    client.force_login(ada)
    UserSession.objects.get_or_create(session_key=client.session.session_key, defaults={"user": ada, "ip": "fd00::1"})
    assert client.get("/me/tokens/").status_code == 200

    call_command("clear_second_factor", "ada")

    assert client.get("/me/tokens/").status_code == 302
    assert [row.user.username for row in Authenticator.objects.all()] == ["eve"]
    assert AuditEntry.objects.get().verb == "clear second factor"


def test_an_unknown_name_is_said() -> None:
    with pytest.raises(CommandError, match="no account named 'nobody'"):
        call_command("clear_second_factor", "nobody")
