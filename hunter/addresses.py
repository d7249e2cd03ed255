"""A made-up address that may be stored in place of a request's own."""

from ipaddress import IPv6Address

from django.http import HttpRequest

from core.addresses import address_id

_PRIVATE = 0xFD << 120  # fd00::/8: addresses of nobody's network


def pseudo_address(request: HttpRequest) -> str:
    """Return an IPv6 address in fd00::/8 made of today's `address_id`, for columns that take nothing but an address."""
    return str(IPv6Address(_PRIVATE | int(address_id(request), 16) >> 8))
