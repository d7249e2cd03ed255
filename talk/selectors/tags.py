"""Tags: of a subject, popular ones, and the page of one tag."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Max, Q, QuerySet

from talk.models import Board, Comment, Tag, TagUse
from talk.selectors.guard import hidden_roots, visible_comments
from talk.selectors.thumbnails import thumbnails
from talk.viewers import Viewer

if TYPE_CHECKING:
    from classify.models import Subject, Volunteer

SUBJECTS_PER_PAGE = 24
COMMENTS_SHOWN = 10


@dataclass(frozen=True)
class SubjectTag:
    """A tag on a subject: how many people gave it, whether the reader did, and whether by a chip (which they can take back)."""

    name: str
    people: int
    mine: bool = False
    my_chip: bool = False


@dataclass(frozen=True)
class TaggedSubject:
    """A subject under a tag. `subject` has `thumbnail` set."""

    public_id: int
    people: int
    thumbnail: Any = None


@dataclass
class TagPage:
    """What one reader sees of a tag."""

    name: str
    page: Page[Any]
    subjects: list[TaggedSubject]
    n_hidden: int  # more subjects carry the tag, but others still classify them
    n_people: int
    comments: list[Comment] = field(default_factory=list)

    @property
    def pictures(self) -> list[Any]:
        return [subject.thumbnail for subject in self.subjects]


def tags_of(subject: "Subject", volunteer: "Volunteer | None" = None) -> list[SubjectTag]:
    """Return the tags of a subject's root, most people first; one query. The caller has asked `may_see`."""
    me = Q(volunteer=volunteer) if volunteer is not None else Q(pk__in=[])
    rows = (
        TagUse.objects.filter(subject_id=subject.root_id or subject.pk)
        .values("tag__name")
        .annotate(people=Count("volunteer", distinct=True), mine=Count("pk", filter=me), chips=Count("pk", filter=me & Q(comment=None)))
        .order_by("-people", "tag__name")
    )
    return [SubjectTag(row["tag__name"], row["people"], row["mine"] > 0, row["chips"] > 0) for row in rows]


def popular_tags(limit: int = 20, board: Board | None = None) -> list[dict[str, Any]]:
    """Return the tags that most people use (on a board): [{name, n_people, n_subjects}]. Words of closed boards stay out; one query.

    The counts say nothing about any single subject, so those that are still being classified are among them.
    """
    rows: Any = tag_counts(board)
    return list(rows.order_by("-n_people", "-n_subjects", "name")[:limit])


def tag_counts(board: Board | None = None) -> QuerySet[Tag, Any]:
    """Return rows {name, n_people, n_subjects} of the tags in use, as anybody may know them."""
    open_use = Q(uses__comment=None) | Q(uses__comment__discussion__board__can_read=Board.Who.ALL)
    if board is not None:
        open_use &= Q(uses__comment__discussion__board=board)
    people, subjects = Count("uses__volunteer", distinct=True), Count("uses__subject", distinct=True)
    rows: QuerySet[Tag, Any] = Tag.objects.filter(open_use).values("name").annotate(n_people=people, n_subjects=subjects)
    return rows


def tag_page(viewer: Viewer, name: str, number: int | str | None = None, *, with_comments: bool = True) -> TagPage:
    """Return what this person may see of a tag; a tag nobody uses gives an empty page. Constant queries.

    Subjects that are hidden from this person are only counted: a card, even without a picture, would tell that the
    subject carries the tag.
    """
    uses = TagUse.objects.filter(tag__name=name, subject__isnull=False)
    hidden = hidden_roots(viewer.volunteer)
    rows = (
        uses.exclude(subject__in=hidden)
        .values("subject_id", "subject__public_id")
        .annotate(people=Count("volunteer", distinct=True), last=Max("at"))
        .order_by("-people", "-last", "subject_id")
    )
    page = Paginator(rows, SUBJECTS_PER_PAGE).get_page(number)
    shown = list(page.object_list)
    pictures = thumbnails([row["subject_id"] for row in shown])
    counts = uses.aggregate(all=Count("subject", distinct=True), people=Count("volunteer", distinct=True))
    return TagPage(
        name=name,
        page=page,
        subjects=[TaggedSubject(row["subject__public_id"], row["people"], pictures.get(row["subject_id"])) for row in shown],
        n_hidden=counts["all"] - page.paginator.count,
        n_people=counts["people"],
        comments=tagged_comments(viewer, name) if with_comments else [],
    )


def tagged_comments(viewer: Viewer, name: str) -> list[Comment]:
    """Return the newest comments with this tag that this person may read."""
    return list(visible_comments(viewer).filter(tag_uses__tag__name=name).order_by("-id")[:COMMENTS_SHOWN])
