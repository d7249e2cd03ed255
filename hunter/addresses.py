"""The address of a request, for the site: what a raw one is good for, and the made-up one that may be stored in its place."""

from ipaddress import IPv6Address

from django.http import HttpRequest

from core.addresses import address_id, client_address

__all__ = ["address_id", "client_address", "pseudo_address"]

_PRIVATE = 0xFD << 120  # fd00::/8: addresses of nobody's network


def pseudo_address(request: HttpRequest) -> str:
    """Return an IPv6 address in fd00::/8 made of today's `address_id`, for columns that take nothing but an address."""
    return str(IPv6Address(_PRIVATE | int(address_id(request), 16) >> 8))
