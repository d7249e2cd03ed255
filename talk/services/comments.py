"""Comments: written, edited, deleted."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

import classify.selectors
from core.services import audit
from talk.markdown import Rendered, render
from talk.models import Comment, Discussion
from talk.selectors.people import find_people
from talk.services.errors import BadText, Conflict, Hidden, Locked, NotAllowed, SignInFirst
from talk.services.tags import spend, sync_comment_tags
from talk.viewers import Viewer

MAX_BODY = 10_000


@dataclass(frozen=True)
class Draft:
    """What the page sends: the Markdown, the page's own id of the request, and the names of this site (for pasted addresses)."""

    body: str
    request_id: uuid.UUID | None = None
    reply_to: Comment | None = None
    hosts: Collection[str] = ()


def preview(body: str, *, hosts: Collection[str] = ()) -> Rendered:
    """Return what a comment would look like; nothing is stored. Raises BadText."""
    return render(clean(body), hosts=hosts, find_people=find_people)


def post_comment(*, viewer: Viewer, discussion: Discussion, draft: Draft, now: datetime) -> Comment:
    """Store a comment. The same request id stores once and gives the same comment.

    Raises SignInFirst, NotAllowed, Locked, Hidden, BadText, Conflict or Slower; nothing is stored then.
    """
    if stored := stored_before(viewer, draft):
        return stored
    check_may_write(viewer, discussion)
    rendered = preview(draft.body, hosts=draft.hosts)
    spend(viewer, "comments")
    return insert_comment(viewer=viewer, discussion=discussion, draft=draft, rendered=rendered, now=now)


def insert_comment(*, viewer: Viewer, discussion: Discussion, draft: Draft, rendered: Rendered, now: datetime) -> Comment:
    """Write the rows of a comment that was checked; a rival with the same request id wins quietly."""
    try:
        with transaction.atomic():
            comment = Comment.objects.create(
                discussion=discussion,
                author=viewer.volunteer,
                reply_to=draft.reply_to if draft.reply_to and draft.reply_to.discussion_id == discussion.pk else None,
                body=clean(draft.body),
                html=rendered.html,
                created_at=now,
                request_id=draft.request_id,
            )
            sync_comment_tags(comment=comment, names=rendered.tags, now=now)
            Discussion.objects.filter(pk=discussion.pk).update(last_comment_at=now)
    except IntegrityError:
        if stored := stored_before(viewer, draft):
            return stored
        raise
    return comment


def edit_comment(*, viewer: Viewer, comment: Comment, body: str, now: datetime, hosts: Collection[str] = ()) -> Comment:
    """Change one's own comment; its tags follow the text. Raises as `post_comment` does."""
    if not viewer.signed_in:
        raise SignInFirst
    if viewer.volunteer is None or comment.author_id != viewer.volunteer.pk or comment.deleted_at:
        raise NotAllowed(_("You can only edit your own comments."))
    check_may_write(viewer, comment.discussion)
    rendered = preview(body, hosts=hosts)
    if clean(body) == comment.body:
        return comment
    with transaction.atomic():
        Comment.objects.filter(pk=comment.pk).update(body=clean(body), html=rendered.html, edited_at=now)
        sync_comment_tags(comment=comment, names=rendered.tags, now=now)
    comment.refresh_from_db()
    return comment


def delete_comment(*, viewer: Viewer, comment: Comment, now: datetime, reason: str = "") -> bool:
    """Hide a comment for everybody and take back its tags; the row stays. One's own, or any by a moderator (audited)."""
    if not viewer.signed_in:
        raise SignInFirst
    own = viewer.volunteer is not None and comment.author_id == viewer.volunteer.pk
    if not (own or viewer.moderates):
        raise NotAllowed(_("You can only delete your own comments."))
    with transaction.atomic():
        deleted = Comment.objects.filter(pk=comment.pk, deleted_at__isnull=True).update(deleted_at=now)
        comment.tag_uses.all().delete()
        if deleted and not own:
            detail = {"discussion": comment.discussion_id, "author": comment.author_id, "reason": reason[:300]}
            audit(actor=viewer.user, verb="talk.delete", object_type="comment", object_id=str(comment.pk), now=now, detail=detail)
    return bool(deleted)


def clean(body: str) -> str:
    """Return the text as it is stored: one kind of line end, no outer blanks. Raises BadText if empty, too long or not text."""
    text = body.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not text:
        raise BadText(_("Write something first."))
    if len(text) > MAX_BODY:
        raise BadText(_("A comment has at most %(limit)d characters; this one has %(length)d.") % {"limit": MAX_BODY, "length": len(text)})
    if any((sign < " " and sign not in "\n\t") or "\ud800" <= sign <= "\udfff" for sign in text):
        raise BadText(_("The text holds control characters that cannot be stored. Paste it as plain text."))
    return text


def check_may_write(viewer: Viewer, discussion: Discussion) -> None:
    """Raise SignInFirst, NotAllowed, Locked or Hidden unless this person may write in this discussion now."""
    if not viewer.signed_in:
        raise SignInFirst
    if not viewer.may_write(discussion.board):
        raise NotAllowed(_("Only the team writes on this board."))
    if discussion.subject is not None and not classify.selectors.may_see(viewer.volunteer, discussion.subject):
        raise Hidden
    if not viewer.may_comment(discussion):
        raise Locked


def stored_before(viewer: Viewer, draft: Draft) -> Comment | None:
    """Return the comment that this request id has made already. Raises Conflict if somebody else's."""
    if draft.request_id is None:
        return None
    comment = Comment.objects.filter(request_id=draft.request_id).select_related("discussion__board").first()
    if comment is None:
        return None
    if viewer.volunteer is None or comment.author_id != viewer.volunteer.pk:
        raise Conflict
    return comment
