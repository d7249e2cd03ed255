"""Whose a request is, and what is kept of it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import RequestFactory, override_settings

from core import addresses
from core.models import AddressSalt

DAY = date(2026, 3, 1)


@pytest.fixture(autouse=True)
def fresh_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """No salt is remembered from another test's database."""
    monkeypatch.setattr(addresses, "_salt", None)


@pytest.mark.parametrize(
    ("remote", "forwarded", "proxies", "expected"),
    [
        ("203.0.113.9", "", 0, "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", 0, "203.0.113.9"),  # written by the client: not believed
        ("10.0.0.2", "198.51.100.1", 1, "198.51.100.1"),
        ("10.0.0.2", "6.6.6.6, 198.51.100.1", 1, "198.51.100.1"),  # the left part is the client's own invention
        ("10.0.0.2", "6.6.6.6, 198.51.100.1, 10.0.0.3", 2, "198.51.100.1"),
        ("10.0.0.2", "198.51.100.1", 2, "10.0.0.2"),  # a proxy was passed by
        ("10.0.0.2", "not an address", 1, "10.0.0.2"),
        ("10.0.0.2", "198.51.100.1:4711", 1, "198.51.100.1"),
        ("10.0.0.2", "[2001:DB8::1]:443", 1, "2001:db8::1"),
        ("::ffff:203.0.113.9", "", 0, "203.0.113.9"),
        ("fe80::1%eth0", "", 0, "fe80::1"),
        ("", "", 0, addresses.NOWHERE),
    ],
)
def test_only_what_trusted_proxies_wrote_is_believed(remote: str, forwarded: str, proxies: int, expected: str) -> None:
    assert addresses.address_of(remote, forwarded, proxies) == expected


def test_request_is_read_by_the_setting() -> None:
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.2", HTTP_X_FORWARDED_FOR="6.6.6.6, 198.51.100.1")

    assert addresses.client_address(request) == "10.0.0.2"
    with override_settings(PROXIES=1):
        assert addresses.client_address(request) == "198.51.100.1"


def test_hash_holds_within_a_network_and_a_salt() -> None:
    assert addresses.hashed("2001:db8::1", "salt") == addresses.hashed("2001:db8::ffff:1", "salt")
    assert addresses.hashed("2001:db8::1", "salt") != addresses.hashed("2001:db8:0:1::1", "salt")
    assert addresses.hashed("203.0.113.9", "salt") != addresses.hashed("203.0.113.10", "salt")
    assert addresses.hashed("203.0.113.9", "salt") != addresses.hashed("203.0.113.9", "other")


def test_all_processes_of_a_day_share_one_salt(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    AddressSalt.objects.all().delete()
    mine = addresses.salt_of(DAY)
    monkeypatch.setattr(addresses, "_salt", None)

    assert addresses.salt_of(DAY) == mine
    assert addresses.salt_of(DAY + timedelta(days=1)) != mine
    assert AddressSalt.objects.count() == 2


def test_old_salts_are_forgotten(db: None) -> None:
    now = datetime(2026, 3, 4, 12, tzinfo=UTC)
    AddressSalt.objects.all().delete()
    for day in range(1, 5):
        AddressSalt.objects.create(day=date(2026, 3, day), value=f"salt {day}")

    assert addresses.forget_old_salts(now) == 1
    assert list(AddressSalt.objects.order_by("day").values_list("day__day", flat=True)) == [2, 3, 4]


def test_stored_address_is_nobodys(db: None) -> None:
    from ipaddress import ip_address, ip_network

    from hunter.addresses import pseudo_address

    here, there = (pseudo_address(RequestFactory().get("/", REMOTE_ADDR=remote)) for remote in ("203.0.113.9", "203.0.113.10"))

    assert ip_address(here) in ip_network("fd00::/8")
    assert here != there
