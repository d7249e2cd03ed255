"""Every page of an account is ours, says nothing of what the library would, and asks for the password before what is worth it."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests import factories

pytestmark = pytest.mark.django_db

OUTSIDE = ["account_login", "account_signup", "account_reset_password", "account_reset_password_done", "account_inactive",
           "account_email_verification_sent", "account_reset_password_from_key_done", "socialaccount_login_cancelled"]  # fmt: skip
INSIDE = ["account", "account_name", "account_email", "account_change_password", "account_logout", "usersessions_list", "mfa_index",
          "mfa_activate_totp", "mfa_add_webauthn", "mfa_list_webauthn", "account_reauthenticate", "socialaccount_connections"]  # fmt: skip


@pytest.fixture
def ada(client: Client) -> Any:
    """Somebody who has just signed in with the password, so that nothing asks for it again."""
    made = factories.user(username="ada")
    client.post("/accounts/login/", {"login": "ada", "password": factories.PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": factories.PASSWORD})
    return made


@pytest.mark.parametrize("name", OUTSIDE)
def test_pages_before_signing_in(client: Client, name: str) -> None:
    answer = client.get(reverse(name))

    assert answer.status_code == 200
    assert "· Hunter</title>" in answer.content.decode()


@pytest.mark.parametrize("name", INSIDE)
def test_pages_of_an_account(client: Client, ada: Any, name: str) -> None:
    answer = client.get(reverse(name))

    assert answer.status_code == 200
    assert 'href="/me/tokens/"' in answer.content.decode()  # the tabs
    assert client.get(reverse(name), HTTP_ACCEPT_LANGUAGE="es").status_code == 200


@pytest.mark.parametrize("name", INSIDE)
def test_visitors_are_led_to_sign_in(client: Client, name: str) -> None:
    if name == "account_logout":
        assert client.get(reverse(name))["Location"] == "/"
    else:
        assert client.get(reverse(name))["Location"].startswith("/accounts/login/")


def test_an_unknown_login_failure_page_has_words(client: Client) -> None:
    assert "Nothing was changed" in client.get(reverse("socialaccount_login_error")).content.decode()
