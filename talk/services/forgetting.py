"""Forgetting a person: what they wrote is removed or stands under nobody's name, and their name goes from what others wrote."""

from collections.abc import Collection as Many
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Max, Q, QuerySet

from core.models import AuditEntry
from core.redaction import NOBODY, Redaction, redact_rows, rows_with
from talk.models import Collection, Comment, Discussion, Tag, TagUse

if TYPE_CHECKING:
    from classify.models import Volunteer

_MANY = 3  # so many threads without the person, or other people's tags, make their name an ordinary word


def is_ordinary_word(*, name: str, volunteers: Many[int]) -> bool:
    """Tell whether others use a bare name as a word: as a tag, or in threads in which the person neither wrote nor is addressed."""
    redaction = Redaction(words=(name,))
    name = name.lower()
    if TagUse.objects.filter(tag__name=name).exclude(volunteer_id__in=volunteers).values("volunteer").distinct().count() >= _MANY:
        return True
    theirs = Discussion.objects.filter(Q(comments__author_id__in=volunteers) | Q(comments__body__icontains=f"@{name}")).values("pk")
    elsewhere = rows_with(Comment.objects.exclude(discussion__in=theirs), ["body"], redaction)
    threads: set[int] = set()
    for thread, body in elsewhere.values_list("discussion_id", "body").iterator(chunk_size=500):
        if redaction.found_in(body):
            threads.add(thread)
        if len(threads) >= _MANY:
            return True
    return False


def forget_authors(*, volunteers: Many[int], nobody: "Volunteer", redaction: Redaction, keep_comments: bool) -> None:
    """Remove the comments of these volunteers, or give them and all tags to `nobody`; take their name from everybody's words.

    Deleted comments go in any case, discussions in which nothing is left, and collections. Tags put on an image by hand stay, as
    labels do.
    Safe to repeat.
    """
    _forget_comments(volunteers, nobody, keep_comments)
    Discussion.objects.filter(author_id__in=volunteers).update(author=nobody)
    _forget_chips(volunteers, nobody)
    Collection.objects.filter(owner_id__in=volunteers).delete()
    for entry in AuditEntry.objects.filter(object_type="comment", detail__author__in=list(volunteers)):
        AuditEntry.objects.filter(pk=entry.pk).update(detail={**entry.detail, "author": None})
    redact_rows(Comment.objects.all(), ["body", "html"], redaction)
    redact_rows(Discussion.objects.all(), ["title"], redaction)
    redact_rows(Collection.objects.all(), ["title", "description"], redaction)
    for word in redaction.words:
        _rename_tag(word.lower())


@transaction.atomic
def _forget_comments(volunteers: Many[int], nobody: "Volunteer", keep: bool) -> None:
    mine = Comment.objects.filter(author_id__in=volunteers)
    gone = mine.filter(deleted_at__isnull=False) if keep else mine
    threads = set(gone.values_list("discussion_id", flat=True))
    gone.delete()
    left = Discussion.objects.filter(pk__in=threads).annotate(newest=Max("comments__created_at"))
    left.filter(newest=None).delete()
    for thread in left:
        Discussion.objects.filter(pk=thread.pk).update(last_comment_at=thread.newest)
    TagUse.objects.filter(comment__in=mine).update(volunteer=nobody)
    mine.update(author=nobody, request_id=None)


@transaction.atomic
def _forget_chips(volunteers: Many[int], nobody: "Volunteer") -> None:
    """A chip that nobody has put there already goes over to nobody; else one of the two is enough."""
    for use in TagUse.objects.filter(volunteer_id__in=volunteers).order_by("pk"):
        if use.comment_id is None and _chips(nobody).filter(tag=use.tag_id, subject=use.subject_id).exists():
            TagUse.objects.filter(pk=use.pk).delete()
        else:
            TagUse.objects.filter(pk=use.pk).update(volunteer=nobody)


def _chips(volunteer: "Volunteer") -> QuerySet[TagUse]:
    return TagUse.objects.filter(volunteer=volunteer, comment=None)


@transaction.atomic
def _rename_tag(name: str) -> None:
    """A tag that is the person's name becomes that of nobody; where both stand on one thing, one goes."""
    tag = Tag.objects.filter(name=name).first()
    if tag is None:
        return
    other, _made = Tag.objects.get_or_create(name=NOBODY, defaults={"created_at": tag.created_at})
    for use in tag.uses.all():
        twins = other.uses.filter(comment=use.comment_id) if use.comment_id else other.uses.filter(
            comment=None, subject=use.subject_id, volunteer=use.volunteer_id
        )  # fmt: skip
        if twins.exists():
            use.delete()
        else:
            TagUse.objects.filter(pk=use.pk).update(tag=other)
    tag.delete()
