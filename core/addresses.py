"""Network addresses: whose a request is, and a name for it that outlives neither the day's salt nor gives the address away.

A raw address is used and forgotten; what is kept (in a counter's name, in a session's row) is `address_id`, which nobody can turn
back once the day's random salt is deleted.
"""

import hashlib
import hmac
import secrets
from datetime import date, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from core.models import AddressSalt

NOWHERE = "0.0.0.0"  # noqa: S104  # not an address to bind: a request by a local socket comes from no address
SALTS_KEPT = timedelta(days=2)
_salt: tuple[date, str] | None = None  # today's, so that a request need not ask the database


def client_address(request: HttpRequest) -> str:
    """Return the address that a request comes from. It is personal: use it at once, keep `address_id` instead."""
    request = getattr(request, "_request", request)  # the API framework wraps Django's
    return address_of(request.META.get("REMOTE_ADDR", ""), request.META.get("HTTP_X_FORWARDED_FOR", ""), settings.PROXIES)


def address_id(request: HttpRequest) -> str:
    """Return 32 hexadecimal digits that stand for the request's address today; another day they are others."""
    return hashed(client_address(request), salt_of(timezone.now().date()))


def address_of(remote: str, forwarded: str, proxies: int) -> str:
    """Return the client's address behind `proxies` trusted proxies, each of which appends to X-Forwarded-For whom it was asked by.

    What stands further left was written by the client and is not believed; without proxies nothing of the header is.
    """
    chain = [part.strip() for part in forwarded.split(",")] if forwarded else []
    seen = chain[-proxies] if 0 < proxies <= len(chain) else remote
    return _clean(seen) or _clean(remote) or NOWHERE


def hashed(address: str, salt: str) -> str:
    """Return a keyed hash of an address. IPv6 counts by its /64, which is what one household or school gets."""
    return hmac.new(salt.encode(), _network(address).encode(), hashlib.sha256).hexdigest()[:32]


def salt_of(day: date) -> str:
    """Return the random salt of a day, made by whoever needs it first."""
    global _salt  # one value a day for the whole process
    if _salt is None or _salt[0] != day:
        row, _ = AddressSalt.objects.get_or_create(day=day, defaults={"value": secrets.token_hex(32)})
        _salt = (day, row.value)
    return _salt[1]


def forget_old_salts(now: datetime) -> int:
    """Delete salts older than two days, and with them the last way back to an address; return how many."""
    deleted, _ = AddressSalt.objects.filter(day__lt=(now - SALTS_KEPT).date()).delete()
    return deleted


def _clean(text: str) -> str:
    """The address in its one form, without port, brackets or zone; empty if it is none."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    return str(_plain(found))


def _plain(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _network(address: str) -> str:
    found = ip_address(address)
    return str(IPv6Network((found, 64), strict=False)) if isinstance(found, IPv6Address) else str(found)
