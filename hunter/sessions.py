"""How long a sign-in lasts: a while without use, and never longer than a set time after signing in.

The end stands in the session itself, so the store refuses what is over without any check here. It is moved on while the session
is in use, at most every few minutes, so that a page costs no write.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from hunter.roles import is_team

PAUSE = timedelta(minutes=5)
SINCE, SEEN = "hunter_since", "hunter_seen"


@dataclass(frozen=True)
class Limits:
    """`idle` without a request, `life` after signing in."""

    idle: timedelta
    life: timedelta


PEOPLE = Limits(idle=timedelta(seconds=settings.SESSION_COOKIE_AGE), life=timedelta(days=30))
TEAM = Limits(idle=timedelta(hours=4), life=timedelta(hours=24))  # who can change what others see


class SessionLimitsMiddleware:
    """Moves the end of a signed-in session on, after a request that used it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.session.accessed and SESSION_KEY in request.session:
            move_on(request, timezone.now())
        return response


def move_on(request: HttpRequest, now: datetime) -> None:
    """Set the end anew if the last time is a while ago; end a session whose time is over."""
    session = request.session
    if session.get(SEEN, 0) > (now - PAUSE).timestamp():
        return
    limits = TEAM if is_team(request.user) else PEOPLE
    since = datetime.fromtimestamp(session.get(SINCE, now.timestamp()), tz=UTC)
    end = min(now + limits.idle, since + limits.life)
    if end <= now:
        session.flush()
        return
    session[SINCE], session[SEEN] = since.timestamp(), now.timestamp()
    session.set_expiry(end)
    UserSession.objects.filter(session_key=session.session_key).update(last_seen_at=now)
