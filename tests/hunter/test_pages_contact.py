"""Writing to the team: nobody has to say who they are, and no letter is lost. And what programs read at the root of the site."""

from datetime import timedelta
from smtplib import SMTPException
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.test import Client

from hunter.letters import Words, forget_old_letters, write_letter
from hunter.models import Letter
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db

LETTER = {"subject": "A fault", "body": "The page\nis blank.", "name": "", "email": "", "website": ""}


class NoServer(BaseEmailBackend):
    """A mail server that takes nothing."""

    def send_messages(self, messages: Any) -> int:
        raise SMTPException("no")


@pytest.fixture(autouse=True)
def contact(settings: Any) -> None:
    settings.CONTACT = "team@example.org"


def test_a_letter_without_name_and_address_is_stored_and_mailed() -> None:
    answer = Client().post("/contact/", LETTER, follow=True)

    assert "Your letter has arrived." in answer.content.decode()
    assert "there will be no answer" in answer.content.decode()
    stored = Letter.objects.get()
    assert (stored.subject, stored.body, stored.name, stored.email, stored.user) == ("A fault", "The page\nis blank.", "", "", None)
    (sent,) = mail.outbox
    assert (sent.to, sent.reply_to, sent.subject) == (["team@example.org"], [], "Letter to the team: A fault")
    assert "The page\nis blank." in str(sent.body)
    assert "The page<br>is blank." in str(sent.alternatives[0][0])  # type: ignore[attr-defined]


def test_an_answer_goes_to_the_address_given_and_the_account_is_named() -> None:
    client = Client()
    client.force_login(factories.user(username="ada"))

    answer = client.post("/contact/", LETTER | {"name": "Ada L.", "email": "ada@example.org"}, follow=True)

    assert "answers to the address you gave" in answer.content.decode()
    assert Letter.objects.get().user.get_username() == "ada"  # type: ignore[union-attr]
    assert mail.outbox[0].reply_to == ["ada@example.org"]
    assert "Ada L. (ada)" in str(mail.outbox[0].body)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"body": " "}, "Write something first."),
        ({"subject": ""}, "Say in a few words what it is about."),
        ({"email": "nowhere"}, "This is no e-mail address."),
        ({"website": "https://buy.example"}, "filled in as programs do it"),
        ({"subject": "a\r\nBcc: all@example.org", "body": ""}, "Write something first."),
    ],
)
def test_a_letter_that_cannot_be_sent_comes_back_whole(change: dict[str, str], said: str) -> None:
    answer = Client().post("/contact/", LETTER | {"name": "Kept name"} | change)

    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert "Everything you wrote is still here." in answer.content.decode()
    assert 'value="Kept name"' in answer.content.decode()
    assert (Letter.objects.count(), len(mail.outbox)) == (0, 0)


def test_a_subject_cannot_add_headers() -> None:
    Client().post("/contact/", LETTER | {"subject": "Hi\r\nBcc: all@example.org"})

    assert mail.outbox[0].message()["Subject"] == "Letter to the team: Hi Bcc: all@example.org"
    assert mail.outbox[0].recipients() == ["team@example.org"]


def test_a_letter_is_kept_where_no_mail_server_answers_or_none_is_named(settings: Any) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.NoServer"
    assert Client().post("/contact/", LETTER).status_code == 302
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.CONTACT = ""
    assert Client().post("/contact/", LETTER).status_code == 302

    assert Letter.objects.count() == 2
    assert mail.outbox == []


def test_many_letters_at_once_are_slowed_down_and_stay_in_the_form() -> None:
    client = Client()
    client.force_login(factories.user())
    answers = [client.post("/contact/", LETTER | {"body": f"Letter {number}"}) for number in range(6)]

    assert [answer.status_code for answer in answers] == [302] * 5 + [429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert "Letter 5</textarea>" in answers[-1].content.decode()
    assert Letter.objects.count() == 5


def test_the_team_marks_letters_as_done_and_they_go_a_year_later() -> None:
    letters = [write_letter(words=Words(subject=f"L{n}", body="b"), user=None, now=NOW) for n in range(2)]
    client = Client()
    client.force_login(factories.user(is_staff=True, is_superuser=True))
    page = client.post("/admin/hunter/letter/", {"action": "mark_done", "_selected_action": [letters[0].pk]}, follow=True)
    assert "1 letter is done." in page.content.decode()
    assert client.get(f"/admin/hunter/letter/{letters[1].pk}/change/").status_code == 200
    done = Letter.objects.get(subject="L0").done_at

    assert forget_old_letters(done + timedelta(days=364)) == 0  # type: ignore[operator]
    assert forget_old_letters(done + timedelta(days=366)) == 1  # type: ignore[operator]
    assert list(Letter.objects.values_list("subject", flat=True)) == ["L1"]


def test_letters_that_nobody_marks_go_after_two_years() -> None:
    write_letter(words=Words(subject="s", body="b"), user=None, now=NOW)

    assert forget_old_letters(NOW + timedelta(days=729)) == 0
    assert forget_old_letters(NOW + timedelta(days=731)) == 1


def test_programs_find_what_they_ask_for_at_the_root() -> None:
    icon = Client().get("/favicon.ico")
    assert (icon.status_code, icon.headers["Location"]) == (302, "/static/img/favicon.svg")
    robots = Client().get("/robots.txt")
    assert robots.headers["Content-Type"].startswith("text/plain")
    assert "Disallow: /me/" in robots.content.decode()
    security = Client().get("/.well-known/security.txt").content.decode()
    assert "Contact: mailto:team@example.org\nContact: http://testserver/contact/\nExpires: 20" in security
