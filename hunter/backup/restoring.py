"""Taking a backup back: everything is checked first, built aside, and takes the place of what is there only at the very end."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection
from django.db.models import Model

from core.problems import disk_is_full
from hunter.backup import media, rows, schema, targets
from hunter.backup.container import BackupError, members, verify
from hunter.backup.saving import SECRETS, Say

Tables = dict[str, type[Model]]


def restore(path: Path, *, say: Say, force: bool = False) -> dict[str, Any]:
    """Make this installation what the archive says and return its manifest. Raises BackupError, or what the disk or the database says;
    then the database, the secrets and every file that was there are as before."""
    say("checking the archive", 0, None)
    manifest = verify(path)
    nodes = [(str(app), str(name)) for app, name in manifest["migrations"]]
    schema.refuse_newer(nodes, str(path))
    _refuse_full_disk(manifest)
    brought = _Brought(Path(settings.HOME))
    try:
        with targets.building(Path(settings.HOME), force=force, secrets=brought.secrets):
            schema.migrate(nodes)
            tables = {model._meta.db_table: model for model in schema.models_at(nodes)}
            with targets.unchecked(list(tables.values())):
                _load(path, manifest, tables, brought, say)
            say("bringing the tables to this version", 0, None)
            schema.migrate()
    except BaseException:
        brought.take_back()
        raise
    brought.close()
    return manifest


class _Brought:
    """What this restore has put on the disk so far, so that it can be taken away again."""

    def __init__(self, home: Path) -> None:
        self.home, self.new_secrets = home, {name: home / f"{name}{targets.NEW}" for name in SECRETS}
        self._keys = tempfile.TemporaryFile(dir=home, buffering=0)  # noqa: SIM115 - a list in memory would grow with the archive

    def file(self, key: str, content: IO[bytes]) -> None:
        if not default_storage.exists(key):
            self._keys.write(f"{key}\n".encode())
        media.put_back(key, content)

    def secret(self, name: str, content: IO[bytes]) -> None:
        if name in self.new_secrets:
            path = self.new_secrets[name]
            path.unlink(missing_ok=True)
            path.touch(mode=0o600)
            path.write_bytes(content.read())

    def secrets(self) -> targets.Moves:
        return [(new, self.home / name) for name, new in self.new_secrets.items() if new.exists()]

    def take_back(self) -> None:
        media.forget(self._keys)
        self.close()

    def close(self) -> None:
        for new in self.new_secrets.values():
            new.unlink(missing_ok=True)
        self._keys.close()


def _load(path: Path, manifest: dict[str, Any], tables: Tables, brought: _Brought, say: Say) -> None:
    loaded, n_files = dict.fromkeys(manifest["tables"], 0), 0
    for name, _size, content in members(path):
        root, _, rest = name.partition("/")
        if root == "tables":
            table = rest.split("/")[0]
            loaded[table] += rows.load(tables[table], content.read())
            if loaded[table]:
                say(f"rows of {table}", loaded[table], manifest["tables"][table]["rows"])
        elif root == "files":
            brought.file(rest, content)
            n_files += 1
            say("files", n_files, manifest["files"]["n"])
        elif root == "secrets":
            brought.secret(rest, content)
    _compare(path, manifest, loaded)
    for table, facts in manifest["tables"].items():
        if facts["last_id"] is not None:
            rows.set_last_id(tables[table], facts["last_id"])


def _compare(path: Path, manifest: dict[str, Any], loaded: dict[str, int]) -> None:
    expected = {table: facts["rows"] for table, facts in manifest["tables"].items()}
    if loaded != expected:
        wrong = sorted(table for table in expected if loaded[table] != expected[table])
        raise BackupError(f"{path} does not hold the rows that it names, in {', '.join(wrong)}. Nothing was changed.")


def _refuse_full_disk(manifest: dict[str, Any]) -> None:
    """Files that are there already are counted too: this asks for more than is needed rather than for less."""
    home = Path(settings.HOME)
    home.mkdir(parents=True, exist_ok=True)
    need = manifest["files"]["bytes"] if media.local_root() else 0
    if connection.vendor == "sqlite":
        need += 2 * sum(facts["bytes"] for facts in manifest["tables"].values())
    free = shutil.disk_usage(home).free
    if need > free:
        raise BackupError(f"About {need / 1e6:,.0f} MB are needed in {home}, and {free / 1e6:,.0f} MB are free. Nothing was changed.")


def in_words(error: BaseException) -> str | None:
    """A sentence for what a full machine says; None for anything else."""
    if not disk_is_full(error):
        return None
    return "The disk is full. What was begun has been taken away; nothing that was there is lost. Make room, then try again."


def progress(write: Callable[[str], None]) -> Say:
    """Return a reporter that writes a line when something new begins and, of long parts, one each so often."""
    last: dict[str, int] = {}

    def say(what: str, done: int, total: int | None) -> None:
        if what not in last or done - last[what] >= 2000:
            of = f" of {total}" if total else ""
            write(f"  {what}" + (f": {done}{of}" if done else ""))
            last.clear()
            last[what] = done

    return say
