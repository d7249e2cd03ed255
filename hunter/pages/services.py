"""Writes of the pages. Versions are only added; whoever writes on top of a version they have not seen is told."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from core.services import audit
from hunter.consents import look_anew
from hunter.models import PageVersion
from hunter.pages.places import PLACES
from hunter.pages.selectors import newest

SEEDS = Path(__file__).parent / "seeds"
MAX_TITLE, MAX_BODY = 120, 100_000


class PageError(Exception):
    """A text that was not stored, with the words for its writer."""


class BadText(PageError):
    """The text itself cannot be stored."""


class Outdated(PageError):
    """Somebody else has saved meanwhile; `now` is what stands there."""

    def __init__(self, now: PageVersion) -> None:
        super().__init__()
        self.now = now


@dataclass(frozen=True)
class Text:
    """What an editor sends: the words, and the number of the version they had before them (0: none)."""

    title: str
    body: str
    base: int = 0
    asks_again: bool = False


def write_version(*, slug: str, language: str, text: Text, author: Any, now: datetime) -> PageVersion:
    """Add a version of a page in one language. The same words again add nothing. Raises BadText or Outdated; nothing is stored then.

    Versions of a page are counted through all its languages, so that the number alone says which text people agreed to.
    """
    title, body = clean(text)
    try:
        with transaction.atomic():
            current = _locked(slug, language)
            if current and (current.title, current.body) == (title, body) and not text.asks_again:
                return current
            if current and current.version != text.base:
                raise Outdated(current)
            asks = text.asks_again and PLACES[slug].asks
            made = _add(slug=slug, language=language, title=title, body=body, asks_again=asks, author=author, created_at=now)
            audit(actor=author, verb="write page", object_type="page", object_id=f"{slug}/{language}/{made.version}", now=now)
    except IntegrityError:
        current = newest(slug, language)
        if current is None:
            raise
        raise Outdated(current) from None
    look_anew(slug)
    return made


def clean(text: Text) -> tuple[str, str]:
    """Return title and body as they are stored. Raises BadText."""
    title = " ".join(text.title.split())
    body = text.body.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not title or not body:
        raise BadText(_("A page needs a title and a text."))
    if len(title) > MAX_TITLE:
        raise BadText(_("A title has at most %(limit)d characters.") % {"limit": MAX_TITLE})
    if len(body) > MAX_BODY:
        raise BadText(_("A page has at most %(limit)d characters; this one has %(length)d.") % {"limit": MAX_BODY, "length": len(body)})
    if any((sign < " " and sign not in "\n\t") or "\ud800" <= sign <= "\udfff" for sign in title + body):
        raise BadText(_("The text holds control characters that cannot be stored. Paste it as plain text."))
    return title, body


def seed_pages(now: datetime) -> int:
    """Lay the texts that come with the software where a page has none in a language; return how many were laid."""
    laid = 0
    for slug, language, title, body in seeds():
        if not PageVersion.objects.filter(slug=slug, language=language).exists():
            PageVersion.objects.create(slug=slug, language=language, version=1, title=title, body=body, created_at=now)
            laid += 1
    for place in PLACES.values():
        if place.asks:
            look_anew(place.slug)
    return laid


def seeds() -> Iterator[tuple[str, str, str, str]]:
    """Yield (slug, language, title, body) of the texts that come with the software: a first line `# Title`, then the text."""
    for language, _name in settings.LANGUAGES:
        for slug in PLACES:
            path = SEEDS / language / f"{slug}.md"
            if path.is_file():
                first, _line, rest = path.read_text(encoding="utf-8").partition("\n")
                yield slug, language, first.removeprefix("# ").strip(), rest.strip()


def _locked(slug: str, language: str) -> PageVersion | None:
    """Return the newest version, with the page held against other writers until the transaction ends."""
    list(PageVersion.objects.select_for_update().filter(slug=slug).values_list("pk"))
    return newest(slug, language)


def _add(*, slug: str, **fields: Any) -> PageVersion:
    highest = PageVersion.objects.filter(slug=slug).aggregate(highest=Max("version"))["highest"] or 0
    return PageVersion.objects.create(slug=slug, version=highest + 1, **fields)
