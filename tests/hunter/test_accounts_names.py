"""Another name: the old one leads on if its owner wants that, and is nobody else's either way."""

from typing import Any

import pytest
from django.test import Client

from hunter.accounts import services
from hunter.models import FormerName
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(client: Client) -> Any:
    made = factories.user(username="ada")
    client.post("/accounts/login/", {"login": "ada", "password": factories.PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": factories.PASSWORD})
    return made


def rename(client: Client, name: str, **fields: str) -> Any:
    return client.post("/accounts/name/", {"name": name, **fields})


def test_links_with_the_old_name_lead_to_the_new_one(client: Client, ada: Any) -> None:
    assert rename(client, "Comet", leads="on")["Location"] == "/accounts/"

    ada.refresh_from_db()
    assert ada.username == "Comet"
    assert Client().get("/people/ada/")["Location"] == "/people/Comet/"
    assert Client().get("/people/Comet/").status_code == 200
    assert Client().post("/accounts/login/", {"login": "Comet", "password": factories.PASSWORD}).status_code == 302


def test_unless_its_owner_does_not_want_that(client: Client, ada: Any) -> None:
    rename(client, "comet")

    assert Client().get("/people/ada/").status_code == 404
    assert services.is_taken("ADA")


def test_mentions_written_before_still_lead_there(client: Client, ada: Any) -> None:
    from django.utils import timezone

    from talk.markdown import render

    html = render("ask @ada", find_people=lambda names: {name: name for name in names}).html
    services.rename(user=ada, name="comet", leads=True, now=timezone.now())

    assert 'href="/people/ada/"' in html
    assert client.get("/people/ada/", follow=True).status_code == 200


def test_one_may_take_back_a_name_of_ones_own_and_change_only_the_case(client: Client, ada: Any) -> None:
    rename(client, "comet", leads="on")
    rename(client, "ada", leads="on")
    assert list(FormerName.objects.values_list("name", flat=True)) == ["comet"]

    rename(client, "Ada", leads="on")
    ada.refresh_from_db()
    assert ada.username == "Ada"
    assert Client().get("/people/comet/")["Location"] == "/people/Ada/"


@pytest.mark.parametrize(
    ("name", "why"), [("bob", "taken"), ("BOB", "taken"), ("once", "taken"), ("ada", "already"), ("a b", "letters"), ("team", "kept")]
)
def test_names_that_cannot_be_had(client: Client, ada: Any, name: str, why: str) -> None:
    bob = factories.user(username="bob")
    FormerName.objects.create(user=bob, name="once", key="once", since=factories.NOW)

    answer = rename(client, name)

    assert why in answer.content.decode()
    ada.refresh_from_db()
    assert ada.username == "ada"


def test_a_name_taken_a_moment_ago_is_refused_by_the_service_too(ada: Any) -> None:
    factories.user(username="bob")

    with pytest.raises(services.NameTaken):
        services.rename(user=ada, name="Bob", leads=True, now=factories.NOW)


def test_names_are_not_changed_by_the_hour(client: Client, ada: Any) -> None:
    answers = [rename(client, f"comet-{n}") for n in range(6)]

    assert [each.status_code for each in answers] == [302] * 5 + [429]


def test_a_name_is_changed_only_by_whoever_knows_the_password(client: Client) -> None:
    client.force_login(factories.user(username="ada"))

    assert rename(client, "comet")["Location"].startswith("/accounts/reauthenticate/")
