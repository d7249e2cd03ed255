"""Letters to the team: stored first, then mailed, so that none is lost where no mail server answers."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet

from hunter.accounts import mails
from hunter.models import Letter

log = logging.getLogger(__name__)
DONE_KEPT, OPEN_KEPT = timedelta(days=365), timedelta(days=2 * 365)


@dataclass(frozen=True)
class Words:
    """What somebody wrote, and who they say they are, if they do."""

    subject: str
    body: str
    name: str = ""
    email: str = ""


def write_letter(*, words: Words, user: Any, now: datetime) -> Letter:
    """Store a letter. It shows in the admin until somebody marks it as done."""
    author = user if user is not None and user.is_authenticated else None
    return Letter.objects.create(
        user=author, name=words.name, email=words.email, subject=" ".join(words.subject.split()), body=words.body, created_at=now
    )


def mail_letter(letter: Letter, *, site: str) -> bool:
    """Send a letter on to the team's address (`site`: where it was written). Call it after the transaction.

    False where the site has no such address, or no mail server took it (logged).
    """
    if not settings.CONTACT:
        return False
    mail = mails.build("hunter/mail/letter", to=settings.CONTACT, context={"letter": letter, "site": site}, language=settings.LANGUAGE_CODE)
    mail.reply_to = [letter.email] if letter.email else []
    try:
        mail.send()
    except (SMTPException, OSError):
        log.exception("letter %s was stored but not mailed", letter.pk)
        return False
    return True


def settle(*, letters: QuerySet[Letter], now: datetime) -> int:
    """Mark letters as dealt with; return how many were not yet."""
    return letters.filter(done_at__isnull=True).update(done_at=now)


def forget_old_letters(now: datetime) -> int:
    """Delete letters that were dealt with more than a year ago, and those that nobody marked in two; return how many."""
    over = Q(done_at__lt=now - DONE_KEPT) | Q(done_at=None, created_at__lt=now - OPEN_KEPT)
    deleted, _ = Letter.objects.filter(over).delete()
    return deleted
