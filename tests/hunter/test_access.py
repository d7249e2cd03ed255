"""The table of who may do what, against the site itself. A new address without a line in the table fails here."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.messages import ERROR, get_messages
from django.contrib.messages.api import MessageFailure
from django.db import transaction
from django.http import HttpResponse
from django.test import Client

from hunter.roles import ROLES as KNOWN_ROLES
from tests.hunter import site, walk
from tests.hunter.access_table import ACCOUNTS, PAGES

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# What is sent where an empty body would not reach the question who may.
BODIES = {"talk/discussions/<int:discussion_id>/moderate/": {"action": "lock"}}
REFUSED = set("fmns2")  # what a method without a line may answer

pytestmark = pytest.mark.django_db


def rows() -> Iterator[tuple[str, str, str]]:
    """Yield (method, letters, route) of the table."""
    for line in (PAGES + ACCOUNTS).strip().splitlines():
        if line.strip():
            method, letters, route = line.split(maxsplit=2)
            yield method, letters, "" if route == "(home)" else route


def table() -> dict[tuple[str, str], str]:
    return {(route, method): letters for method, letters, route in rows()}


def walked() -> dict[str, walk.Address]:
    """All addresses but the Django admin's, by route; one line covers two patterns of the same route."""
    return {address.route: address for address in walk.addresses() if not address.route.startswith("admin/")}


@pytest.fixture
def values(settings: Any) -> dict[Any, Any]:
    settings.THROTTLES, settings.STAFF_2FA = False, True
    return site.build()


def outcome(answer: HttpResponse) -> str:
    """Return the letter of an answer (see access_table.py)."""
    where = answer.get("Location", "") if answer.status_code in {301, 302, 303} else ""
    if "/accounts/2fa/" in where:
        return "2"
    if "reauthenticate" in where:
        return "r"
    if "/accounts/login/" in where or "/admin/login/" in where or answer.status_code == 401:
        return "s"
    if where and _has_error(answer):
        return "e"
    if answer.status_code < 400:
        return "o"
    return {403: "f", 404: "n", 405: "m", 502: "g"}.get(answer.status_code, "b" if answer.status_code < 500 else str(answer.status_code))


def _has_error(answer: Any) -> bool:
    try:
        return any(message.level == ERROR for message in get_messages(answer.wsgi_request))
    except (AttributeError, MessageFailure):
        return False


def ask(client: Client, method: str, path: str, body: Any = None) -> str:
    """Send a request and take back whatever it did."""
    cookies = client.cookies.copy()
    with transaction.atomic():
        answer = client.post(path, body) if body else client.generic(method, path)
        letter = outcome(answer)
        transaction.set_rollback(True)
    client.cookies = cookies
    return letter


def test_the_table_names_every_address_and_no_other() -> None:
    named = {route for _, _, route in rows()}

    assert sorted(set(walked()) - named) == [], "addresses without a line in tests/hunter/access_table.py"
    assert sorted(named - set(walked())) == [], "lines of addresses that are gone"
    assert [row for row in rows() if len(row[1]) != len(site.ROLES) or row[0] not in METHODS] == []
    assert len(table()) == len(list(rows())), "a method of an address has two lines"


def test_every_role_is_tried() -> None:
    assert set(site.ROLES[2:]) == set(KNOWN_ROLES)


def test_everybody_may_what_the_table_says_and_nothing_else(values: dict[Any, Any]) -> None:
    clients, addresses, wrong = site.clients(), walked(), []
    for client in clients.values():
        client.raise_request_exception = False
    for (route, method), letters in table().items():
        path = addresses[route].path(values)
        found = "".join(ask(client, method, path, BODIES.get(route)) for client in clients.values())
        if found != letters:
            wrong.append(f"{method:5}{found} {route}   (the table: {letters})")

    assert wrong == [], "\n" + "\n".join(wrong)


def test_methods_that_no_line_names_are_refused_even_for_admins(values: dict[Any, Any]) -> None:
    known, admin, taken = table(), site.signed_in(site.people()["admin"]), []
    admin.raise_request_exception = False
    for route, address in walked().items():
        if not address.route.startswith("accounts/"):  # the library's forms take PUT for POST
            for method in METHODS:
                if (route, method) not in known and (letter := ask(admin, method, address.path(values))) not in REFUSED:
                    taken.append(f"{method} {route}: {letter}")

    assert taken == []


def test_the_django_admin_is_for_admins_with_a_second_factor(values: dict[Any, Any]) -> None:
    from django.contrib import admin as django_admin

    lists = [f"/admin/{m._meta.app_label}/{m._meta.model_name}/" for m in django_admin.site._registry]
    paths = ["/admin/", "/admin/password_change/", "/admin/jsi18n/", *lists, *(f"{path}add/" for path in lists), "/admin/nothing/here/"]
    people = site.people()
    outside = {"anonymous": Client(), "visitor": site.visitor(), **{role: site.signed_in(people[role]) for role in site.ROLES[2:-1]}}
    for role, client in outside.items():
        for path in paths:
            assert ask(client, "GET", path) in {"s", "f", "n"}, (role, path)
    without = site.signed_in(people["admin"], factor=False)
    assert {ask(without, "GET", path) for path in paths} == {"2"}
    admin = site.signed_in(people["admin"])
    assert {path: letter for path in ["/admin/", *lists] if (letter := ask(admin, "GET", path)) != "o"} == {}


def test_the_team_reaches_nothing_of_its_own_without_a_second_factor(values: dict[Any, Any]) -> None:
    people = site.people()
    for role in site.TEAM:
        client = site.signed_in(people[role], factor=False)
        client.raise_request_exception = False
        assert {ask(client, "GET", path) for path in ("/", "/dashboard/", "/me/", "/talk/", "/classify/", "/ml/")} == {"2"}, role
        assert {ask(client, "GET", path) for path in ("/api/v1/workflows/", "/api/v1/labels/?all=1")} == {"f"}, role
        assert ask(client, "POST", "/ml/train/") == "2", role
        assert ask(client, "GET", "/accounts/logout/") == "o", role
    volunteer = site.signed_in(people["volunteer"], factor=False)
    assert ask(volunteer, "GET", "/me/") == "o"
