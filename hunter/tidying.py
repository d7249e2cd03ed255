"""What is kept no longer, and for how long it was. Each function takes the time and returns how much it deleted; others add theirs to TIDY."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path

from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.files.storage import default_storage
from django.db import connection
from django.db.models import CharField, Max

from core.addresses import forget_old_salts
from core.models import Heartbeat, Job
from hunter.accounts.services import forget_old_mails, forget_old_sessions
from hunter.backup import media
from hunter.letters import forget_old_letters
from hunter.privacy import closing, downloads, residue

JOBS_KEPT = timedelta(days=90)
ORPHANS_KEPT = timedelta(days=1)
HEARTBEATS_KEPT = timedelta(days=7)
IMAGES = ("px", "health")  # random keys that a row names, or nobody does
AT_ONCE = 400
log = logging.getLogger(__name__)
Step = Callable[[datetime], int]


def expired_sessions(now: datetime) -> int:
    """Sessions past their date."""
    return Session.objects.filter(expire_date__lt=now).delete()[0]


def old_jobs(now: datetime) -> int:
    """Long work that ended over 90 days ago and that no other row names; the newest of each kind and state stays, as it tells when that was last."""
    newest = Job.objects.order_by().values("kind", "state").annotate(last=Max("pk")).values("last")
    old = Job.objects.exclude(state__in=Job.OPEN).filter(finished_at__lt=now - JOBS_KEPT).exclude(pk__in=newest)
    for relation in Job._meta.related_objects:
        named = relation.related_model._base_manager.filter(**{f"{relation.field.name}__isnull": False})
        old = old.exclude(pk__in=named.values(relation.field.attname))
    return old.delete()[0]


def old_heartbeats(now: datetime) -> int:
    """Signs of life of queues that nobody sends to any more."""
    return Heartbeat.objects.filter(at__lt=now - HEARTBEATS_KEPT).delete()[0]


def orphan_files(now: datetime) -> int:
    """Images older than a day that no row names: a worker was killed between file and row, or a restore was cut off.

    Not while a backup runs: its rows may name what the rows of today do not.
    """
    if Job.objects.filter(kind="backup", state=Job.State.RUNNING).exists():
        return 0
    deleted, batch = 0, []
    for folder in IMAGES:
        for key in media.walk(folder):
            batch.append(key)
            if len(batch) == AT_ONCE:
                deleted, batch = deleted + _forget_orphans(batch, now), []
    return deleted + _forget_orphans(batch, now)


def _forget_orphans(keys: list[str], now: datetime) -> int:
    named = named_keys(keys)
    deleted = 0
    for key in keys:
        if key not in named and _age(key, now) > ORPHANS_KEPT:
            default_storage.delete(key)
            deleted += 1
    return deleted


def named_keys(keys: Iterable[str]) -> set[str]:
    """Which of these keys a row names. By the rule of the house rows keep keys in fields called ..._key."""
    wanted, found = list(keys), set()
    for model in apps.get_models():
        names = [f.name for f in model._meta.concrete_fields if isinstance(f, CharField) and f.name.endswith("_key")]
        for name in names:
            found |= set(model._base_manager.filter(**{f"{name}__in": wanted}).values_list(name, flat=True))
    return found


def _age(key: str, now: datetime) -> timedelta:
    try:
        return now - default_storage.get_modified_time(key)
    except FileNotFoundError:
        return timedelta(0)  # somebody else deleted it


def left_by_restores(now: datetime) -> int:
    """Databases that a restore was building when it was killed."""
    if connection.vendor != "sqlite":
        return 0
    place = Path(connection.settings_dict["NAME"])
    old = [p for p in place.parent.glob(f"{place.name}.restoring*") if now.timestamp() - p.stat().st_mtime > ORPHANS_KEPT.total_seconds()]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


# Others hand in theirs here: what it is called in the log, and a function of the time.
TIDY: dict[str, Step] = {
    "salts of addresses": forget_old_salts,
    "expired sessions": expired_sessions,
    "devices of sessions that ended": forget_old_sessions,
    "mails in the outbox folder": forget_old_mails,
    "old letters": forget_old_letters,
    "copies of people's data": downloads.forget_old,
    "deletions to go on with": closing.retry_failed,
    "finished work": old_jobs,
    "signs of life": old_heartbeats,
    "files without a row": orphan_files,
    "unfinished restores": left_by_restores,
    "what is left in the database's log": residue.wipe_again,
}


def tidy(now: datetime) -> dict[str, int]:
    """Do all of it and return what was deleted. One that fails keeps nobody else from tidying."""
    counts = {}
    for what, step in TIDY.items():
        try:
            counts[what] = step(now)
        except Exception:
            log.exception("Tidying up %s failed", what)
    return counts
