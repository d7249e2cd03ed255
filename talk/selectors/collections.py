"""Collections: whose they are, what is in them, and what of it somebody may see.

A collection hangs on its owner's volunteer. What a visitor collected is theirs once they sign in: reads look through the visitors
that were merged into a person (`same_person`), so that nothing is ever lost on the way; the next write moves it over for good.

Its owner sees all of a collection. Others do not see those of its subjects that are hidden from them (`hidden_roots`): that somebody
put an image under "Finest trails" tells what they think of it. They are only counted, as on the page of a tag.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

import classify.selectors
from talk.hashtags import normalise
from talk.models import Board, Collection, CollectionItem, TagUse
from talk.selectors.guard import hidden_roots
from talk.selectors.thumbnails import thumbnails
from talk.viewers import Viewer

if TYPE_CHECKING:
    from classify.models import Subject, Volunteer

PER_PAGE, ITEMS_PER_PAGE = 24, 48
EXPORT_COLUMNS = ("subject_id", "added_at", "address")


@dataclass
class CollectionPage:
    """What one reader sees of a collection. Its items have `thumbnail` set."""

    collection: Collection
    mine: bool
    page: Page[Any]
    n_hidden: int  # more subjects are in it, but others still classify them

    @property
    def pictures(self) -> list[Any]:
        return [item.thumbnail for item in self.page.object_list]


def collections_of(volunteer: "Volunteer | None") -> QuerySet[Collection]:
    """All collections of a person, favourites first, then those changed last."""
    people = classify.selectors.same_person(volunteer.pk if volunteer else None)
    return Collection.objects.filter(owner_id__in=people).order_by("-favourites", "-updated_at", "-id")


def public_collections(text: str = "") -> QuerySet[Collection]:
    """Collections that everybody may see, those changed last first; `text` must stand in the title."""
    rows = Collection.objects.filter(public=True, owner__user__is_active=True).order_by("-updated_at", "-id")
    return rows.filter(title__icontains=text) if text else rows


def public_collections_by(user: Any) -> QuerySet[Collection]:
    """Public collections of an account."""
    return public_collections().filter(Q(owner__user=user) | Q(owner__merged_into__user=user))


def collections_for(viewer: Viewer) -> QuerySet[Collection]:
    """All that this person may open: their own, and public ones."""
    people = classify.selectors.same_person(viewer.volunteer.pk if viewer.volunteer else None)
    return Collection.objects.filter(Q(public=True, owner__user__is_active=True) | Q(owner_id__in=people)).select_related("owner__user")


def collection_for(viewer: Viewer, public_id: str) -> Collection | None:
    """The collection of this public id if this person may open it; a private one of somebody else is as good as none."""
    return collections_for(viewer).filter(public_id=public_id).first()


def owns(viewer: Viewer, collection: Collection) -> bool:
    """Say whether a collection is this person's, or of a visitor they once were."""
    return viewer.volunteer is not None and collection.owner_id in classify.selectors.same_person(viewer.volunteer.pk)


def items_of(viewer: Viewer, collection: Collection) -> QuerySet[CollectionItem]:
    """The subjects of a collection that this person may see in it, newest first."""
    rows = collection.items.select_related("subject").order_by("-id")
    return rows if owns(viewer, collection) else rows.filter(_open_to(viewer))


def _open_to(viewer: Viewer) -> Any:
    """The rule that the subject of a row is not hidden from this person; asked row by row, since far more subjects are hidden than listed."""
    return ~Exists(hidden_roots(viewer.volunteer).filter(pk=OuterRef("subject_id")))


def collection_page(viewer: Viewer, collection: Collection, number: int | str | None = None) -> CollectionPage:
    """One page of a collection; constant queries."""
    page = Paginator(items_of(viewer, collection), ITEMS_PER_PAGE).get_page(number)
    page.object_list = list(page.object_list)
    pictures = thumbnails(item.subject_id for item in page.object_list)
    for item in page.object_list:
        item.thumbnail = pictures.get(item.subject_id)  # type: ignore[attr-defined]
    n_hidden = collection.items.count() - page.paginator.count
    return CollectionPage(collection, owns(viewer, collection), page, n_hidden)


