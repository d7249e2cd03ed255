"""Collections and favourites: made, filled, changed, deleted. Everyone may have favourites; named collections need an account."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

import classify.selectors
import core.services
from core import identity
from talk.hashtags import normalise
from talk.idlists import Entry
from talk.models import Collection, CollectionItem
from talk.selectors.collections import collections_of, owns, tagged_roots
from talk.services.errors import BadText, NotAllowed, SignInFirst, TalkError
from talk.viewers import Viewer

if TYPE_CHECKING:
    from classify.models import Subject, Volunteer

MAX_SUBJECTS = 10_000  # of one collection
MAX_COLLECTIONS = 200  # of one person
MAX_COLLECTION_TITLE, MAX_DESCRIPTION = 120, 5000
FAVOURITES = "Favourites"  # how the row is called; people read it in their language
_LINES_NAMED = 10


class TooMuch(TalkError):
    status, code = 409, "too_much"


class UnknownSubjects(TalkError):
    """Some of a list are no subjects; `extra["lines"]` says which."""

    message: str | Promise = gettext_lazy("Some of these subjects do not exist.")
    code = "unknown_subjects"


@dataclass(frozen=True)
class About:
    """What its owner says about a collection."""

    title: str
    description: str = ""
    public: bool = False

    def checked(self) -> "About":
        """The same without spaces around it. Raises BadText."""
        title, description = " ".join(self.title.split()), self.description.strip()
        if not title or len(title) > MAX_COLLECTION_TITLE:
            raise BadText(_("Give the collection a title of at most %(n)d characters. Nothing was stored.") % {"n": MAX_COLLECTION_TITLE})
        if len(description) > MAX_DESCRIPTION:
            raise BadText(_("A description has at most %(n)d characters. Nothing was stored.") % {"n": MAX_DESCRIPTION})
        if "\x00" in title + description:
            raise BadText(_("The text holds a character that cannot be stored. Nothing was stored."))
        return About(title, description, self.public)


# --- favourites ----------------------------------------------------------------------------------


@transaction.atomic
def set_favourite(*, viewer: Viewer, subject: "Subject", on: bool, now: datetime) -> bool:
    """Put the root of a subject among one's favourites, or take it away; returns whether it is one now. Twice is once."""
    if viewer.volunteer is None:
        raise NotAllowed
    adopt_collections(volunteer=viewer.volunteer, now=now)
    mine = _favourites(viewer.volunteer, now)
    if on:
        _add(mine, [subject.root_id or subject.pk], now)
    elif mine.items.filter(subject_id=subject.root_id or subject.pk).delete()[0]:
        Collection.objects.filter(pk=mine.pk).update(updated_at=now)
    return on


def _favourites(volunteer: "Volunteer", now: datetime) -> Collection:
    """A person's favourites, made at the first need, locked."""
    fresh = {"public_id": identity.random_name(), "title": FAVOURITES, "created_at": now, "updated_at": now}
    row, _made = Collection.objects.get_or_create(owner=volunteer, favourites=True, defaults=fresh)
    return Collection.objects.select_for_update().get(pk=row.pk)


@transaction.atomic
def adopt_collections(*, volunteer: "Volunteer", now: datetime) -> None:
    """Move what visitors collected to the person they became: collections as they are, favourites into the person's own.

    Until then reads find them all the same. Safe to repeat; may go over the limits, so that nothing is lost.
    """
    before = [pk for pk in classify.selectors.same_person(volunteer.pk) if pk != volunteer.pk]
    if not before:
        return
    Collection.objects.filter(owner_id__in=before, favourites=False).update(owner=volunteer)
    for theirs in Collection.objects.select_for_update().filter(owner_id__in=before, favourites=True).order_by("pk"):
        mine = _favourites(volunteer, now)
        theirs.items.exclude(subject_id__in=mine.items.values("subject_id")).update(collection=mine)
        theirs.delete()


# --- named collections ---------------------------------------------------------------------------


@transaction.atomic
def make_collection(*, viewer: Viewer, about: About, roots: Sequence[int] = (), now: datetime) -> Collection:
    """Make a collection, with subjects (roots) in it if some are given; all or nothing. Raises SignInFirst, BadText or TooMuch."""
    if not viewer.signed_in or viewer.volunteer is None:
        raise SignInFirst
    said = about.checked()
    adopt_collections(volunteer=viewer.volunteer, now=now)
    if collections_of(viewer.volunteer).filter(favourites=False).count() >= MAX_COLLECTIONS:
        raise TooMuch(_("You have %(n)d collections, which is as many as one person may have. Delete one first; nothing was stored.")
                      % {"n": MAX_COLLECTIONS})  # fmt: skip
    made = Collection.objects.create(
        public_id=identity.random_name(), owner=viewer.volunteer, title=said.title, description=said.description, public=said.public,
        created_at=now, updated_at=now,
    )  # fmt: skip
    _add(made, roots, now)
    return made


