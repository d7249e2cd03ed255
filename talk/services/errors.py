"""What can go wrong when people write, in the words that they read."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class TalkError(Exception):
    """Nothing was stored. `message` says why and what to do; `status` is the HTTP status it becomes."""

    message: str | Promise = _("This could not be stored.")
    status = 400
    code = "refused"

    def __init__(self, message: str | Promise | None = None, **extra: Any) -> None:
        self.message = message or self.message
        self.extra = extra
        super().__init__(str(self.message))


class SignInFirst(TalkError):
    message = _("Sign in to write here. Reading needs no account.")
    status, code = 403, "sign_in"


class NotAllowed(TalkError):
    message = _("You may not do this here.")
    status, code = 403, "not_allowed"


class Locked(TalkError):
    message = _("This discussion is closed. Your text was not stored; you can start a new discussion on the board.")
    status, code = 403, "locked"


class Hidden(TalkError):
    message = _("Others are still classifying this subject, so its thread and tags are hidden. Press Show first.")
    status, code = 403, "hidden"


class BadText(TalkError):
    code = "bad_text"


class Conflict(TalkError):
    message = _("Something else was stored under this request id. Reload the page and send your text again.")
    status, code = 409, "conflict"


class Slower(TalkError):
    status, code = 429, "too_fast"
