"""Discussions: started on a board, or made with the first comment on a subject; closed and pinned by moderators."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

import classify.selectors
from core.services import audit
from talk.models import Board, Comment, Discussion
from talk.seeds import NOTES
from talk.services.comments import Draft, check_may_write, insert_comment, preview, stored_before
from talk.services.errors import BadText, Hidden, NotAllowed, SignInFirst
from talk.services.tags import spend
from talk.viewers import Viewer

if TYPE_CHECKING:
    from classify.models import Subject

MIN_TITLE, MAX_TITLE = 3, 140


def start_discussion(*, viewer: Viewer, board: Board, title: str, draft: Draft, now: datetime) -> Discussion:
    """Open a discussion with its first comment; the same request id gives the same discussion. Raises a TalkError."""
    if stored := stored_before(viewer, draft):
        return stored.discussion
    if not viewer.signed_in:
        raise SignInFirst
    if board.slug == NOTES:
        raise NotAllowed(_("This board has one thread for each image: open an image and write there."))
    if not viewer.may_write(board):
        raise NotAllowed(_("Only the team writes on this board."))
    heading = " ".join(title.split())
    if not (MIN_TITLE <= len(heading) <= MAX_TITLE and heading.isprintable()):
        raise BadText(_("A title has %(least)d to %(most)d characters.") % {"least": MIN_TITLE, "most": MAX_TITLE}, field="title")
    rendered = preview(draft.body, hosts=draft.hosts)
    spend(viewer, "comments")
    with transaction.atomic():
        discussion = Discussion.objects.create(board=board, title=heading, author=viewer.volunteer, created_at=now, last_comment_at=now)
        comment = insert_comment(viewer=viewer, discussion=discussion, draft=draft, rendered=rendered, now=now)
        if comment.discussion_id != discussion.pk:  # a rival with the same request id was first
            discussion.delete()
    return comment.discussion


def comment_on_subject(*, viewer: Viewer, subject: "Subject", draft: Draft, now: datetime) -> Comment:
    """Comment on the root of a subject; its one discussion is made with the first comment. Raises a TalkError."""
    if stored := stored_before(viewer, draft):
        return stored
    if not viewer.signed_in:
        raise SignInFirst
    root = subject.root or subject
    if not classify.selectors.may_see(viewer.volunteer, root):
        raise Hidden
    rendered = preview(draft.body, hosts=draft.hosts)
    board = Board.objects.get(slug=NOTES)
    if not viewer.may_write(board):
        raise NotAllowed
    spend(viewer, "comments")
    with transaction.atomic():
        discussion, _made = Discussion.objects.select_related("board").get_or_create(
            subject=root,
            defaults={"board": board, "title": f"S{root.public_id}", "author": viewer.volunteer, "created_at": now, "last_comment_at": now},
        )
        check_may_write(viewer, discussion)
        return insert_comment(viewer=viewer, discussion=discussion, draft=draft, rendered=rendered, now=now)


def moderate(*, viewer: Viewer, discussion: Discussion, now: datetime, locked: bool | None = None, sticky: bool | None = None) -> bool:
    """Close or open, pin or unpin a discussion; True if something changed. Needs talk.moderate; audited."""
    if not viewer.moderates:
        raise NotAllowed
    asked = {"locked": locked, "sticky": sticky}
    change = {name: value for name, value in asked.items() if value is not None and value != getattr(discussion, name)}
    if not change:
        return False
    with transaction.atomic():
        Discussion.objects.filter(pk=discussion.pk).update(**change)
        audit(actor=viewer.user, verb="talk.moderate", object_type="discussion", object_id=str(discussion.pk), now=now, detail=dict(change))
    return True
