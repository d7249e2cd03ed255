"""The archive file: written in one stream with constant memory, checked member by member before anything is believed."""

import contextlib
import hashlib
import io
import json
import os
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, cast

FORMAT = 1
SUMS, MANIFEST = "SHA256SUMS", "manifest.json"
BLOCK = 1 << 20
ROOTS = ("tables", "files", "secrets")


class BackupError(Exception):
    """A sentence for the person who asked for a backup or a restore."""


class Writer:
    """Writes FILE.part, and gives it its name only when it is whole. Given `-` it writes to standard output."""

    def __init__(self, target: str) -> None:
        self.path = None if target == "-" else Path(target).expanduser().resolve()
        self.part = self.path and self.path.with_name(self.path.name + ".part")
        self._out: IO[bytes] = _private(self.part) if self.part else sys.stdout.buffer
        self._tar = tarfile.open(fileobj=self._out, mode="w|", format=tarfile.PAX_FORMAT)  # noqa: SIM115 - closed by finish or abort
        self._sums = tempfile.TemporaryFile(dir=self.part.parent if self.part else None)  # noqa: SIM115

    def add(self, name: str, data: IO[bytes], size: int, sha256: str) -> None:
        """Append one member whose digest is known."""
        self._append(name, data, size)
        self._sums.write(f"{sha256}  {name}\n".encode())

    def add_bytes(self, name: str, data: bytes) -> None:
        """Append one small member."""
        self.add(name, io.BytesIO(data), len(data), hashlib.sha256(data).hexdigest())

    def finish(self, manifest: dict[str, Any]) -> int:
        """Seal the archive, bring it to the disk, name it, and return its size."""
        self._sums.flush()
        size = self._sums.tell()
        self._sums.seek(0)
        seal = hashlib.file_digest(self._sums, "sha256").hexdigest()
        self._sums.seek(0)
        self._append(SUMS, self._sums, size)
        text = json.dumps({"format": FORMAT, **manifest, "sha256_of_sums": seal}, indent=1).encode()
        self._append(MANIFEST, io.BytesIO(text), len(text))
        self._tar.close()
        self._out.flush()
        if self.path is None or self.part is None:
            return 0
        os.fsync(self._out.fileno())
        self._out.close()
        self.part.replace(self.path)
        return self.path.stat().st_size

    def abort(self) -> None:
        """Leave nothing behind."""
        for stream in (self._sums, self._tar.fileobj, self._out if self.part else None):
            with contextlib.suppress(OSError):  # what cannot be flushed is thrown away with the rest
                if stream:
                    stream.close()
        if self.part:
            self.part.unlink(missing_ok=True)

    def _append(self, name: str, data: IO[bytes], size: int) -> None:
        info = tarfile.TarInfo(name)
        info.size, info.mode = size, 0o600
        self._tar.addfile(info, data)
        self._tar.members = []  # type: ignore[attr-defined]  # tarfile remembers each member; a million of them would fill the memory


def _private(path: Path) -> IO[bytes]:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def members(path: Path) -> Iterator[tuple[str, int, IO[bytes]]]:
    """Yield (name, size, content) of each member in order. Raises BackupError where the file is no whole archive."""
    with reading(path), tarfile.open(path, "r:") as tar:
        while (member := tar.next()) is not None:
            tar.members = []  # type: ignore[attr-defined]
            content = tar.extractfile(member)
            if content is None or not _safe(member.name):
                raise BackupError(f"{path} holds {member.name!r}, which no backup of Hunter holds. Nothing was changed.")
            yield member.name, member.size, content


@contextlib.contextmanager
def reading(path: Path) -> Iterator[None]:
    """Say in words what tarfile says of a file that is cut off or no archive at all."""
    try:
        yield
    except (tarfile.TarError, EOFError) as error:
        raise BackupError(f"{path} is not a whole archive ({error}). Nothing was changed.") from None


def _safe(name: str) -> bool:
    parts = name.split("/")
    return name in {SUMS, MANIFEST} or (parts[0] in ROOTS and len(parts) > 1 and not {"", ".", ".."} & set(parts))


def verify(path: Path) -> dict[str, Any]:
    """Read the whole archive, compare every checksum and return the manifest. Raises BackupError naming what differs."""
    with reading(path), tempfile.TemporaryFile() as found:
        seal, manifest = "", None
        for name, _size, content in members(path):
            if name == MANIFEST:
                manifest = json.loads(content.read())
            elif name == SUMS:
                seal = _compare(path, found, content)
            else:
                found.write(f"{hashlib.file_digest(cast(Any, content), 'sha256').hexdigest()}  {name}\n".encode())
    if manifest is None:
        raise BackupError(f"{path} has no end: the backup was cut off, or the copy is incomplete. Nothing was changed.")
    if manifest.get("format") != FORMAT:
        raise BackupError(f"{path} has format {manifest.get('format')}, and this version reads {FORMAT}. Nothing was changed.")
    if manifest["sha256_of_sums"] != seal:
        raise BackupError(f"{path} is damaged: its list of checksums is not the one it was written with. Nothing was changed.")
    return dict(manifest)


def _compare(path: Path, found: IO[bytes], listed: IO[bytes]) -> str:
    """Hold the members found against the list, line by line; return the digest of the list."""
    found.seek(0)
    digest = hashlib.sha256()
    for line in listed:
        digest.update(line)
        if found.readline() != line:
            raise BackupError(f"{path} is damaged at {line.decode().split('  ', 1)[-1].strip()}: its checksum differs. Nothing was changed.")
    if found.readline():
        raise BackupError(f"{path} holds more than its list of checksums names. Nothing was changed.")
    return digest.hexdigest()
