"""A sign-in ends: after a while without use, and at the latest a set time after it began."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone

from hunter import sessions
from tests import factories

pytestmark = pytest.mark.django_db


def request_of(client: Client, user: Any) -> HttpRequest:
    request = HttpRequest()
    request.session, request.user = client.session, user  # type: ignore[assignment]
    return request


def test_signing_in_makes_a_new_session_and_signing_out_ends_it(client: Client) -> None:
    factories.user(username="jane")
    session = client.session
    session["before"] = 1
    session.save()
    client.cookies["sessionid"] = first = session.session_key

    client.post("/accounts/login/", {"login": "jane", "password": factories.PASSWORD})
    second = client.cookies["sessionid"].value

    assert second != first
    assert not Session.objects.filter(pk=first).exists()
    thief = Client()
    thief.cookies["sessionid"] = second
    assert thief.get("/accounts/").status_code == 200
    client.post("/accounts/logout/")
    assert thief.get("/accounts/").status_code == 302


def test_who_comes_in_and_who_does_not_stands_in_the_log_without_a_name(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    user = factories.user(username="jane-the-hunter")

    with caplog.at_level("INFO", logger="hunter.security"):
        client.post("/accounts/login/", {"login": "jane-the-hunter", "password": "not-the-password"})
        client.post("/accounts/login/", {"login": "jane-the-hunter", "password": factories.PASSWORD})
        client.post("/accounts/logout/")

    lines = [record.getMessage() for record in caplog.records if record.name == "hunter.security"]
    assert [line.split(" from ")[0] for line in lines] == ["sign-in failed", f"signed in: account {user.pk} by password"]
    assert not any(word in line for line in lines for word in ("jane", "127.0.0.1", "not-the-password"))


def test_the_end_stands_in_the_session_and_moves_on_with_use(client: Client) -> None:
    user, now = factories.user(), timezone.now()
    client.force_login(user)
    request = request_of(client, user)

    sessions.move_on(request, now)
    assert request.session.get_expiry_date() == now + sessions.PEOPLE.idle
    sessions.move_on(request, now + timedelta(minutes=1))
    assert request.session.get_expiry_date() == now + sessions.PEOPLE.idle, "not written at every request"
    sessions.move_on(request, now + timedelta(days=10))
    assert request.session.get_expiry_date() == now + timedelta(days=10) + sessions.PEOPLE.idle
    sessions.move_on(request, now + timedelta(days=23))
    assert request.session.get_expiry_date() == now + sessions.PEOPLE.life, "use does not carry it past its life"


def test_the_team_has_less_time(client: Client) -> None:
    user, now = factories.user(permissions=["core.view_dashboard"]), timezone.now()
    client.force_login(user)
    request = request_of(client, user)

    for hours in (0, 3, 6, 9, 12, 15, 18, 21):
        sessions.move_on(request, now + timedelta(hours=hours))

    assert request.session.get_expiry_date() == now + timedelta(hours=24)


def test_a_session_whose_time_is_over_is_emptied(client: Client) -> None:
    user, now = factories.user(), timezone.now()
    client.force_login(user)
    request = request_of(client, user)
    sessions.move_on(request, now)

    sessions.move_on(request, now + timedelta(days=31))

    assert request.session.is_empty()


def test_the_store_refuses_what_is_over(client: Client) -> None:
    client.force_login(factories.user())
    assert client.get("/accounts/").status_code == 200
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))

    assert client.get("/accounts/").status_code == 302


def test_a_password_change_ends_the_other_sessions(client: Client) -> None:
    user = factories.user()
    client.force_login(user)
    user.set_password("another-long-password")
    user.save()

    assert client.get("/accounts/").status_code == 302


def test_an_account_that_is_closed_is_out_at_once(client: Client) -> None:
    user = factories.user()
    client.force_login(user)
    user.is_active = False
    user.save(update_fields=["is_active"])

    assert client.get("/accounts/").status_code == 302


@pytest.mark.parametrize("password", ["short", "password123456", "1234567890", "hubblehunter", "Asteroid-Hunter-2026", "janejanejane"])
def test_easy_passwords_are_refused(password: str, client: Client) -> None:
    from django.contrib.auth import get_user_model
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    with pytest.raises(ValidationError):
        validate_password(password, get_user_model()(username="janejanejane"))


@pytest.mark.parametrize("password", ["correct horse battery staple", "x" * 9 + "é日本", "a" + "b7" * 100])
def test_any_long_text_is_a_password(password: str) -> None:
    from django.contrib.auth.password_validation import validate_password

    assert validate_password(password) is None
