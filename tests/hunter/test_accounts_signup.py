"""Making an account and getting into it: names, consent, addresses; nobody learns which addresses are known; limits hold and fail open."""

import re
from typing import Any

import pytest
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client

from classify import services
from classify.models import Classification
from classify.visitors import _SALT
from hunter.accounts import names
from hunter.models import Consent, FormerName, PageVersion
from tests import factories
from tests.services import free_port

pytestmark = pytest.mark.django_db
GOOD = {"username": "comet-7", "password1": "four words of mine", "email": "", "agree": "on"}


def sign_up(client: Client, **fields: str) -> Any:
    return client.post("/accounts/signup/", {**GOOD, **fields})


def words(answer: Any) -> str:
    """The text of a page without what differs by request: tokens and what was typed."""
    page = re.sub(r"<[^>]*(csrf|value=)[^>]*>|<body[^>]*>", "", answer.content.decode())
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def link_in(text: str) -> str:
    found = re.search(r"https?://[^/]+(/accounts/\S+)", text)
    assert found
    return found[1]


# --- signing up -----------------------------------------------------------------------------------


def test_a_name_and_a_password_are_enough_and_the_agreement_is_kept(client: Client) -> None:
    PageVersion.objects.create(slug="terms", version=3, title="Terms", body="Be kind.", created_at=factories.NOW)

    answer = sign_up(client)

    assert (answer.status_code, answer["Location"]) == (302, "/")
    person = get_user_model().objects.get()
    assert (person.username, person.email, person.language) == ("comet-7", "", "en")
    assert (Consent.objects.get(user=person).document, Consent.objects.get(user=person).version) == ("terms", 3)
    assert mail.outbox == []
    assert client.get("/accounts/").status_code == 200


def test_the_form_asks_for_little_and_names_what_is_agreed_to(client: Client) -> None:
    page = client.get("/accounts/signup/").content.decode()

    asked = re.findall(r'<input type="(?:text|password|email|checkbox)" name="(\w+)"', page)
    assert asked == ["username", "password1", "email", "agree"]
    assert all(f'href="{place}"' in page for place in ("/terms/", "/privacy/", "/licence/"))


def test_without_agreement_no_account(client: Client) -> None:
    said = sign_up(client, agree="").content.decode()

    assert "needs your agreement" in said
    assert "Please type the password once more" in said
    assert GOOD["password1"] not in said
    assert not get_user_model().objects.exists()


def test_what_a_name_may_be_is_said_before_and_a_bad_password_is_named_once(client: Client) -> None:
    assert "letters, digits, dots, hyphens or underscores, without spaces" in client.get("/accounts/signup/").content.decode()

    said = sign_up(client, password1="short", agree="").content.decode()

    assert "Please type the password once more" not in said


def test_a_visitors_votes_come_along(client: Client) -> None:
    flow = factories.workflow()
    visitor = services.new_visitor(now=factories.NOW)
    factories.vote(subject=factories.subject(workflow=flow), workflow=flow, volunteer=visitor)
    from django.core.signing import get_cookie_signer

    client.cookies["hunter_visitor"] = get_cookie_signer(salt="hunter_visitor" + _SALT).sign(visitor.public_id)
    sign_up(client)

    assert "Yes" in client.get("/me/").content.decode() or Classification.objects.get().volunteer.user is not None
    assert Classification.objects.get().volunteer.user.username == "comet-7"


ODD = ["ab", "a" * 31, "a b", "a\u00a0b", "a@b", "-ada", "ada.", "ada/ada", "<ada>", "Аda", "ada\u200bx"]
KEPT = ["admin", "Adm1n", "deleted-user", "the_team", "MODERATORS"]


@pytest.mark.parametrize("name", [*ODD, *KEPT])
def test_names_that_may_not_be_chosen(client: Client, name: str) -> None:
    answer = sign_up(client, username=name)

    assert answer.status_code == 200
    assert 'class="errorlist"' in answer.content.decode()
    assert not get_user_model().objects.exists()


@pytest.mark.parametrize("name", ["ada", "Жанна", "山田太郎", "o.k-7_x", "3i_atlas", "José"])
def test_names_of_any_alphabet(name: str) -> None:
    assert names.validate(names.tidy(name)) is None


