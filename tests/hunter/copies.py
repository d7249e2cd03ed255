"""Installations to carry data between, each a database and a folder of its own, and what lies in them, read without the code under test."""

import hashlib
import json
import secrets
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import connection

from tests.conftest import ROOT, child_environment, database_url

# Prints {table: [[column values], ...]} of every table that Django knows, as JSON.
DUMP = """
import json, sys
from django.apps import apps
def plain(v):
    if hasattr(v, "isoformat"): return v.isoformat()
    if isinstance(v, (bytes, memoryview)): return bytes(v).hex()
    return v if v is None or isinstance(v, (bool, int, float, str, dict, list)) else str(v)
tables = {}
for model in apps.get_models(include_auto_created=True):
    if model._meta.proxy: continue
    names = sorted(f.attname for f in model._meta.concrete_fields)
    rows = model._base_manager.order_by("pk").values_list(*names)
    tables[model._meta.db_table] = [[plain(v) for v in row] for row in rows]
sys.stdout.write(json.dumps(tables))
"""


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
        """Every row of every table."""
        return dict(json.loads(self.manage("shell", "-v", "0", "-c", DUMP).stdout.splitlines()[-1]))

    def files(self) -> dict[str, str]:
        """SHA-256 of every file in the storage."""
        media = self.home / "media"
        return {str(p.relative_to(media)): hashlib.sha256(p.read_bytes()).hexdigest() for p in media.rglob("*") if p.is_file()}


def sqlite_copy(folder: Path) -> Copy:
    """An empty installation on SQLite."""
    folder.mkdir()
    return Copy(f"sqlite:///{folder}/hunter.sqlite3", folder)


def postgres_copy(folder: Path) -> Copy:
    """An empty database on the PostgreSQL of the tests; drop_database() it afterwards."""
    folder.mkdir()
    name = f"copy_{secrets.token_hex(4)}"
    _on_server(f"CREATE DATABASE {name}")
    return Copy(f"{database_url().rpartition('/')[0]}/{name}", folder)


def drop_database(copy: Copy) -> None:
    """Forget a database that postgres_copy() made."""
    _on_server(f"DROP DATABASE IF EXISTS {copy.url.rpartition('/')[2]} WITH (FORCE)")


def _on_server(statement: str) -> None:
    with connection._nodb_cursor() as cursor, closing(cursor):
        cursor.execute(statement)
