"""Every mail that can be sent: subject, text and HTML of ours, in the language of its receiver, with nothing from elsewhere in it."""

import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import allauth
import pytest
from allauth.account.models import EmailAddress
from django.conf import settings as site_settings
from django.core import mail
from django.core.exceptions import ImproperlyConfigured
from django.test import Client, RequestFactory
from django.utils import translation

from hunter.accounts import mails, mailserver
from hunter.accounts.adapter import AccountAdapter
from tests import factories

pytestmark = pytest.mark.django_db

OURS = site_settings.BASE_DIR / "templates"
LIBRARY = Path(allauth.__file__).parent / "templates"
# The library can send these only with codes in place of links, which is off (ACCOUNT_LOGIN_BY_CODE_ENABLED and the like).
NEVER_SENT = {"account/email/login_code", "account/email/password_reset_code"}
LINK = "https://hunter.example.org/accounts/anywhere/"
WORDS: dict[str, Any] = {
    "site": "https://hunter.example.org", "name": "ada", "timestamp": datetime(2026, 3, 1, 12, 0, tzinfo=UTC), "user_agent": "Firefox <b>",
    "activate_url": LINK, "password_reset_url": LINK, "signup_url": LINK, "provider": "ORCID",
    "from_email": "old@example.org", "to_email": "new@example.org", "deleted_email": "gone@example.org",
}  # fmt: skip
# prefix: what its text must say
MAILS = {
    "account/email/account_already_exists": LINK,
    "account/email/email_changed": "from old@example.org to new@example.org",
    "account/email/email_confirm": "confirmed",
    "account/email/email_confirmation": LINK,
    "account/email/email_confirmation_signup": LINK,
    "account/email/email_deleted": "gone@example.org was removed",
    "account/email/password_changed": "password of your account was changed",
    "account/email/password_reset": "A new password was chosen",
    "account/email/password_reset_key": LINK,
    "account/email/password_set": "A password was set",
    "account/email/unknown_account": LINK,
    "mfa/email/recovery_codes_generated": "New recovery codes",
    "mfa/email/totp_activated": "authenticator app was added",
    "mfa/email/totp_deactivated": "authenticator app was removed",
    "mfa/email/webauthn_added": "passkey was added",
    "mfa/email/webauthn_removed": "passkey was removed",
    "socialaccount/email/account_connected": "by ORCID",
    "socialaccount/email/account_disconnected": "by ORCID",
}


def prefixes(folder: Path) -> set[str]:
    """The mails of a folder of the library's shape."""
    return {str(path.relative_to(folder)).removesuffix("_subject.txt") for path in folder.glob("*/email/*_subject.txt")}


def test_every_mail_is_ours_and_in_this_table() -> None:
    assert prefixes(OURS) == set(MAILS)
    assert prefixes(LIBRARY) - prefixes(OURS) == NEVER_SENT
    assert {f"{name}_message.{kind}" for name in MAILS for kind in ("txt", "html") if not (OURS / f"{name}_message.{kind}").is_file()} == set()


