"""All writes of the room, by noun."""

from talk.services.comments import MAX_BODY, Draft, delete_comment, edit_comment, post_comment, preview
from talk.services.discussions import MAX_TITLE, MIN_TITLE, comment_on_subject, moderate, start_discussion
from talk.services.errors import BadText, Conflict, Hidden, Locked, NotAllowed, SignInFirst, Slower, TalkError
from talk.services.forgetting import forget_authors, is_ordinary_word
from talk.services.tags import add_tag, remove_tag

__all__ = [
    "MAX_BODY",
    "MAX_TITLE",
    "MIN_TITLE",
    "BadText",
    "Conflict",
    "Draft",
    "Hidden",
    "Locked",
    "NotAllowed",
    "SignInFirst",
    "Slower",
    "TalkError",
    "add_tag",
    "comment_on_subject",
    "delete_comment",
    "edit_comment",
    "forget_authors",
    "is_ordinary_word",
    "moderate",
    "post_comment",
    "preview",
    "remove_tag",
    "start_discussion",
]