def with_covers(viewer: Viewer, collections: Iterable[Collection], *, own: bool = False) -> list[Any]:
    """The collections with `n_items` and `cover`, the picture added last that this person may see in it; three queries at most."""
    wanted = [row.pk for row in collections]
    items = CollectionItem.objects.filter(collection=OuterRef("pk")).order_by("-id")
    seen = items if own else items.filter(_open_to(viewer))
    rows = Collection.objects.filter(pk__in=wanted).select_related("owner__user")
    found = {row.pk: row for row in rows.annotate(n_items=Count("items"), cover_id=Subquery(seen.values("subject_id")[:1]))}
    pictures = thumbnails(row.cover_id for row in found.values() if row.cover_id)
    for row in found.values():
        row.cover = pictures.get(row.cover_id)  # type: ignore[attr-defined]
    return [found[pk] for pk in wanted if pk in found]


def collection_list(viewer: Viewer, rows: QuerySet[Collection], number: int | str | None = None, *, own: bool = False) -> Page[Any]:
    """A page of collections with their covers; constant queries."""
    page: Any = Paginator(rows, PER_PAGE).get_page(number)
    page.object_list = with_covers(viewer, page.object_list, own=own)
    page.covers = [row.cover for row in page.object_list]
    return page  # type: ignore[no-any-return]


def favourites_among(volunteer: "Volunteer | None", root_ids: Iterable[int]) -> set[int]:
    """Those of the roots that are this person's favourites."""
    mine = CollectionItem.objects.filter(collection__in=collections_of(volunteer).filter(favourites=True).order_by())
    return set(mine.filter(subject_id__in=list(root_ids)).values_list("subject_id", flat=True)) if volunteer else set()


def collecting_context(subject: "Subject", volunteer: "Volunteer | None") -> dict[str, Any]:
    """{"collecting": {...}} for `talk/_favourite.html` and `talk/_collect.html`: one's own heart and collections, nothing of others."""
    root_id = subject.root_id or subject.pk
    holds = Exists(CollectionItem.objects.filter(collection=OuterRef("pk"), subject_id=root_id))
    mine = list(collections_of(volunteer).annotate(holds=holds)) if volunteer else []
    favourite = any(row.holds for row in mine if row.favourites)
    return {"collecting": {"subject": subject.root or subject, "favourite": favourite, "collections": [row for row in mine if not row.favourites]}}


def tagged_roots(viewer: Viewer, name: str) -> QuerySet[TagUse, Any]:
    """Ids of the roots with a tag, as far as this person knows of it: they gave it themselves, or what others say of the root is open to them."""
    uses = TagUse.objects.filter(tag__name=normalise(name.strip().removeprefix("#")), subject__isnull=False)
    people = classify.selectors.same_person(viewer.volunteer.pk if viewer.volunteer else None)
    readable = Q(comment=None) | Q(comment__discussion__board__can_read__in=[*viewer.circles, Board.Who.ALL])
    known = Q(volunteer_id__in=people) | (readable & Q(_open_to(viewer)))
    return uses.filter(known).order_by().values_list("subject_id", flat=True).distinct()


def every_tagged_root(name: str) -> list[int]:
    """Ids of all roots with a tag, also of those that are still being classified: for the team, which makes sets of them."""
    uses = TagUse.objects.filter(tag__name=normalise(name.strip().removeprefix("#")), subject__isnull=False)
    return list(uses.order_by("subject_id").values_list("subject_id", flat=True).distinct())


def every_root(collection: Collection) -> list[int]:
    """Ids of all roots of a collection, oldest first; for the team, too."""
    return list(collection.items.order_by("pk").values_list("subject_id", flat=True))


def export_rows(viewer: Viewer, collection: Collection, site: str) -> Iterator[dict[str, Any]]:
    """Rows for a file, oldest first: number, when it was added, address. Nothing that is said of a subject, and none that is hidden."""
    rows = items_of(viewer, collection).order_by("id").values_list("subject__public_id", "added_at")
    for number, added_at in rows.iterator(chunk_size=500):
        yield {"subject_id": number, "added_at": added_at.isoformat(), "address": f"{site}/subjects/{number}/"}