def test_wide_letters_become_plain_ones() -> None:
    assert names.tidy("ＡＤＡ") == "ADA"
    with pytest.raises(ValidationError):
        names.validate("ＡＤＡ")


def test_a_name_is_somebodys_in_upper_and_lower_case_and_after_they_gave_it_up(client: Client) -> None:
    owner = factories.user(username="Comet-7")
    assert "This name is taken" in sign_up(client).content.decode()
    owner.username = "other"
    owner.save()
    FormerName.objects.create(user=owner, name="Comet-7", key="comet-7", since=factories.NOW)

    assert "This name is taken" in sign_up(client).content.decode()


@pytest.mark.parametrize("password", ["short", "my-comet-7", "password123"])
def test_weak_passwords_are_refused(client: Client, password: str) -> None:
    assert 'class="errorlist"' in sign_up(client, password1=password).content.decode()


# --- the address ----------------------------------------------------------------------------------


def test_an_address_is_confirmed_by_the_mail(client: Client) -> None:
    sign_up(client, email="ada@example.org")
    (sent,) = mail.outbox
    link = link_in(sent.body)

    assert sent.subject.startswith("Welcome")
    assert "ada@example.org" in client.get(link).content.decode()
    assert not EmailAddress.objects.get().verified  # looking is not confirming: mail programs look, too
    client.post(link)
    assert EmailAddress.objects.get().verified


def test_the_mail_is_sent_again_on_request_but_not_at_once(client: Client) -> None:
    sign_up(client, email="ada@example.org")
    client.post("/accounts/email/", {"action_send": "1", "email": "ada@example.org"})
    assert len(mail.outbox) == 1

    from django.core.cache import cache

    cache.clear()
    client.post("/accounts/email/", {"action_send": "1", "email": "ada@example.org"})
    assert len(mail.outbox) == 2


def test_a_new_address_takes_the_place_of_the_old_one_once_confirmed(client: Client) -> None:
    ada = confirmed(client)
    client.post("/accounts/email/", {"action_add": "1", "email": "new@example.org"})
    assert EmailAddress.objects.get(primary=True).email == "ada@example.org"

    client.post(link_in(mail.outbox[-1].body))

    assert [each.email for each in EmailAddress.objects.all()] == ["new@example.org"]
    ada.refresh_from_db()
    assert ada.email == "new@example.org"
    assert (mail.outbox[-1].to, mail.outbox[-1].subject) == (["ada@example.org"], "Your e-mail address at Hunter was changed")


def test_an_address_can_be_removed(client: Client) -> None:
    ada = confirmed(client)

    client.post("/accounts/email/", {"action_remove": "1", "email": "ada@example.org"})

    ada.refresh_from_db()
    assert (EmailAddress.objects.count(), ada.email) == (0, "")


def test_changing_the_address_asks_for_the_password_when_signing_in_is_a_while_ago(client: Client) -> None:
    ada = factories.user(username="ada")
    client.force_login(ada)

    answer = client.post("/accounts/email/", {"action_add": "1", "email": "new@example.org"})

    assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert not EmailAddress.objects.exists()


def test_whoever_has_just_signed_in_is_not_asked_again_but_is_later(client: Client) -> None:
    factories.user(username="ada")
    client.post("/accounts/login/", {"login": "ada", "password": factories.PASSWORD})
    assert client.get("/accounts/2fa/totp/activate/").status_code == 200

    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{**each, "at": each["at"] - 601} for each in session[AUTHENTICATION_METHODS_SESSION_KEY]]
    session.save()
    assert client.get("/accounts/2fa/totp/activate/")["Location"].startswith("/accounts/reauthenticate/")


