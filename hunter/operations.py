"""How the machinery is: queues, workers, failed work, room on the disk, backups, versions, and what somebody should look at."""

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import redis
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.template.defaultfilters import filesizeformat
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.models import Job
from core.selectors import last_signs
from hunter.backup.saving import database_bytes
from ml.provenance import code_version

SILENT = timedelta(minutes=3)  # beat asks each queue for a sign of life every 30 s
BACKUP_AGE = timedelta(days=7)
ARCHIVES_KEPT = timedelta(days=30)
LEAST_FREE_BYTES, LEAST_FREE_SHARE = 2 * 10**9, 0.05


@dataclass(frozen=True)
class Queue:
    """A queue: how many messages wait (None: the broker does not answer), and who served it last."""

    name: str
    waiting: int | None
    worker: str
    at: datetime | None
    silent: bool


def queue_names() -> list[str]:
    """All queues that tasks are sent to."""
    return sorted({settings.CELERY_TASK_DEFAULT_QUEUE} | {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()})


def queue_lengths() -> dict[str, int] | None:
    """Messages that wait in each queue; None when the broker does not answer."""
    try:
        with redis.Redis.from_url(settings.BROKER_URL, socket_connect_timeout=1, socket_timeout=2) as broker:
            return {name: int(broker.llen(name)) for name in queue_names()}
    except redis.RedisError:
        return None


def queues(now: datetime) -> list[Queue]:
    """Every queue with its length and its last sign of life."""
    lengths, signs = queue_lengths(), last_signs()
    rows = []
    for name in queue_names():
        at, worker = signs.get(name, (None, ""))
        rows.append(Queue(name, lengths[name] if lengths else None, worker, at, at is None or now - at > SILENT))
    return rows


def disk() -> tuple[int, int]:
    """(free, total) bytes where HUNTER_HOME lies."""
    usage = shutil.disk_usage(settings.HOME if Path(settings.HOME).exists() else "/")
    return usage.free, usage.total


def last_backup() -> Job | None:
    """The newest backup that was finished."""
    return Job.objects.filter(kind="backup", state=Job.State.DONE).order_by("-finished_at").first()


def pending_migrations() -> int:
    """Migrations that this code has and the database lacks."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def versions() -> dict[str, str]:
    """Which code runs, and on which database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sqlite_version()" if connection.vendor == "sqlite" else "SHOW server_version")
        database = f"{connection.display_name} {cursor.fetchone()[0].split()[0]}"
    return {"code": code_version(), "database": database}


def facts(now: datetime) -> dict[str, Any]:
    """Everything that the operations page shows but the lists of jobs."""
    free, total = disk()
    rows = queues(now)
    return {
        "queues": rows,
        "disk": {"free": free, "total": total, "percent": round(100 * (total - free) / total)},
        "database_bytes": database_bytes(),
        "backup": last_backup(),
        "versions": {**versions(), "pending": pending_migrations()},
        "warnings": warnings(now, rows),
    }


def warnings(now: datetime, rows: list[Queue] | None = None) -> list[str]:
    """Sentences about what somebody should look at soon; none when all is well."""
    return [*_about_queues(now, queues(now) if rows is None else rows), *_about_disk(), *_about_backup(now), *_about_old_archives(now)]


def _about_queues(now: datetime, rows: list[Queue]) -> list[str]:
    if any(row.waiting is None for row in rows):
        return [_("The broker does not answer. Votes are stored as before; work for the workers waits until it is back.")]
    said = []
    for row in rows:
        if row.silent and row.at:
            words = {"queue": row.name, "since": timesince(row.at, now), "n": row.waiting}
            said.append(_("No worker has served the queue “%(queue)s” for %(since)s; %(n)d tasks wait. Look at the worker's log.") % words)
        elif row.silent:
            said.append(_("No worker has served the queue “%(queue)s” yet.") % {"queue": row.name})
    return said


def _about_disk() -> list[str]:
    free, total = disk()
    if free >= min(LEAST_FREE_BYTES, LEAST_FREE_SHARE * total):
        return []
    return [_("Only %(free)s are free on the disk. When it is full, votes are refused until there is room again.") % {"free": filesizeformat(free)}]


def _about_backup(now: datetime) -> list[str]:
    """The demo on one's own machine needs none."""
    if settings.DEMO:
        return []
    newest = last_backup()
    if newest is None:
        return [_("There is no backup yet. Make one with ./run backup.")]
    if newest.finished_at and now - newest.finished_at > BACKUP_AGE:
        return [_("The last backup is %(age)s old. Make one with ./run backup.") % {"age": timesince(newest.finished_at, now)}]
    return []


def _about_old_archives(now: datetime) -> list[str]:
    """People are told that copies of what they deleted are gone after 30 days. Deleting backups is left to people."""
    old = [path for path in (Path(settings.HOME) / "backups").glob("*.tar") if now.timestamp() - path.stat().st_mtime > ARCHIVES_KEPT.total_seconds()]
    if not old:
        return []
    words = {"n": len(old), "folder": Path(settings.HOME) / "backups"}
    said = ngettext(
        "%(n)d backup in %(folder)s is older than 30 days. It holds what people have deleted since; delete it.",
        "%(n)d backups in %(folder)s are older than 30 days. They hold what people have deleted since; delete them.",
        len(old),
    )
    return [said % words]