@transaction.atomic
def change_collection(*, viewer: Viewer, collection: Collection, about: About, now: datetime) -> None:
    """Change what is said about one's own collection. Favourites keep their title."""
    row = _mine(viewer, collection)
    said = about.checked()
    if said.public and not viewer.signed_in:
        raise SignInFirst
    title = row.title if row.favourites else said.title
    Collection.objects.filter(pk=row.pk).update(title=title, description=said.description, public=said.public, updated_at=now)


@transaction.atomic
def delete_collection(*, viewer: Viewer, collection: Collection) -> None:
    """Delete one's own collection. The subjects stay what they are."""
    _mine(viewer, collection).delete()


@transaction.atomic
def add_subjects(*, viewer: Viewer, collection: Collection, roots: Sequence[int], now: datetime) -> int:
    """Put subjects (roots) into one's own collection; returns how many are new in it. All or nothing: raises TooMuch."""
    return _add(_mine(viewer, collection), roots, now)


@transaction.atomic
def remove_subject(*, viewer: Viewer, collection: Collection, subject: "Subject", now: datetime) -> bool:
    """Take a subject out of one's own collection; False if it was not in it."""
    row = _mine(viewer, collection)
    gone = bool(row.items.filter(subject_id=subject.root_id or subject.pk).delete()[0])
    if gone:
        Collection.objects.filter(pk=row.pk).update(updated_at=now)
    return gone


def hide_collection(*, viewer: Viewer, collection: Collection, now: datetime) -> None:
    """Make somebody's public collection private; for moderators, and on the record."""
    if not viewer.moderates:
        raise NotAllowed
    if Collection.objects.filter(pk=collection.pk, public=True).update(public=False):
        core.services.audit(actor=viewer.user, verb="make collection private", object_type="collection", object_id=collection.public_id, now=now)


def _mine(viewer: Viewer, collection: Collection) -> Collection:
    """The row, locked. Raises NotAllowed where it is somebody else's."""
    if not owns(viewer, collection):
        raise NotAllowed
    row = Collection.objects.select_for_update().filter(pk=collection.pk).first()
    if row is None:
        raise NotAllowed(_("This collection was deleted meanwhile. Nothing was stored."))
    return row


def _add(row: Collection, roots: Iterable[int], now: datetime) -> int:
    """Add what is not in it yet. `row` is locked, so the limit holds."""
    held = set(row.items.values_list("subject_id", flat=True))
    new = [pk for pk in dict.fromkeys(roots) if pk not in held]
    if len(held) + len(new) > MAX_SUBJECTS:
        words = _("A collection holds at most %(most)d subjects; this one has %(held)d, and %(new)d would be new. Nothing was stored.")
        raise TooMuch(words % {"most": MAX_SUBJECTS, "held": len(held), "new": len(new)})
    if new:
        CollectionItem.objects.bulk_create([CollectionItem(collection=row, subject_id=pk, added_at=now) for pk in new], batch_size=1000)
        Collection.objects.filter(pk=row.pk).update(updated_at=now)
    return len(new)


# --- which subjects are meant --------------------------------------------------------------------


def roots_of(entries: Sequence[Entry]) -> list[int]:
    """The roots that a list of subjects means, in its order. Raises BadText (none, too many) or UnknownSubjects (naming the lines)."""
    if not entries:
        raise BadText(_("No subject stands in the list. Nothing was stored."))
    if len(entries) > MAX_SUBJECTS:
        raise BadText(_("The list names more than %(n)d subjects, which is as many as a collection holds. Nothing was stored.") % {"n": MAX_SUBJECTS})
    found = classify.selectors.roots_by_public_ids(entry.number for entry in entries if entry.number is not None)
    wrong = [entry for entry in entries if entry.number not in found]
    if wrong:
        raise UnknownSubjects(_unknown(wrong), lines=[{"line": entry.line, "text": entry.text} for entry in wrong[:1000]])
    return list(dict.fromkeys(found[entry.number] for entry in entries if entry.number is not None))


def _unknown(wrong: Sequence[Entry]) -> str:
    named = "; ".join(_("line %(line)d: %(text)s") % {"line": e.line, "text": e.text or _("(empty)")} for e in wrong[:_LINES_NAMED])
    words: dict[str, Any] = {"n": len(wrong), "named": named, "more": " …" if len(wrong) > _LINES_NAMED else ""}
    return (
        ngettext(
            "%(n)d entry of the list is no subject here (%(named)s%(more)s). Nothing was stored; mend the list and send it again.",
            "%(n)d entries of the list are no subjects here (%(named)s%(more)s). Nothing was stored; mend the list and send it again.",
            len(wrong),
        )
        % words
    )


def roots_with_tag(*, viewer: Viewer, name: str) -> list[int]:
    """The roots that carry a tag now, as far as this person may know. Raises BadText where there are none."""
    tag = normalise(name.strip().removeprefix("#"))
    found = list(tagged_roots(viewer, tag)[: MAX_SUBJECTS + 1]) if tag else []
    if not found:
        raise BadText(_("No subject that you may see carries the tag %(tag)s. Nothing was stored.") % {"tag": f"#{(tag or name.strip())[:40]}"})
    return found
