"""Apps, codes and who needs them: staff go on with a second factor only, and are never locked out of setting it up or leaving."""

import re
import time
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.core import mail
from django.core.cache import cache
from django.test import Client

from hunter.accounts import secrets
from hunter.roles import make_roles
from tests import factories
from tests.hunter.one_time import code

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def required(settings: Any) -> None:
    settings.STAFF_2FA = True


def signed_in(client: Client, **fields: Any) -> Any:
    made = factories.user(username="ada", email="ada@example.org", **fields)
    EmailAddress.objects.create(user=made, email="ada@example.org", verified=True, primary=True)
    client.post("/accounts/login/", {"login": "ada", "password": factories.PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": factories.PASSWORD})
    return made


def set_up(client: Client) -> str:
    """Set an app up; return its secret."""
    page = client.get("/accounts/2fa/totp/activate/").content.decode()
    found = re.search(r"data-secret>([A-Z2-7]+)<", page)
    assert found
    answer = client.post("/accounts/2fa/totp/activate/", {"code": code(found[1])})
    assert answer["Location"] == "/accounts/2fa/recovery-codes/"
    return found[1]


def next_code(secret: str) -> str:
    """A code that was not used yet (each counts once)."""
    return code(secret, at=time.time() + 30)


# --- what it is ------------------------------------------------------------------------------------


def test_an_app_is_asked_for_at_the_next_sign_in_and_each_code_counts_once(client: Client, django_capture_on_commit_callbacks: Any) -> None:
    signed_in(client)
    with django_capture_on_commit_callbacks(execute=True):
        secret = set_up(client)
    assert mail.outbox[-1].subject == "An authenticator app was added at Hunter"

    other = Client()
    assert other.post("/accounts/login/", {"login": "ada", "password": factories.PASSWORD})["Location"] == "/accounts/2fa/authenticate/"
    assert other.get("/accounts/").status_code == 302  # half way in is not in
    assert "not right" in other.post("/accounts/2fa/authenticate/", {"code": "000000"}).content.decode()
    used = next_code(secret)
    assert other.post("/accounts/2fa/authenticate/", {"code": used})["Location"] == "/"
    assert other.get("/accounts/").status_code == 200

    third = Client()
    third.post("/accounts/login/", {"login": "ada", "password": factories.PASSWORD})
    assert "has been used" in third.post("/accounts/2fa/authenticate/", {"code": used}).content.decode()


def test_codes_cannot_be_guessed_at_leisure(client: Client) -> None:
    signed_in(client)
    set_up(client)
    other = Client()
    other.post("/accounts/login/", {"login": "ada", "password": factories.PASSWORD})

    said = [other.post("/accounts/2fa/authenticate/", {"code": f"{n:06d}"}) for n in range(6)]

    assert [each.status_code for each in said] == [200] * 5 + [429]
    assert 50 <= int(said[-1]["Retry-After"]) <= 60
    assert "Too many attempts" in said[-1].content.decode()


def test_the_code_of_the_set_up_signs_nobody_in(client: Client) -> None:
    signed_in(client)
    page = client.get("/accounts/2fa/totp/activate/").content.decode()
    secret = re.search(r"data-secret>([A-Z2-7]+)<", page)[1]  # type: ignore[index]
    used = code(secret)
    client.post("/accounts/2fa/totp/activate/", {"code": used})
    other = Client()
    other.post("/accounts/login/", {"login": "ada", "password": factories.PASSWORD})

    said = other.post("/accounts/2fa/authenticate/", {"code": used})

    assert (said.status_code, "has been used" in said.content.decode()) == (200, True)
    assert other.get("/accounts/").status_code == 302
    assert other.post("/accounts/2fa/authenticate/", {"code": next_code(secret)})["Location"] == "/"


def test_a_used_code_stays_used_while_it_is_shown_also_without_the_cache(client: Client) -> None:
    signed_in(client)
    used = next_code(set_up(client))
    answers = []
    for _ in range(2):
        other = Client()
        other.post("/accounts/login/", {"login": "ada", "password": factories.PASSWORD})
        answers.append(other.post("/accounts/2fa/authenticate/", {"code": f"{used[:3]} {used[3:]}"}).status_code)
        cache.clear()  # the library remembers it for half a minute only, and a code is taken for one and a half

    assert answers == [302, 200]


def test_a_recovery_code_stands_in_for_the_app_once(client: Client) -> None:
    signed_in(client)
    set_up(client)
    page = client.get("/accounts/2fa/recovery-codes/").content.decode()
    codes = re.findall(r"<li><code>(\d+)</code>", page)
    assert len(codes) == 10
    assert client.get("/accounts/2fa/recovery-codes/download/").content.decode().split() == codes

    for answer in ("/", None):
        other = Client()
        other.post("/accounts/login/", {"login": "ada", "password": factories.PASSWORD})
        got = other.post("/accounts/2fa/authenticate/", {"code": codes[0]})
        assert got.headers.get("Location") == answer


def test_the_seed_lies_sealed_in_the_database(client: Client, settings: Any) -> None:
    signed_in(client)
    secret = set_up(client)
    stored = str([row.data for row in Authenticator.objects.all()])

    assert secret not in stored
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another key of this site"
    assert secrets.unseal(Authenticator.objects.get(type="totp").data["secret"]) == secret


def test_taking_it_away_tells_the_owner(client: Client) -> None:
    signed_in(client)
    set_up(client)

    client.post("/accounts/2fa/totp/deactivate/")

    assert not Authenticator.objects.exists()
    assert mail.outbox[-1].subject == "The authenticator app was removed at Hunter"


def test_an_address_is_confirmed_before_a_factor_is_set_up(client: Client) -> None:
    ada = signed_in(client)
    EmailAddress.objects.filter(user=ada).update(verified=False)

    assert "confirm your e-mail address first" in client.get("/accounts/2fa/totp/activate/", follow=True).content.decode()


# --- who needs it ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "needs"), [("volunteer", False), ("moderator", True), ("scientist", True), ("model operator", True), ("admin", True)]
)
def test_who_may_more_is_led_to_set_it_up(client: Client, role: str, needs: bool) -> None:
    make_roles()
    ada = signed_in(client)
    ada.groups.add(Group.objects.get(name=role))

    answer = client.get("/how-it-works/")

    assert answer.headers.get("Location") == ("/accounts/2fa/?next=%2Fhow-it-works%2F" if needs else None)
    assert client.get("/accounts/2fa/").status_code == 200


def test_django_staff_need_it_as_well(client: Client) -> None:
    signed_in(client, is_staff=True)

    assert client.get("/admin/")["Location"] == "/accounts/2fa/?next=%2Fadmin%2F"


def test_after_the_set_up_everything_is_open_in_this_session_and_older_ones_show_a_code(client: Client) -> None:
    signed_in(client, is_staff=True, is_superuser=True)
    older = Client()
    older.post("/accounts/login/", {"login": "ada", "password": factories.PASSWORD})
    secret = set_up(client)

    assert client.get("/admin/").status_code == 200
    held = older.get("/admin/")["Location"]
    assert held == "/accounts/2fa/reauthenticate/?next=%2Fadmin%2F"
    assert older.post("/accounts/2fa/reauthenticate/", {"code": next_code(secret), "next": "/admin/"})["Location"] == "/admin/"
    assert older.get("/admin/").status_code == 200


def test_whoever_needs_it_keeps_one(client: Client) -> None:
    signed_in(client, is_staff=True)
    set_up(client)

    assert "Add another before" in client.post("/accounts/2fa/totp/deactivate/").content.decode()
    assert Authenticator.objects.filter(type="totp").exists()


@pytest.mark.parametrize(
    "path", ["/accounts/", "/accounts/email/", "/accounts/2fa/", "/accounts/2fa/totp/activate/", "/accounts/sessions/", "/healthz"]
)
def test_what_stays_open(client: Client, path: str) -> None:
    signed_in(client, is_staff=True)

    assert client.get(path).status_code == 200


def test_signing_out_is_never_held_up(client: Client) -> None:
    signed_in(client, is_staff=True)

    assert client.post("/accounts/logout/")["Location"] == "/"
    assert client.get("/how-it-works/").status_code == 200


def test_programs_get_a_problem_document(client: Client) -> None:
    signed_in(client, is_staff=True)

    answer = client.get("/api/v1/workflows/")

    assert (answer.status_code, answer["Content-Type"]) == (403, "application/problem+json")
    assert answer.json()["title"] == "A second factor is needed"


def test_a_posted_form_is_not_carried_out(client: Client) -> None:
    make_roles()
    ada = signed_in(client)
    ada.groups.add(Group.objects.get(name="moderator"))

    assert client.post("/talk/boards/help/new/", {"title": "x", "body": "y"})["Location"] == "/accounts/2fa/?next=%2F"


def test_the_knob_turns_it_off(client: Client, settings: Any) -> None:
    settings.STAFF_2FA = False
    signed_in(client, is_staff=True)

    assert client.get("/how-it-works/").status_code == 200


def test_the_admin_pages_have_no_sign_in_of_their_own(client: Client) -> None:
    assert client.get("/admin/login/?next=/admin/")["Location"].startswith("/accounts/login/")
    factories.user(username="root", is_staff=True)
    answer = client.post("/admin/login/", {"username": "root", "password": factories.PASSWORD})
    assert (answer.status_code, "_auth_user_id" in client.session) == (302, False)
