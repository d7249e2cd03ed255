"""Where a name or an address can stand beside the account itself: sessions, protocols, letters, mails on disk, log files."""

import email
import email.policy
import mmap
import re
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db.models import Q

from core.models import AuditEntry, Job
from core.redaction import NOBODY, Redaction, redact_rows
from hunter.accounts.services import end_sessions
from hunter.models import Letter, User

_BETWEEN_MAILS = re.compile(rb"^-{79}\n", re.MULTILINE)  # as Django's file backend writes them


def forget(*, user: User, words: Redaction, but: int) -> None:
    """Take an account's name and addresses from everywhere but the rooms and its own row. `but`: the job that is at it."""
    _forget_sessions(user, words)
    _forget_letters(user, words)
    _forget_protocols(user, words, but)
    forget_files(words)


def _forget_sessions(user: User, words: Redaction) -> None:
    """Every session that is the account's, or that remembers it (a sign-in that was not finished, say)."""
    end_sessions(user)
    gone = [row.session_key for row in Session.objects.iterator(chunk_size=500) if _names(row.get_decoded(), user, words)]
    Session.objects.filter(session_key__in=gone).delete()


def _names(data: dict[str, Any], user: User, words: Redaction) -> bool:
    return data.get("_auth_user_id") == str(user.pk) or words.clean_value(data) != data


def _forget_letters(user: User, words: Redaction) -> None:
    """The person's letters go, those from a confirmed address of theirs too; from one never confirmed, which may be somebody else's, the
    sender goes; others' letters lose the name."""
    confirmed = EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True)
    theirs = Q(user=user)
    for address in confirmed:
        theirs |= Q(user=None, email__iexact=address)
    Letter.objects.filter(theirs).delete()
    for address in words.addresses:
        Letter.objects.filter(email__iexact=address).update(name="", email="")
    redact_rows(Letter.objects.all(), ["name", "subject", "body"], words)


def _forget_protocols(user: User, words: Redaction, but: int) -> None:
    own = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(User), object_id=str(user.pk))
    own.update(object_repr=NOBODY)
    redact_rows(LogEntry.objects.all(), ["object_repr", "change_message"], words)
    redact_rows(AuditEntry.objects.all(), ["detail"], words)
    redact_rows(Job.objects.exclude(pk=but), ["title", "params", "result", "error"], words)


# --- files ---------------------------------------------------------------------------------------


def forget_files(words: Redaction) -> None:
    """Mails that were written to HUNTER_HOME/outbox and name the person go; in the logs the words are overwritten in place."""
    for path in _files(Path(getattr(settings, "EMAIL_FILE_PATH", None) or settings.HOME / "outbox")):
        _forget_mails(path, words)
    for path in _files(settings.HOME / "log"):
        _blank(path, words)


def _files(folder: Path) -> Iterator[Path]:
    yield from sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else ()


def _forget_mails(path: Path, words: Redaction) -> None:
    """Leave out of a file the mails that name the person anywhere, in whatever encoding; a file with none left goes."""
    mails = [mail for mail in _BETWEEN_MAILS.split(path.read_bytes()) if mail.strip()]
    left = [mail for mail in mails if not words.found_in(_readable(mail))]
    if not left:
        path.unlink()
    elif len(left) < len(mails):
        fresh = path.with_name(f"{path.name}.new")
        fresh.write_bytes(b"".join(mail + b"-" * 79 + b"\n" for mail in left))
        fresh.replace(path)


def _readable(mail: bytes) -> str:
    """Headers and text parts of a mail, decoded."""
    message = email.message_from_bytes(mail.lstrip(), _class=EmailMessage, policy=email.policy.default)
    texts = [part.get_content() for part in message.walk() if part.get_content_maintype() == "text"]
    return "\n".join([*(f"{name}: {value}" for name, value in message.items()), *texts])


def _blank(path: Path, words: Redaction) -> None:
    """Overwrite the words in a log by as many stars: others may go on writing to its end meanwhile."""
    if not path.stat().st_size:
        return
    with path.open("r+b") as handle, mmap.mmap(handle.fileno(), 0) as content:
        at = 0
        while line := content[at : content.find(b"\n", at) + 1 or len(content)]:
            if (clean := words.blank(line)) != line:
                content[at : at + len(line)] = clean
            at += len(line)
