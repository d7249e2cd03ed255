"""Who agreed to which terms, who is asked again, and how quietly."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from hunter import consents
from hunter.models import Consent
from hunter.pages.services import Text, seed_pages, write_version
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db

ASKS = 'action="/terms/agree/"'


@pytest.fixture
def ada() -> Any:
    seed_pages(NOW)
    return factories.user(username="ada")


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def change(body: str, *, base: int, asks_again: bool, slug: str = "terms", language: str = "en") -> None:
    write_version(slug=slug, language=language, text=Text("Terms", body, base, asks_again), author=None, now=NOW)


def test_a_consent_names_version_and_language_and_is_stored_once(ada: Any) -> None:
    first = consents.record(user=ada, now=NOW, language="es")
    again = consents.record(user=ada, now=NOW + timedelta(days=1), language="en")

    assert again == first
    row = Consent.objects.get()
    assert (row.document, row.version, row.language, row.at) == ("terms", consents.current_version("terms"), "es", NOW)


def test_nobody_is_asked_while_there_are_no_terms_or_without_signing_in() -> None:
    ada = factories.user()
    assert consents.outstanding(ada) is None
    seed_pages(NOW)
    page = Client().get("/about/")

    assert ASKS not in page.content.decode()
    assert consents.outstanding(page.wsgi_request.user) is None


def test_who_never_agreed_is_asked_and_agrees_by_one_press(ada: Any) -> None:
    client = signed_in(ada)
    page = client.get("/about/questions/").content.decode()
    assert "Please look at the terms" in page
    assert ASKS in page

    answer = client.post("/terms/agree/", {"version": "1", "next": "/about/questions/"})

    assert answer.headers["Location"] == "/about/questions/"
    assert ASKS not in client.get("/about/questions/").content.decode()
    assert Consent.objects.get().user == ada


def test_a_slip_of_the_pen_asks_nobody_and_a_real_change_asks_everybody(ada: Any) -> None:
    client = signed_in(ada)
    consents.record(user=ada, now=NOW, language="en")
    change("Spelt better.", base=1, asks_again=False)
    assert ASKS not in client.get("/").content.decode()

    change("A new duty.", base=2, asks_again=True)
    page = client.get("/").content.decode()

    assert "The terms have changed" in page
    assert "/terms/versions/?since=1" in page
    shown = client.get("/terms/versions/?since=1", follow=True).content.decode()
    assert "What changed since version 1" in shown
    assert "<ins>" in shown
    assert "<p>A new duty.</p>" in shown
    change("A new duty, spelt better.", base=3, asks_again=False)
    assert 'name="version" value="4"' in client.get("/").content.decode()


def test_the_changes_are_shown_in_the_readers_language_if_they_are_there(ada: Any) -> None:
    change("A new duty.", base=1, asks_again=True)
    reader = Client(headers={"accept-language": "es"})
    assert reader.get("/terms/versions/?since=1").headers["Location"] == "/terms/versions/en/2/?since=1"

    change("Un deber nuevo.", base=1, asks_again=False, language="es")

    assert reader.get("/terms/versions/?since=1").headers["Location"] == "/terms/versions/es/3/?since=1"
    assert "Un deber nuevo." in reader.get("/terms/versions/es/3/?since=1").content.decode()


def test_a_press_on_terms_that_changed_meanwhile_stores_nothing(ada: Any) -> None:
    change("Newer.", base=1, asks_again=True)

    answer = signed_in(ada).post("/terms/agree/", {"version": "1", "next": "https://elsewhere.example/"})

    assert answer.headers["Location"] == "/"
    assert Consent.objects.count() == 0
    assert Client().post("/terms/agree/", {"version": "2"}).headers["Location"] == "/accounts/login/"
    assert signed_in(ada).get("/terms/agree/").status_code == 405


def test_only_terms_ask(ada: Any) -> None:
    consents.record(user=ada, now=NOW, language="en")
    change("Changed.", base=1, asks_again=True, slug="privacy")

    assert consents.outstanding(ada) is None


def test_asking_costs_no_query_once_it_is_known(ada: Any) -> None:
    consents.outstanding(ada)
    with CaptureQueriesContext(connection) as queries:
        assert consents.outstanding(ada) is not None
    assert len(queries) == 0
    cache.clear()
    with CaptureQueriesContext(connection) as queries:
        consents.outstanding(ada)
    assert len(queries) == 2


def test_consent_goes_with_the_account(ada: Any) -> None:
    consents.record(user=ada, now=NOW, language="en")
    ada.delete()

    assert Consent.objects.count() == 0
