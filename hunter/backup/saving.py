"""Making a backup: rows of one moment, then the files they name, then the secrets. The site goes on; nothing waits for it."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model

from hunter.backup import media, rows, schema
from hunter.backup.container import BackupError, Writer
from ml.provenance import code_version

SNAPSHOT = "snapshot"
SECRETS = ("secret_key", "secret_key_fallbacks", "demo_accounts.txt")
Say = Callable[[str, int, int | None], None]  # (what, done, total where it is known)


def save(target: str, *, now: datetime, say: Say, own_job: int | None = None) -> dict[str, Any]:
    """Write an archive to a path (or `-`) and return its manifest with `size`. Raises BackupError or OSError; then no archive is left.

    `own_job` is the row that shows this very work: it is left out, since in the archive it would never end.
    """
    _refuse_full_disk(target)
    writer = Writer(target)
    try:
        with snapshot() as source:
            nodes = schema.applied(source)
            models = schema.models_at(nodes)
            tables = {model._meta.db_table: _table(writer, model, source, say, own_job) for model in models}
        files = _files(writer, say)
        _secrets(writer)
        manifest = {
            "made_at": now.isoformat(),
            "code": code_version(),
            "engine": connection.vendor,
            "migrations": nodes,
            "left_out": sorted(schema.LEFT_OUT),
            "tables": tables,
            "files": files,
        }
        return {**manifest, "size": writer.finish(manifest)}
    except BaseException:
        writer.abort()
        raise


@contextmanager
def snapshot() -> Iterator[BaseDatabaseWrapper]:
    """A second connection that sees the rows of one moment for as long as the block runs, and keeps nobody from writing."""
    source = connection.copy(SNAPSHOT)
    connections[SNAPSHOT] = source
    try:
        if source.vendor == "sqlite":
            # Not atomic(): that would be IMMEDIATE here and hold the one write lock. A read transaction in WAL mode holds nobody up.
            with source.cursor() as cursor:
                cursor.execute("BEGIN DEFERRED")
                cursor.execute("SELECT count(*) FROM django_migrations")  # the moment is that of the first read
                yield source
                cursor.execute("ROLLBACK")
        else:
            with transaction.atomic(using=SNAPSHOT), source.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                yield source
    finally:
        source.close()
        del connections[SNAPSHOT]


def _table(writer: Writer, model: type[Model], source: BaseDatabaseWrapper, say: Say, own_job: int | None) -> dict[str, Any]:
    table, count, size = model._meta.db_table, 0, 0
    leave_out = own_job if table == "core_job" else None
    for number, (packed, n, n_bytes) in enumerate(rows.chunks(model, using=SNAPSHOT, leave_out=leave_out)):
        writer.add_bytes(f"tables/{table}/{number:06d}.jsonl.gz", packed)
        count, size = count + n, size + n_bytes
        if n:
            say(f"rows of {table}", count, None)
    return {"rows": count, "bytes": size, "last_id": rows.last_id(model, source)}


def _files(writer: Writer, say: Say) -> dict[str, int]:
    """Files come after the rows: their keys are never written twice, so that every row of the moment finds its file, and some find none."""
    count, size = 0, 0
    for key in media.walk():
        with media.whole(key) as file:
            if file:
                writer.add(f"files/{key}", *file)
                count, size = count + 1, size + file[1]
        say("files", count, None)
    return {"n": count, "bytes": size}


def _secrets(writer: Writer) -> None:
    """The keys that this site signs and seals with, wherever they come from, and the passwords of the demo accounts."""
    writer.add_bytes("secrets/secret_key", str(settings.SECRET_KEY).encode())
    if settings.SECRET_KEY_FALLBACKS:
        writer.add_bytes("secrets/secret_key_fallbacks", ",".join(settings.SECRET_KEY_FALLBACKS).encode())
    accounts = Path(settings.HOME) / "demo_accounts.txt"
    if accounts.is_file():
        writer.add_bytes("secrets/demo_accounts.txt", accounts.read_bytes())


def database_bytes() -> int:
    """What the database takes on its disk."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
        else:
            cursor.execute("SELECT pg_database_size(current_database())")
        return int(cursor.fetchone()[0])


def _refuse_full_disk(target: str) -> None:
    if target == "-":
        return
    folder = Path(target).expanduser().resolve().parent
    folder.mkdir(parents=True, exist_ok=True)
    need, free = media.bytes_on_disk() + database_bytes() // 2, shutil.disk_usage(folder).free
    if need > free:
        raise BackupError(f"About {need / 1e6:,.0f} MB are needed in {folder}, and {free / 1e6:,.0f} MB are free. Nothing was written.")
