"""Where a restore builds: on SQLite a new file beside the old one, on PostgreSQL one transaction. Neither touches what is there until its end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.db.models import Model

from hunter.backup import swap
from hunter.backup.container import BackupError

Moves = list[tuple[Path, Path]]
NEW = ".restoring"


@contextmanager
def building(home: Path, *, force: bool, secrets: Callable[[], Moves]) -> Iterator[None]:
    """Make the default database an empty one while the block runs; when it ends well, that is the database, and `secrets()` are in place."""
    chosen = _new_file if connection.vendor == "sqlite" else _one_transaction
    with chosen(home, force=force, secrets=secrets):
        yield


# --- SQLite --------------------------------------------------------------------------------------


@contextmanager
def _new_file(home: Path, *, force: bool, secrets: Callable[[], Moves]) -> Iterator[None]:
    place = Path(connection.settings_dict["NAME"])
    _close_old(place, force=force)
    new = place.with_name(place.name + NEW)
    connection.close()
    old_settings = connection.settings_dict
    options = {**old_settings["OPTIONS"], "init_command": "PRAGMA synchronous=OFF; PRAGMA cache_size=-64000;"}
    connection.settings_dict = {**old_settings, "NAME": str(new), "OPTIONS": options}
    try:
        _unlink(new)
        place.parent.mkdir(parents=True, exist_ok=True)
        yield
        connection.close()
        _sync(new)
        log = [place.with_name(place.name + ending) for ending in ("-wal", "-shm", "-journal")]
        swap.commit(home, moves=[(new, place), *secrets()], remove=log)
    finally:
        connection.close()
        connection.settings_dict = old_settings
        _unlink(new)


def _close_old(place: Path, *, force: bool) -> None:
    """Bring the old file's log home. That works only while nobody else has it open, so it tells as well whether somebody has."""
    if not place.exists():
        return
    try:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout=500")
            cursor.execute("PRAGMA journal_mode=DELETE")
    except DatabaseError as error:
        if "locked" in str(error) and not force:  # else it is damaged, which is why somebody restores
            raise BackupError(f"Something has {place} open. Stop the site first (or give --force). Nothing was changed.") from None


def _unlink(new: Path) -> None:
    for ending in ("", "-wal", "-shm", "-journal"):
        new.with_name(new.name + ending).unlink(missing_ok=True)


def _sync(path: Path) -> None:
    with path.open("rb") as handle:
        swap.os.fsync(handle.fileno())


# --- PostgreSQL ----------------------------------------------------------------------------------


@contextmanager
def _one_transaction(home: Path, *, force: bool, secrets: Callable[[], Moves]) -> Iterator[None]:
    with transaction.atomic(), connection.cursor() as cursor:
        if not force:
            _refuse_others(cursor)
        cursor.execute("SET LOCAL lock_timeout = '10s'")
        for table in _our_tables(cursor):
            cursor.execute(f"DROP TABLE {connection.ops.quote_name(table)} CASCADE")
        # Checked at once, no foreign key is left pending, and PostgreSQL lets tables be altered again in the same transaction.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        yield
    swap.commit(home, moves=secrets())


def _refuse_others(cursor: Any) -> None:
    cursor.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )
    (others,) = cursor.fetchone()
    if others:
        raise BackupError(f"{others} other connections use this database. Stop the site first (or give --force). Nothing was changed.")


def _our_tables(cursor: Any) -> list[str]:
    """Tables of this code, and of a newer code that has been here: by the names of the apps that the database has known."""
    tables = set(connection.introspection.table_names(cursor))
    labels = {config.label for config in apps.get_app_configs()}
    if "django_migrations" in tables:
        cursor.execute("SELECT DISTINCT app FROM django_migrations")
        labels |= {label for (label,) in cursor.fetchall()}
    ours = {model._meta.db_table for model in apps.get_models(include_auto_created=True)} | {"django_migrations"}
    return sorted(table for table in tables if table in ours or table.startswith(tuple(f"{label}_" for label in labels)))


# --- both ----------------------------------------------------------------------------------------


@contextmanager
def unchecked(models: list[type[Model]]) -> Iterator[None]:
    """Empty these tables and let rows come in any order; at the end every foreign key must point to a row. Raises IntegrityError."""
    quote = connection.ops.quote_name
    tables = [quote(model._meta.db_table) for model in models]
    if connection.vendor == "sqlite":
        with connection.constraint_checks_disabled(), transaction.atomic():
            with connection.cursor() as cursor:
                for table in tables:
                    cursor.execute(f"DELETE FROM {table}")  # noqa: S608
            yield
            connection.check_constraints()
        return
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(tables)} CASCADE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        yield
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
