"""How often somebody may guess at a password or a code of one account.

Tight for each account from each address, and wide for an account from everywhere, so that others who guess do not soon keep its owner
out. A try is counted before the secret is looked at, and taken back if it was right: many at once do not get past.
"""

import hashlib
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.utils.translation import ngettext

from core import throttles
from core.addresses import address_id
from core.throttles import TooMany

PASSWORDS, CODES = "passwords", "codes"


class TooManyTries(TooMany):
    """Of one account, or from one address."""

    def __init__(self, wait: int) -> None:
        super().__init__(wait)
        minutes = -(-wait // 60)
        words = ngettext(
            "Too many attempts for this account, or from the network you are in. Nothing is lost. Please try again in %(minutes)d minute; "
            "until then even the right password or code is not taken.",
            "Too many attempts for this account, or from the network you are in. Nothing is lost. Please try again in %(minutes)d minutes; "
            "until then even the right password or code is not taken.",
            minutes,
        )
        self.detail: Any = words % {"minutes": minutes}


def name_of(user: Any, typed: str = "") -> str:
    """Under what tries are counted: the account, by whichever of its names it was called; else what was typed."""
    return f"account {user.pk}" if user is not None else f"nobody {hashlib.sha256(typed.strip().casefold().encode()).hexdigest()[:32]}"


def count(secrets: str, *, who: str, request: HttpRequest) -> Callable[[], None]:
    """Count a try at the `secrets` (PASSWORDS or CODES) of an account; return what takes it back. Raises TooManyTries."""
    address = address_id(request)
    near, far, person = f"wrong {secrets}", f"wrong {secrets} from anywhere", f"{who} {address}"

    def take_back() -> None:
        throttles.take_back(near, person=person, address=address)
        throttles.take_back(far, person=who)

    _spend(near, person=person, address=address)
    try:
        _spend(far, person=who)
    except TooManyTries:
        throttles.take_back(near, person=person, address=address)  # whom others keep out uses up nothing
        raise
    return take_back


def _spend(scope: str, **whose: str) -> None:
    try:
        throttles.spend(scope, **whose)
    except TooMany as full:
        raise TooManyTries(full.wait) from full


def forget(secrets: str, *, who: str, request: HttpRequest) -> None:
    """Let the owner, who has proved to be it in another way, try at once again from here."""
    throttles.forget(f"wrong {secrets}", person=f"{who} {address_id(request)}")
    throttles.forget(f"wrong {secrets} from anywhere", person=who)
