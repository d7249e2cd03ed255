"""Who agreed to which version of the terms (one document with the privacy notice and the contribution licence), and who is asked again.

A consent is a row that is only added. Withdrawing is deleting the account.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.db.models import Max, Min, Q

from hunter.models import Consent, PageVersion

TERMS = "terms"
CACHE_S = 3600


@dataclass(frozen=True)
class Asked:
    """What somebody is asked to agree to: the newest `version`, and the one they agreed to before (0: none)."""

    document: str
    version: int
    agreed: int


@dataclass(frozen=True)
class _Standing:
    """What stands of a document: its newest version, and the one that everybody must have agreed to at least (0: there is none)."""

    newest: int
    asking: int


def current_version(document: str = TERMS) -> int:
    """Return the number of the newest version in any language; 0 while there is none."""
    return PageVersion.objects.filter(slug=document).aggregate(newest=Max("version"))["newest"] or 0


def record(*, user: Any, now: datetime, language: str, document: str = TERMS) -> Consent:
    """Store that this person agreed to the newest version, read in this language; a second time gives the same row."""
    version = current_version(document)
    consent, _ = Consent.objects.get_or_create(user=user, document=document, version=version, defaults={"language": language, "at": now})
    cache.set(_agreed_key(user.pk, document), version, CACHE_S)
    return consent


def outstanding(user: Any, document: str = TERMS) -> Asked | None:
    """Return what a signed-in person has yet to agree to, or None. Costs one call of the cache, and two queries where that knows nothing."""
    if user is None or not user.is_authenticated:
        return None
    known = cache.get_many([_standing_key(document), _agreed_key(user.pk, document)])
    standing, agreed = known.get(_standing_key(document)), known.get(_agreed_key(user.pk, document))
    if standing is None:
        standing = _standing(document)
        cache.set(_standing_key(document), standing, CACHE_S)
    if agreed is None:
        agreed = Consent.objects.filter(user=user, document=document).aggregate(newest=Max("version"))["newest"] or 0
        cache.set(_agreed_key(user.pk, document), agreed, CACHE_S)
    return Asked(document=document, version=standing.newest, agreed=agreed) if agreed < standing.asking else None


def look_anew(document: str) -> None:
    """Forget what was known of a document, since a version was written. Call it after the transaction."""
    cache.delete(_standing_key(document))


def _standing(document: str) -> _Standing:
    """Find out what stands: the newest version that asks again counts for everybody, else the first."""
    found = PageVersion.objects.filter(slug=document).aggregate(
        newest=Max("version"), asks=Max("version", filter=Q(asks_again=True)), first=Min("version")
    )
    return _Standing(newest=found["newest"] or 0, asking=found["asks"] or found["first"] or 0)


def _standing_key(document: str) -> str:
    return f"consent-standing:{document}"


def _agreed_key(user_id: int, document: str) -> str:
    return f"consent-agreed:{document}:{user_id}"