def confirmed(client: Client) -> Any:
    """Somebody with a confirmed address who has just shown the password."""
    ada = factories.user(username="ada", email="ada@example.org")
    EmailAddress.objects.create(user=ada, email="ada@example.org", verified=True, primary=True)
    client.post("/accounts/login/", {"login": "ada", "password": factories.PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": factories.PASSWORD})
    return ada


# --- the password ---------------------------------------------------------------------------------


def test_a_forgotten_password_is_chosen_anew_by_the_mail_once(client: Client) -> None:
    confirmed(client)
    client.post("/accounts/logout/")
    client.post("/accounts/password/reset/", {"email": "ada@example.org"})
    link = link_in(mail.outbox[-1].body)

    form = client.get(link)["Location"]
    new = {"password1": "another four words", "password2": "another four words"}
    assert client.post(form, new)["Location"].endswith("/done/")
    assert "has been used" in Client().get(link, follow=True).content.decode()
    client.post("/accounts/login/", {"login": "ada", "password": "another four words"})
    assert client.get("/accounts/").status_code == 200


def test_a_changed_password_signs_other_devices_out(client: Client) -> None:
    confirmed(client)
    other = Client()
    other.post("/accounts/login/", {"login": "ada@example.org", "password": factories.PASSWORD})
    assert other.get("/accounts/").status_code == 200

    form = {"oldpassword": factories.PASSWORD, "password1": "another four words", "password2": "another four words"}
    client.post("/accounts/password/change/", form)

    assert client.get("/accounts/").status_code == 200
    assert other.get("/accounts/").status_code == 302
    assert mail.outbox[-1].subject == "Your password at Hunter was changed"


# --- what nobody learns ---------------------------------------------------------------------------


def test_signing_in_says_the_same_whoever_it_is(client: Client) -> None:
    confirmed(Client())
    factories.user(username="closed", is_active=False)
    tries = ["ada", "nobody-here", "closed", "ada@example.org", "nobody@example.org"]

    said = {words(client.post("/accounts/login/", {"login": name, "password": "wrong words"})) for name in tries}

    assert len(said) == 1
    assert "Name or password are not right" in said.pop()


def test_a_reset_says_the_same_and_sends_a_mail_either_way(client: Client) -> None:
    confirmed(Client())
    tries = ["ada@example.org", "nobody@example.org"]

    said = {words(client.post("/accounts/password/reset/", {"email": address}, follow=True)) for address in tries}

    assert len(said) == 1
    assert [each.subject for each in mail.outbox] == ["A new password for Hunter", "There is no account with this address at Hunter"]


def test_signing_up_says_the_same_whether_the_address_is_known(client: Client) -> None:
    confirmed(Client())

    known = sign_up(Client(), email="ada@example.org", username="one-two")
    unknown = sign_up(Client(), email="new@example.org", username="one-six")

    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert [each.subject for each in mail.outbox] == ["Welcome to Hunter: confirm your e-mail address"] * 2
    link = link_in(mail.outbox[0].body)
    Client().post(link)  # whoever has the mailbox: the address stays with its first owner
    assert EmailAddress.objects.get(email="ada@example.org", verified=True).user.username == "ada"


def test_a_second_person_with_the_address_cannot_take_it(client: Client) -> None:
    confirmed(Client())
    sign_up(client, email="ada@example.org")

    assert "another account" in client.post(link_in(mail.outbox[0].body), follow=True).content.decode()


# --- limits ---------------------------------------------------------------------------------------


def test_guessing_from_one_address_is_stopped_whoever_is_meant(client: Client) -> None:
    said = [client.post("/accounts/login/", {"login": f"name{n}", "password": "wrong words"}).status_code for n in range(31)]

    assert said == [200] * 30 + [429]
    elsewhere = client.post("/accounts/login/", {"login": "name99", "password": "wrong words"}, REMOTE_ADDR="203.0.113.7")
    assert "Too many attempts" not in elsewhere.content.decode()


def test_a_flood_of_sign_ups_meets_a_page_that_says_when_to_come_back(client: Client, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"signup": "2/m/ip"}
    answers = [sign_up(Client(), username=f"comet-{n}") for n in range(3)]

    assert [each.status_code for each in answers] == [302, 302, 429]
    assert answers[2]["Retry-After"] == "60"
    assert "<title>" in answers[2].content.decode()
    assert "nothing else was lost" in answers[2].content.decode()


def test_without_the_broker_people_sign_up_and_in(client: Client, settings: Any) -> None:
    away = {**settings.CACHES["default"], "LOCATION": f"redis://127.0.0.1:{free_port()}/0"}
    settings.CACHES = {"default": away}

    assert sign_up(client)["Location"] == "/"
    client.post("/accounts/logout/")
    assert client.post("/accounts/login/", {"login": "comet-7", "password": GOOD["password1"]})["Location"] == "/"
    assert client.get("/accounts/").status_code == 200