class Reader(HTMLParser):
    """Collects the words of a mail and what it would fetch or follow."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.followed: list[str] = []
        self.tags: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.followed += [value or "" for name, value in attrs if name in {"href", "src", "background", "action"}]

    def handle_data(self, data: str) -> None:
        self.words += data.split()


@pytest.mark.parametrize("prefix", MAILS)
def test_text_and_html_say_the_same(prefix: str) -> None:
    mails.send(prefix, to="ada@example.org", context=WORDS)

    (sent,) = mail.outbox
    html = Reader(str(sent.alternatives[0].content))
    assert sent.to == ["ada@example.org"]
    assert sent.subject
    assert "\n" not in sent.subject
    assert sent.alternatives[0].mimetype == "text/html"
    assert "ada" in sent.body
    assert MAILS[prefix] in " ".join(sent.body.split())
    assert MAILS[prefix] in " ".join(html.words) or MAILS[prefix] in html.followed
    for word in sent.body.replace("--", "").split():  # whatever the text says, the HTML says
        assert word in html.words or word in html.followed or word.strip(":") in "".join(html.words), word
    assert all(address.startswith(WORDS["site"]) for address in html.followed)
    assert html.tags & {"img", "link", "script", "style", "iframe", "form"} == set()
    assert "<b>" not in "".join(html.words).replace("Firefox<b>", "")  # what a browser calls itself is no markup
    assert not re.search(r"{[{%]|&amp;|&#", sent.body)


def test_a_mail_is_in_the_language_of_its_receiver(client: Client) -> None:
    ada = factories.user(username="ada", email="ada@example.org", language="es")
    EmailAddress.objects.create(user=ada, email="ada@example.org", verified=True, primary=True)
    with translation.override("es"):
        expected = translation.gettext("A new password for Hunter")

    client.post("/accounts/password/reset/", {"email": "ada@example.org"}, HTTP_ACCEPT_LANGUAGE="en")

    (sent,) = mail.outbox
    assert sent.subject == expected
    assert '<html lang="es"' in str(sent.alternatives[0].content)


def test_no_mail_tells_an_address(client: Client) -> None:
    ada = factories.user(username="ada", email="ada@example.org")
    EmailAddress.objects.create(user=ada, email="ada@example.org", verified=True, primary=True)
    client.post("/accounts/login/", {"login": "ada", "password": factories.PASSWORD}, REMOTE_ADDR="203.0.113.9")
    new = "a very new passphrase"
    form = {"oldpassword": factories.PASSWORD, "password1": new, "password2": new}

    client.post("/accounts/password/change/", form, REMOTE_ADDR="203.0.113.9", HTTP_USER_AGENT="Firefox")

    (sent,) = mail.outbox
    assert "Firefox" in sent.body
    assert "203.0.113.9" not in sent.body + str(sent.alternatives)
    assert "fd" not in re.findall(r"\bfd[0-9a-f]{2}:", sent.body)


def test_without_a_mail_server_the_account_is_made_and_the_person_told(client: Client, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9

    answer = client.post(
        "/accounts/signup/", {"username": "ada", "password1": "a very new passphrase", "email": "ada@example.org", "agree": "on"}, follow=True
    )

    assert answer.status_code == 200
    assert "A mail could not be sent just now" in answer.content.decode()
    assert EmailAddress.objects.get().user.username == "ada"


def test_the_sender_is_the_one_of_the_settings(settings: Any, rf: RequestFactory) -> None:
    settings.DEFAULT_FROM_EMAIL = "Team <team@example.org>"

    assert mails.build("account/email/email_confirm", to="a@example.org", context=WORDS).from_email == "Team <team@example.org>"
    assert AccountAdapter(rf.get("/")).get_from_email() == "Team <team@example.org>"


# --- where mails go -------------------------------------------------------------------------------


def test_an_address_names_the_mail_server() -> None:
    read = mailserver.read("smtp+tls://ada%40x:p%3Aw@mail.example.org", Path("/srv"))

    assert (read["EMAIL_HOST"], read["EMAIL_PORT"], read["EMAIL_USE_TLS"], read["EMAIL_USE_SSL"]) == ("mail.example.org", 587, True, False)
    assert (read["EMAIL_HOST_USER"], read["EMAIL_HOST_PASSWORD"]) == ("ada@x", "p:w")
    assert mailserver.read("smtps://h:4650", Path("/srv"))["EMAIL_PORT"] == 4650
    assert mailserver.read("", Path("/srv"))["EMAIL_FILE_PATH"] == Path("/srv/outbox")


@pytest.mark.parametrize("url", ["mail.example.org", "http://mail.example.org", "smtp://"])
def test_another_address_stops_the_start_without_telling_the_password(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="HUNTER_EMAIL_URL is no address"):
        mailserver.read(url, Path("/srv"))
