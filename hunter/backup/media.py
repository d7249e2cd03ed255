"""The files of the storage, whatever it is: walked, read whole, put back under the same key."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.core.files import File
from django.core.files.storage import default_storage

from hunter.backup.container import BLOCK

IN_MEMORY = 8 << 20
LEFT_OUT = {"health", "private"}  # probes of /healthz; copies that people asked for of their own data, which live for a week


def walk(folder: str = "") -> Iterator[str]:
    """Yield every key, folder by folder. A storage that is still empty has none."""
    try:
        folders, names = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in sorted(names):
        yield f"{folder}/{name}" if folder else name
    for name in sorted(folders):
        if folder or name not in LEFT_OUT:
            yield from walk(f"{folder}/{name}" if folder else name)


def local_root() -> Path | None:
    """The folder of the storage where it is a disk, else None."""
    try:
        return Path(default_storage.path(""))
    except NotImplementedError:
        return None


def bytes_on_disk() -> int:
    """What the files take on the disk; 0 where the storage is elsewhere."""
    root = local_root()
    return sum(path.stat().st_size for path in root.rglob("*") if path.is_file()) if root else 0


@contextmanager
def whole(key: str) -> Iterator[tuple[IO[bytes], int, str] | None]:
    """Yield (content, size, sha256) of a key, read at once so that the three agree; None when it has gone meanwhile."""
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as copy:
        try:
            with default_storage.open(key, "rb") as handle:
                size, sha256 = copy_hashed(handle, copy)
        except FileNotFoundError:
            yield None
            return
        copy.seek(0)
        yield copy, size, sha256


def copy_hashed(source: IO[bytes] | File, target: IO[bytes]) -> tuple[int, str]:  # type: ignore[type-arg]
    """Copy in blocks; return (size, sha256)."""
    digest, size = hashlib.sha256(), 0
    while block := source.read(BLOCK):
        digest.update(block)
        size += len(block)
        target.write(block)
    return size, digest.hexdigest()


def put_back(key: str, content: IO[bytes]) -> None:
    """Store under exactly this key, unless the same content is there already. On a disk the key appears only when it is whole."""
    root = local_root()
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY, dir=str(root) if root and root.is_dir() else None) as copy:
        _size, sha256 = copy_hashed(content, copy)
        with whole(key) if default_storage.exists(key) else _nothing() as old:
            if old and old[2] == sha256:
                return
        copy.seek(0)
        if root:
            _write(Path(default_storage.path(key)), copy)
        else:
            default_storage.save(key, File(copy))


@contextmanager
def _nothing() -> Iterator[None]:
    yield None


def _write(path: Path, content: IO[bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.restoring")
    try:
        with new.open("wb") as out:
            while block := content.read(BLOCK):
                out.write(block)
            out.flush()
            os.fsync(out.fileno())
        new.replace(path)
    except OSError:
        new.unlink(missing_ok=True)
        raise


def forget(names: "IO[Any]") -> None:
    """Delete the keys listed in a file, one a line: what a restore that failed had brought."""
    names.seek(0)
    for line in names:
        if line.endswith(b"\n"):  # a full disk may have cut the last one
            default_storage.delete(line.decode().rstrip("\n"))
