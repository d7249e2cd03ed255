"""Guessing at passwords and codes: it costs the same whoever is named, is held back, and does not keep an owner out for long."""

from typing import Any, ClassVar

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core import throttles
from hunter.roles import make_roles
from tests import factories

pytestmark = pytest.mark.django_db
LOGIN, WRONG = "/accounts/login/", "wrong words"


class Counting(MD5PasswordHasher):
    """Counts the hashes that are made."""

    made: ClassVar[list[str]] = []

    def encode(self, password: str, salt: str) -> str:
        self.made.append(password)
        return super().encode(password, salt)


@pytest.fixture
def ada() -> Any:
    made = factories.user(username="ada", email="ada@example.org")
    EmailAddress.objects.create(user=made, email="ada@example.org", verified=True, primary=True)
    return made


def guess(login: str = "ada", password: str = WRONG, address: str = "203.0.113.9") -> Any:
    return Client().post(LOGIN, {"login": login, "password": password}, REMOTE_ADDR=address)


# --- the same whoever is named ----------------------------------------------------------------------


@pytest.mark.parametrize("password", [WRONG, factories.PASSWORD])
def test_each_try_costs_one_hash_whoever_is_named(ada: Any, settings: Any, password: str) -> None:
    factories.user(username="closed", email="closed@example.org", is_active=False)
    factories.user(username="by-orcid", email="orcid@example.org").set_unusable_password()
    for _ in range(2):  # who claim an address without proof
        EmailAddress.objects.create(user=factories.user(), email="two@example.org")
    settings.PASSWORD_HASHERS = [f"{__name__}.Counting"]
    tried = ["ada", "ada@example.org", "ADA@example.org", "closed", "closed@example.org", "by-orcid", "orcid@example.org"]
    costs = {}

    for login in [*tried, "two@example.org", "nobody-here", "nobody@example.org"]:
        Counting.made.clear()
        guess(login, password)
        costs[login] = len(Counting.made)

    assert set(costs.values()) == {1}, costs


def test_name_and_address_both_sign_in_and_roles_hold(ada: Any) -> None:
    make_roles()
    moderator = factories.user(username="mo", permissions=["classify.review_votes"])

    assert guess("ada", factories.PASSWORD)["Location"] == guess("Ada@example.org", factories.PASSWORD)["Location"] == "/"
    assert authenticate(username="mo", password=factories.PASSWORD) == moderator
    assert moderator.has_perm("classify.review_votes")
    assert not ada.has_perm("classify.review_votes")


def test_a_proved_address_signs_its_owner_in_whoever_else_claims_it(ada: Any) -> None:
    other = factories.user(username="bob", email="ada@example.org")
    EmailAddress.objects.create(user=other, email="ada@example.org", verified=False, primary=True)
    client = Client()

    client.post(LOGIN, {"login": "ada@example.org", "password": factories.PASSWORD})

    assert client.session["_auth_user_id"] == str(ada.pk)


def test_a_reset_costs_alike_for_known_and_unknown_addresses(ada: Any, settings: Any) -> None:
    settings.PASSWORD_HASHERS = [f"{__name__}.Counting"]
    Counting.made.clear()
    asked = []
    for address in ("warm@example.org", "ada@example.org", "nobody@example.org"):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            Client().post("/accounts/password/reset/", {"email": address})
        asked.append(len(queries))

    assert Counting.made == []
    assert len(mail.outbox) == 3
    assert abs(asked[1] - asked[2]) <= 4, asked


# --- limits -----------------------------------------------------------------------------------------


def test_too_many_wrong_passwords_are_answered_with_429_and_the_true_wait(ada: Any) -> None:
    said = [guess() for _ in range(6)]

    assert [each.status_code for each in said] == [200] * 5 + [429]
    assert 50 <= int(said[-1]["Retry-After"]) <= 60
    assert "try again in 1 minute;" in said[-1].content.decode()
    assert guess(password=factories.PASSWORD).status_code == 429


def test_the_wait_is_that_of_the_window_that_is_full(ada: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = throttles.Limit((throttles.Window(2, throttles.HOUR),), ())
    monkeypatch.setitem(throttles.LIMITS, "wrong passwords", rows)

    said = [guess() for _ in range(3)][-1]

    assert 3590 <= int(said["Retry-After"]) <= 3600
    assert "try again in 60 minutes;" in said.content.decode()


def test_name_and_address_of_an_account_are_counted_together(ada: Any) -> None:
    said = [guess(login).status_code for login in ("ada", "ADA", "ada@example.org", "Ada@example.org", "ada", "ada@example.org")]

    assert said == [200] * 5 + [429]


def test_names_that_nobody_has_are_limited_like_others() -> None:
    assert [guess("nobody@example.org").status_code for _ in range(6)] == [200] * 5 + [429]
    assert guess("nobody-else@example.org").status_code == 200


def test_guesses_from_elsewhere_do_not_keep_the_owner_out(ada: Any) -> None:
    for n in range(6):
        for _ in range(6):
            guess(address=f"198.51.100.{n}")

    assert guess(password=factories.PASSWORD).status_code == 302


def test_guesses_from_everywhere_stop_at_a_wide_limit_and_a_new_password_lets_the_owner_in(ada: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(throttles.LIMITS, "wrong passwords from anywhere", throttles.Limit((throttles.Window(4, throttles.HOUR),), ()))
    said = [guess(address=f"198.51.100.{n}").status_code for n in range(5)]
    assert said == [200] * 4 + [429]

    mine = Client(REMOTE_ADDR="203.0.113.9")
    for _ in range(9):
        assert guess(password=factories.PASSWORD).status_code == 429
    mine.post("/accounts/password/reset/", {"email": "ada@example.org"})
    link = next(word for word in mail.outbox[-1].body.split() if "/accounts/password/reset/key/" in word)
    form = mine.get(link[link.index("/accounts") :])["Location"]
    mine.post(form, {"password1": "another four words", "password2": "another four words"})

    assert guess(password="another four words").status_code == 302


def test_right_passwords_are_no_guesses(ada: Any) -> None:
    assert {guess(password=factories.PASSWORD).status_code for _ in range(12)} == {302}
    guess()
    assert {guess(password=factories.PASSWORD).status_code for _ in range(5)} == {302}


def test_the_password_is_not_guessed_at_where_an_account_is_deleted(ada: Any) -> None:
    client = Client()
    client.force_login(ada)

    said = [client.post("/me/privacy/delete/", {"comments": "keep", "proof": "wrong words"}) for _ in range(6)]

    assert [each.status_code for each in said] == [200] * 5 + [429]
    assert said[-1]["Retry-After"]


def test_the_knob_for_measurements_turns_them_off(ada: Any, settings: Any) -> None:
    settings.THROTTLES = False

    assert {guess().status_code for _ in range(8)} == {200}
    assert guess(password=factories.PASSWORD).status_code == 302
