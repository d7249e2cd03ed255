"""Tags: chips that people put on a subject, and those that stand in comments."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

import classify.selectors
from core import throttles
from talk.hashtags import normalise
from talk.models import Comment, Tag, TagUse
from talk.services.errors import BadText, Hidden, SignInFirst, Slower
from talk.viewers import Viewer

if TYPE_CHECKING:
    from classify.models import Subject


def add_tag(*, viewer: Viewer, subject: "Subject", name: str, now: datetime) -> Tag:
    """Put a tag on the root of a subject; twice by the same person is once. Raises SignInFirst, Hidden, BadText or Slower."""
    root = _tagged_root(viewer, subject)
    tag_name = normalise(name.strip().removeprefix("#"))
    if tag_name is None:
        raise BadText(_("A tag has 3 to 40 letters, digits, hyphens or underscores, and no spaces. For example: satellite."))
    spend(viewer, "tags")
    (tag,) = tags_named([tag_name], now=now)
    TagUse.objects.get_or_create(tag=tag, subject=root, volunteer=viewer.volunteer, comment=None, defaults={"at": now})
    return tag


def remove_tag(*, viewer: Viewer, subject: "Subject", name: str) -> bool:
    """Take back one's own chip; False if there was none. Tags in comments go when the comment is edited or deleted."""
    root = _tagged_root(viewer, subject)
    uses = TagUse.objects.filter(tag__name=normalise(name), subject=root, volunteer=viewer.volunteer, comment=None)
    return bool(uses.delete()[0])


def sync_comment_tags(*, comment: Comment, names: Iterable[str], now: datetime) -> None:
    """Make the uses of a comment those of its text. They hang on the subject of its discussion, else on the discussion."""
    wanted = tags_named(names, now=now)
    comment.tag_uses.exclude(tag__in=wanted).delete()
    discussion = comment.discussion
    place: dict[str, Any] = {"subject_id": discussion.subject_id} if discussion.subject_id else {"discussion": discussion}
    uses = [TagUse(tag=tag, comment=comment, volunteer_id=comment.author_id, at=now, **place) for tag in wanted]
    TagUse.objects.bulk_create(uses, ignore_conflicts=True)


def tags_named(names: Iterable[str], *, now: datetime) -> list[Tag]:
    """Return the tags of these stored names, made where missing (in order, so that two writers never wait for each other in a ring)."""
    wanted = sorted(set(names))
    Tag.objects.bulk_create([Tag(name=name, created_at=now) for name in wanted], ignore_conflicts=True)
    return list(Tag.objects.filter(name__in=wanted))


def spend(viewer: Viewer, scope: str) -> None:
    """Count one act of this person. Raises Slower with words that say how long to wait."""
    assert viewer.volunteer is not None  # noqa: S101 - callers have checked signed_in
    try:
        throttles.spend(scope, person=f"volunteer {viewer.volunteer.pk}", address=viewer.address)
    except throttles.TooMany as full:
        minutes = -(-full.wait // 60)
        text = ngettext(
            "You have sent a lot in a short time. Nothing was stored; your text is still here. Please wait %(n)d minute and send it again.",
            "You have sent a lot in a short time. Nothing was stored; your text is still here. Please wait %(n)d minutes and send it again.",
            minutes,
        )
        raise Slower(text % {"n": minutes}, retry_after=full.wait) from full


def _tagged_root(viewer: Viewer, subject: "Subject") -> "Subject":
    if not viewer.signed_in:
        raise SignInFirst
    root = subject.root or subject
    if not classify.selectors.may_see(viewer.volunteer, root):
        raise Hidden
    return root
