"""Make this installation what an archive says."""

import fcntl
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error, connection

from core.models import AuditEntry
from hunter.backup.container import BackupError
from hunter.backup.restoring import in_words, progress, restore


class Command(BaseCommand):
    help = "Check an archive, then put its rows, files and secrets in the place of what is here. Only while the site is stopped."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="What backup wrote; `-` reads it from standard input.")
        parser.add_argument("--force", action="store_true", help="Do not ask whether something uses the database.")
        parser.add_argument("--locked", action="store_true", help="./run says by this that it holds the site's lock.")

    def handle(self, *args: Any, **options: Any) -> None:
        key_was_here = _key_file().exists() and _key_file().read_text().strip() == settings.SECRET_KEY
        deleted = _deleted_accounts()
        try:
            with _alone(asked=not (options["force"] or options["locked"])), _on_disk(options["file"]) as path:
                manifest = restore(path, say=progress(lambda line: print(line, file=sys.stderr, flush=True)), force=options["force"])
        except (BackupError, FileNotFoundError) as error:
            raise CommandError(str(error)) from None
        except (OSError, Error) as error:
            words = in_words(error) or f"{type(error).__name__}: {error}".strip()
            raise CommandError(f"{words}\nNothing was changed: the database is as it was.") from None
        rows = sum(table["rows"] for table in manifest["tables"].values())
        self.stdout.write(f"Restored {rows} rows and {manifest['files']['n']} files of {manifest['made_at'][:16]} UTC to {connection.vendor}.")
        self._tell_deleted([number for at, number in deleted if at > datetime.fromisoformat(manifest["made_at"])])
        if not key_was_here and _key_file().read_text().strip() != settings.SECRET_KEY:
            self.stdout.write(
                f"The archive's secret key is in {_key_file()}. Set HUNTER_SECRET_KEY to that: with another key visitors who have no "
                "account are taken for new ones, and the second factors of the team cannot be read. Earlier keys, if there were any, are in "
                f"{_key_file().name}_fallbacks and belong into HUNTER_SECRET_KEY_FALLBACKS."
            )

    def _tell_deleted(self, numbers: list[str]) -> None:
        """A backup brings back people who have gone since."""
        for name in get_user_model().objects.filter(pk__in=numbers).values_list("username", flat=True):
            self.stdout.write(f"{name} had been deleted here since. Delete again: ./run manage delete_account {name} --comments keep")


def _deleted_accounts() -> list[tuple[datetime, str]]:
    """When which accounts were deleted here, by the protocol; nothing where there is no database that can be read."""
    if connection.vendor == "sqlite" and not Path(connection.settings_dict["NAME"]).exists():
        return []  # asking would make the file
    try:
        return list(AuditEntry.objects.filter(verb="delete account").values_list("at", "object_id"))
    except Error:
        return []


def _key_file() -> Path:
    """Where ./run keeps the key; a server has it in its environment."""
    return Path(settings.HOME) / "secret_key"


@contextmanager
def _alone(*, asked: bool) -> Iterator[None]:
    """Hold the lock of ./run for this HUNTER_HOME, so that no site runs and none starts. Raises BackupError."""
    if not asked:
        yield
        return
    home = Path(settings.HOME)
    home.mkdir(parents=True, exist_ok=True)
    with (home / "run.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupError(f"The site with its data in {home} is running. Stop it first. Nothing was changed.") from None
        yield


@contextmanager
def _on_disk(name: str) -> Iterator[Path]:
    """The archive as a file that can be read twice."""
    if name != "-":
        path = Path(name).expanduser().resolve()
        if not path.is_file():
            raise BackupError(f"There is no file {path}. Nothing was changed.")
        yield path
        return
    with tempfile.NamedTemporaryFile(dir=settings.HOME, prefix="restore-") as copy:
        shutil.copyfileobj(sys.stdin.buffer, copy)
        copy.flush()
        yield Path(copy.name)
