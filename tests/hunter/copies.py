"""Installations to carry data between, each a database and a folder of its own, and what lies in them, read without the code under test."""

import hashlib
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connection, connections
from django.db.utils import load_backend

from hunter import servers
from tests.conftest import ROOT, child_environment, database_url


@dataclass
class Copy:
    """One installation: a database and a home of its own."""

    url: str
    home: Path
    also: dict[str, str] = field(default_factory=dict)

    def environment(self, **extra: str) -> dict[str, str]:
        return child_environment(DATABASE_URL=self.url, HUNTER_HOME=str(self.home), **self.also, **extra)

    def manage(self, *arguments: object, check: bool = True, **options: Any) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, str(ROOT / "manage.py"), *map(str, arguments)]
        done = subprocess.run(command, cwd=ROOT, env=self.environment(), capture_output=True, text=True, **options)
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def rows(self) -> dict[str, list[list[Any]]]:
        """Every row of every table that Django knows: {table: [[column values], ...]}."""
        with self._opened() as alias:
            found = {}
            for model in apps.get_models(include_auto_created=True):
                if not model._meta.proxy:
                    names = sorted(field.attname for field in model._meta.concrete_fields)
                    rows = model._base_manager.using(alias).order_by("pk").values_list(*names)
                    found[model._meta.db_table] = [[_plain(value) for value in row] for row in rows]
            return found

    @contextmanager
    def _opened(self) -> Iterator[str]:
        """Let Django read this database, too; gives its alias. A process of its own would take seconds to start."""
        alias = f"copy-{secrets.token_hex(4)}"
        options = connections.configure_settings({"default": {}, alias: servers.database(self.url, self.home)})[alias]
        connections[alias] = load_backend(options["ENGINE"]).DatabaseWrapper(options, alias)
        try:
            yield alias
        finally:
            connections[alias].close()
            del connections[alias]

    def files(self) -> dict[str, str]:
        """SHA-256 of every file in the storage."""
        media = self.home / "media"
        return {str(p.relative_to(media)): hashlib.sha256(p.read_bytes()).hexdigest() for p in media.rglob("*") if p.is_file()}


def _plain(value: Any) -> Any:
    """A value that is equal whichever database it came from."""
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if isinstance(value, (bytes, memoryview)):
        return bytes(value).hex()
    return value if value is None or isinstance(value, (bool, int, float, str, dict, list)) else str(value)


def sqlite_copy(folder: Path) -> Copy:
    """An empty installation on SQLite."""
    folder.mkdir()
    return Copy(f"sqlite:///{folder}/hunter.sqlite3", folder)


def postgres_copy(folder: Path) -> Copy:
    """An empty database on the PostgreSQL of the tests; drop_database() it afterwards."""
    folder.mkdir()
    return Copy(_new_database(), folder)


def _new_database(template: str = "template1") -> str:
    """Make a database and return its URL."""
    name = f"copy_{secrets.token_hex(4)}"
    _on_server(f"CREATE DATABASE {name} TEMPLATE {template}")
    return f"{database_url().rpartition('/')[0]}/{name}"


def twin(copy: Copy, folder: Path) -> Copy:
    """The same installation once more, as nothing runs on the first one; drop_database() it, too."""
    shutil.copytree(copy.home, folder)
    kind, _, name = copy.url.rpartition("/")
    return Copy(f"sqlite:///{folder}/{name}" if kind.startswith("sqlite") else _new_database(name), folder)


def drop_database(copy: Copy) -> None:
    """Forget a database that postgres_copy() or twin() made."""
    if copy.url.startswith("sqlite"):
        return
    _on_server(f"DROP DATABASE IF EXISTS {copy.url.rpartition('/')[2]} WITH (FORCE)")


def _on_server(statement: str) -> None:
    with connection._nodb_cursor() as cursor, closing(cursor):
        cursor.execute(statement)
