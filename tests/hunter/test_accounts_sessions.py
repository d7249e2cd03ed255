"""The list of signed-in devices, their end, and that no address is kept in it."""

from datetime import timedelta
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from hunter.accounts import services
from hunter.sessions import SEEN
from tests import factories

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def device(agent: str = FIREFOX, address: str = "203.0.113.9") -> Client:
    made = Client(HTTP_USER_AGENT=agent, REMOTE_ADDR=address)
    made.post("/accounts/login/", {"login": "ada", "password": factories.PASSWORD})
    return made


@pytest.fixture
def ada() -> Any:
    return factories.user(username="ada")


def test_the_list_names_devices_and_keeps_no_address(ada: Any) -> None:
    here, _ = device(), device(agent="Mozilla/5.0 (iPhone; CPU iPhone OS 19_0) AppleWebKit/605 Version/19.0 Safari/605")

    page = here.get("/accounts/sessions/").content.decode()

    assert "Firefox on Linux" in page
    assert "Safari on iOS" in page
    assert page.count(">this device<") == 1
    stored = {row.ip for row in UserSession.objects.all()}
    assert "203.0.113.9" not in page + str(stored)
    assert all(ip_address(each) in ip_network("fd00::/8") for each in stored)
    assert not any(each in page for each in stored)


def test_two_addresses_are_two_and_one_is_one(ada: Any) -> None:
    for address in ("203.0.113.9", "203.0.113.9", "203.0.113.10"):
        device(address=address)

    assert len({row.ip for row in UserSession.objects.all()}) == 2


def test_one_device_is_signed_out(ada: Any) -> None:
    here, there = device(), device()
    other = UserSession.objects.exclude(session_key=here.session.session_key).get()

    here.post(f"/accounts/sessions/{other.pk}/end/")

    assert there.get("/accounts/").status_code == 302
    assert here.get("/accounts/").status_code == 200


def test_all_others_are_signed_out(ada: Any) -> None:
    here, there = device(), device()

    here.post("/accounts/sessions/")

    assert (here.get("/accounts/").status_code, there.get("/accounts/").status_code) == (200, 302)


def test_all_are_signed_out(ada: Any) -> None:
    here, there = device(), device()

    assert here.post("/accounts/sessions/end/")["Location"] == "/"
    assert (here.get("/accounts/").status_code, there.get("/accounts/").status_code) == (302, 302)


def test_ending_ones_own_is_signing_out(ada: Any) -> None:
    here = device()

    assert here.post(f"/accounts/sessions/{UserSession.objects.get().pk}/end/")["Location"] == "/"
    assert here.get("/accounts/").status_code == 302


def test_nobody_ends_somebody_elses(ada: Any) -> None:
    here = device()
    factories.user(username="bob")
    bob = Client()
    bob.post("/accounts/login/", {"login": "bob", "password": factories.PASSWORD})
    mine = UserSession.objects.get(user=ada)

    assert bob.post(f"/accounts/sessions/{mine.pk}/end/").status_code == 404
    assert bob.get(f"/accounts/sessions/{mine.pk}/end/").status_code == 405
    assert here.get("/accounts/").status_code == 200


def test_what_has_run_out_is_forgotten(ada: Any) -> None:
    here, there = device(), device()
    now = timezone.now()
    Session.objects.filter(pk=there.session.session_key).delete()
    UserSession.objects.update(created_at=now - timedelta(days=20))

    assert services.forget_old_sessions(now) == 1

    assert UserSession.objects.get().session_key == here.session.session_key
    assert here.get("/accounts/").status_code == 200


def test_when_a_device_was_last_seen_moves_on_with_use(ada: Any) -> None:
    here = device()
    long_ago = timezone.now() - timedelta(days=2)
    UserSession.objects.update(created_at=long_ago, last_seen_at=long_ago)
    session = here.session
    session[SEEN] = long_ago.timestamp()
    session.save()

    here.get("/how-it-works/")
    page = here.get("/accounts/sessions/").content.decode()

    seen = UserSession.objects.get().last_seen_at
    assert timezone.now() - seen < timedelta(minutes=1)
    assert f"last seen {seen:%Y-%m-%d %H:%M} UTC" in page
