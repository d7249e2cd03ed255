"""Personal keys for programs: made, shown once, recognised, revoked. Only their SHA-256 is stored."""

import hashlib
import hmac
import secrets
import string
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

import core.services
from hunter.models import ApiToken

PREFIX = "hnt_"
LENGTH = 40
MOST_PER_PERSON = 20
_ALPHABET = string.ascii_letters + string.digits
_HINT = len(PREFIX) + 4
_NOTED_EVERY = timedelta(minutes=1)

SCOPES = {
    "read": _("read what you may read"),
    "classify": _("get images to classify and send answers in your name; answers sent with a key wait until the team has looked at them"),
    "talk": _("write comments and keep collections in your name"),
    "team": _("what your role in the team allows, such as launching a training"),
}
LIFETIMES = {"30": timedelta(days=30), "365": timedelta(days=365), "": None}


def scopes_for(user: Any) -> dict[str, Any]:
    """The scopes that are of use to a person, with their words: `team` only to whoever has a permission of the team."""
    return {scope: words for scope, words in SCOPES.items() if scope != "team" or user.get_all_permissions()}


class TooManyTokens(Exception):
    """This person has as many keys as one may have."""


def tokens_of(user: Any) -> QuerySet[ApiToken]:
    """The keys of a person that are not revoked, newest first; expired ones too, so that nobody wonders where they went."""
    return ApiToken.objects.filter(user=user, revoked_at__isnull=True)


def make_token(*, user: Any, name: str, scopes: Collection[str], lifetime: timedelta | None, now: datetime) -> tuple[ApiToken, str]:
    """Make a key and return (row, key). The key itself cannot be had again. Raises TooManyTokens."""
    if tokens_of(user).count() >= MOST_PER_PERSON:
        raise TooManyTokens
    key = PREFIX + "".join(secrets.choice(_ALPHABET) for _ in range(LENGTH))
    token = ApiToken.objects.create(
        user=user, name=name, digest=_digest(key), hint=key[:_HINT], scopes=[scope for scope in SCOPES if scope in scopes],
        created_at=now, expires_at=now + lifetime if lifetime else None,
    )  # fmt: skip
    core.services.audit(actor=user, verb="make api key", object_type="api key", object_id=str(token.pk), now=now, detail={"scopes": token.scopes})
    return token, key


def revoke_token(*, user: Any, token_id: int, now: datetime) -> bool:
    """End one of a person's own keys for good; False when there is no such key or it has ended before."""
    done = ApiToken.objects.filter(user=user, pk=token_id, revoked_at__isnull=True).update(revoked_at=now)
    if done:
        core.services.audit(actor=user, verb="revoke api key", object_type="api key", object_id=str(token_id), now=now)
    return bool(done)


def find_token(key: str, *, now: datetime) -> ApiToken | None:
    """Return the living token of a key with its active owner, or None. One query."""
    if not (key.startswith(PREFIX) and len(key) == len(PREFIX) + LENGTH and key.isascii()):
        return None
    digest = _digest(key)
    token = ApiToken.objects.select_related("user").filter(digest=digest).first()
    if token is None or not hmac.compare_digest(token.digest, digest):
        return None
    expired = token.expires_at is not None and token.expires_at <= now
    return token if token.revoked_at is None and not expired and token.user.is_active else None


def note_use(*, token: ApiToken, now: datetime) -> None:
    """Remember when a key was last used, to the minute: most requests write nothing."""
    limit = now - _NOTED_EVERY
    if token.last_used_at is not None and token.last_used_at > limit:
        return
    ApiToken.objects.filter(Q(last_used_at__isnull=True) | Q(last_used_at__lte=limit), pk=token.pk).update(last_used_at=now)


def _digest(key: str) -> str:
    """SHA-256 is enough: a key of 40 random characters cannot be guessed, so there is nothing to slow down."""
    return hashlib.sha256(key.encode()).hexdigest()
