"""The original files: linked where they lie, or copied once under their checksum into the storage."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from archive.models import Exposure
from core import files

_EXTENSION = re.compile(r"[a-z0-9]{1,5}(\.[a-z0-9]{1,5})?")


class OriginalMissing(Exception):
    """Neither the linked file nor a stored copy of an original can be read on this machine."""


def extension_of(name: str) -> str:
    """Return 'fits', 'fits.gz', 'jpg', ...: the ending of a file name, safe to use in a key; 'bin' if it has none."""
    parts = name.lower().split(".")[1:]
    packed = parts[-1:] in (["gz"], ["fz"])
    extension = ".".join(parts[-2 if packed else -1 :])
    return extension if _EXTENSION.fullmatch(extension) else "bin"


def store_original(path: Path, *, checksum: str, name: str = "") -> str:
    """Copy a file into the storage as `originals/<2>/<checksum>.<ext>` unless it is there whole, and return that key."""
    key = f"originals/{checksum[:2]}/{checksum}.{extension_of(name or path.name)}"
    with path.open("rb") as handle:
        return _put_once(key, path.stat().st_size, lambda: File(handle))


def store_wcs(data: bytes, *, checksum: str) -> str:
    """Store the pixel-free FITS file of an original under the original's checksum and return its key; '' for no data."""
    return _put_once(f"wcs/{checksum[:2]}/{checksum}.fits.gz", len(data), lambda: ContentFile(data)) if data else ""


def _put_once(key: str, size: int, content: Callable[[], File]) -> str:  # type: ignore[type-arg]
    """Store under a key that names the content. What a killed process left half written is written anew."""
    if default_storage.exists(key):
        if default_storage.size(key) == size:
            return key
        default_storage.delete(key)
    used = default_storage.save(key, content())
    if used != key:  # another process stored the same content a moment earlier
        default_storage.delete(used)
    return key


@contextmanager
def original(exposure: Exposure) -> Iterator[Path]:
    """Yield a path to the original: the linked file if it is still that file, else the stored copy (fetched if need be).

    Raises OriginalMissing with a sentence that says what to do.
    """
    linked = Path(exposure.source)
    if is_same_file(linked, exposure):
        yield linked
        return
    if not exposure.store_key or not default_storage.exists(exposure.store_key):
        raise OriginalMissing(
            f"The original of {exposure} is not readable here: {exposure.source} is missing or has changed, and the storage holds no copy."
            " Run ingest with --store on a machine that has the file, then retry."
        )
    with files.local_copy(exposure.store_key, suffix="." + extension_of(exposure.store_key.rsplit("/", 1)[-1])) as copy:
        yield copy


def is_same_file(path: Path, exposure: Exposure) -> bool:
    """Tell whether a path still holds the exposure's original: same size, and same time of change or else same checksum."""
    try:
        status = path.stat()
        if status.st_size != exposure.size_bytes:
            return False
        with path.open("rb"):  # may not be readable for this user
            pass
        return status.st_mtime_ns == exposure.source_mtime_ns or files.sha256_of(path) == exposure.checksum
    except (OSError, ValueError):
        return False
