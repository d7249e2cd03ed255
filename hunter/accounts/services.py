"""What an account does besides what the library does: another name, and the end of what is old."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from allauth.usersessions.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.db import transaction

from hunter.models import FormerName, User

MAILS_KEPT = timedelta(days=30)


class NameTaken(Exception):
    """Somebody has this name, or had it."""


def is_taken(name: str, *, besides: User | None = None) -> bool:
    """Return whether the name is, or was, somebody else's. Upper and lower case are one."""
    own = besides.pk if besides else 0
    if get_user_model().objects.filter(username__iexact=name).exclude(pk=own).exists():
        return True
    return FormerName.objects.filter(key=name.casefold()).exclude(user_id=own).exists()


@transaction.atomic
def rename(*, user: User, name: str, leads: bool, now: datetime) -> None:
    """Give the account another name. Nobody else can take the old one; `leads` says whether its address leads to the new one."""
    person = get_user_model().objects.select_for_update().get(pk=user.pk)
    if is_taken(name, besides=person):
        raise NameTaken(name)
    old = person.username
    FormerName.objects.filter(user=person, key=name.casefold()).delete()
    if old.casefold() != name.casefold():
        FormerName.objects.create(user=person, name=old, key=old.casefold(), leads=leads, since=now)
    person.username = user.username = name
    person.save(update_fields=["username"])


def name_now(old: str) -> str | None:
    """Return the name of whoever had this name and lets it lead on; None if nobody does."""
    found = FormerName.objects.filter(key=old.casefold(), leads=True, user__is_active=True).select_related("user").first()
    return found.user.get_username() if found else None


def end_sessions(user: Any) -> None:
    """Sign an account out everywhere it is known to be signed in."""
    get_adapter().end_sessions(UserSession.objects.filter(user=user))


def forget_old_sessions(now: datetime) -> int:
    """Delete the rows that list sessions which are over; return how many. An hour's grace: a row may be there before its session."""
    living = Session.objects.values("session_key")
    return UserSession.objects.exclude(session_key__in=living).filter(created_at__lt=now - timedelta(hours=1)).delete()[0]


def forget_old_mails(now: datetime) -> int:
    """Delete mails of the outbox folder after a month; return how many files."""
    folder = Path(getattr(settings, "EMAIL_FILE_PATH", None) or settings.HOME / "outbox")
    oldest = (now - MAILS_KEPT).timestamp()
    old = [path for path in folder.glob("*.log") if path.stat().st_mtime < oldest] if folder.is_dir() else []
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
