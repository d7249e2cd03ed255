"""Reads of the pages: the version that shows, and the ones before it."""

from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.db.models import QuerySet

from core import markdown
from hunter.models import PageVersion
from hunter.pages.places import PLACES

CACHE_S = 3600


@dataclass(frozen=True)
class Shown:
    """What a reader gets: a version, in their language if there is one, and the number of a newer original, if there is one."""

    version: PageVersion
    missing: bool  # there is none in the reader's language: this is the site's own
    newer: int  # the original has been changed since this was translated; 0: it has not


def shown(slug: str, language: str) -> Shown | None:
    """Return what shows in this language, else in the site's; None if nobody has written it yet."""
    original = newest(slug, settings.LANGUAGE_CODE)
    own = newest(slug, language) if language != settings.LANGUAGE_CODE else original
    if own is None:
        return Shown(version=original, missing=True, newer=0) if original else None
    newer = original.version if original and original.version > own.version else 0
    return Shown(version=own, missing=False, newer=newer)


def newest(slug: str, language: str) -> PageVersion | None:
    """Return the newest version in one language."""
    return versions(slug, language).first()


def versions(slug: str, language: str) -> QuerySet[PageVersion]:
    """All versions in one language, newest first, with their authors."""
    return PageVersion.objects.filter(slug=slug, language=language).select_related("author").order_by("-version")


def before(version: PageVersion, since: int = 0) -> PageVersion | None:
    """Return the version that this one replaced, or the one that stood in its language when the page was at `since`."""
    earlier = versions(version.slug, version.language).filter(version__lt=version.version)
    return earlier.filter(version__lte=since).first() if since else earlier.first()


def changed_since(slug: str, language: str, since: int) -> PageVersion | None:
    """Return the newest version in the reader's language if it came after `since`, else that in the site's own."""
    own = newest(slug, language)
    return own if own and own.version > since else newest(slug, settings.LANGUAGE_CODE)


def html_of(version: PageVersion) -> str:
    """Return the safe HTML of a version, made once in a while: a version never changes."""
    made = cache.get_or_set(f"page-html:{version.pk}", lambda: render(version.slug, version.body), CACHE_S)
    return str(made or render(version.slug, version.body))


def render(slug: str, body: str) -> str:
    """Return the safe HTML of a text as it stands on this page."""
    return markdown.render(body, PLACES[slug].style)
