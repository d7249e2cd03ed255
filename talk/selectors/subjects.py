"""What Talk has to show on the page of a subject."""

from typing import TYPE_CHECKING, Any

import classify.selectors
from core.identity import random_uuid
from talk.selectors.discussions import comment_page, discussion_of
from talk.selectors.people import with_badges
from talk.selectors.tags import tags_of

if TYPE_CHECKING:
    from classify.models import Subject, Volunteer


def subject_context(subject: "Subject", volunteer: "Volunteer | None") -> dict[str, Any]:
    """Return {"talk": {...}} for `talk/_subject_fragment.html`: tags, thread and its last page, or only `hidden`.

    The guard is here, so that a page that includes the fragment cannot leak what it hides.
    """
    root = subject.root or subject
    if not classify.selectors.may_see(volunteer, root):
        return {"talk": {"subject": root, "hidden": True, "voted": classify.selectors.has_voted(volunteer, root)}}
    discussion = discussion_of(root)
    page = comment_page(discussion, "last") if discussion else None
    if page is not None:
        page.object_list = with_badges(page.object_list)
    tags = tags_of(root, volunteer)
    shown = {"subject": root, "hidden": False, "discussion": discussion, "page": page, "tags": tags, "volunteer": volunteer}
    return {"talk": {**shown, "composer": {"text": "", "request_id": random_uuid()}}}
