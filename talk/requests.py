"""What a request says to pages and API alike: who looks, and which site this is; and the address of a comment."""

from django.http import HttpRequest
from django.urls import reverse

from classify.visitors import volunteer_of
from core.addresses import address_id
from talk.models import Comment
from talk.selectors import page_of
from talk.viewers import Viewer


def viewer_of(request: HttpRequest, *, create: bool = False) -> Viewer:
    """Return who looks at this page. `create`: make the volunteer of a signed-in person who has none yet."""
    make = create and request.user.is_authenticated
    return Viewer(user=request.user, volunteer=volunteer_of(request, create=make), address=address_id(request) if make else "")


def hosts_of(request: HttpRequest) -> tuple[str, ...]:
    """Names under which a pasted address means this site."""
    return (request.get_host(),)


def address_of(comment: Comment) -> str:
    """Return the address of a comment: its page of the discussion, and its place on it."""
    page = page_of(comment)
    query = f"?page={page}" if page > 1 else ""
    return f"{reverse('talk_discussion', args=[comment.discussion_id])}{query}#comment-{comment.pk}"
