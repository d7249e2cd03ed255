"""Signed links that expire. The signature carries what the link names and when it was made, so nothing is stored for it.

A signature only shows that the site made the link, and when. Whether this reader may follow it is for the view to ask.
"""

from datetime import timedelta
from typing import Any

from django.core import signing


class Forged(Exception):
    """The link was not made here, or not for this purpose."""


class Expired(Exception):
    """The link was made here, but too long ago."""


def sign(value: Any, *, purpose: str) -> str:
    """Return text for an address that names `value` (anything JSON can hold; readable by whoever has the link)."""
    return signing.dumps(value, salt=_salt(purpose), compress=False)


def read(token: str, *, purpose: str, max_age: timedelta) -> Any:
    """Return what was signed for this purpose. Raises Forged or Expired."""
    try:
        return signing.loads(token, salt=_salt(purpose), max_age=max_age)
    except signing.SignatureExpired as error:
        raise Expired from error
    except (signing.BadSignature, ValueError) as error:
        raise Forged from error


def _salt(purpose: str) -> str:
    return f"hunter.signed.{purpose}"
