"""Files in the storage under random immutable keys; the same code on a disk and on S3."""

import hashlib
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage


def new_key(extension: str, *, prefix: str = "px") -> str:
    """Return a key `px/<2>/<random hash>.<ext>`: no id, kind or answer in it.

    The row that has it keeps it in a field called `..._key`: what no such field names is deleted after a day (hunter/tidying.py).
    """
    name = secrets.token_hex(20)
    return f"{prefix}/{name[:2]}/{name}.{extension}"


def put(data: bytes, key: str) -> str:
    """Store the bytes under this key and return the key the storage really used."""
    return default_storage.save(key, ContentFile(data))


def get(key: str) -> bytes:
    """Return the bytes under a key. Raises FileNotFoundError (disk) or the storage's own error."""
    with default_storage.open(key, "rb") as handle:
        return bytes(handle.read())


def delete(key: str) -> None:
    """Forget a key; a key that is not there is no error."""
    if key:
        default_storage.delete(key)


@contextmanager
def local_copy(key: str, suffix: str = "") -> Iterator[Path]:
    """Yield a path with the key's content for code that must have a file; a temporary copy unless the storage is a disk."""
    try:
        path = Path(default_storage.path(key))
    except NotImplementedError:
        with tempfile.NamedTemporaryFile(suffix=suffix) as temporary:
            with default_storage.open(key, "rb") as handle:
                for chunk in handle.chunks():
                    temporary.write(chunk)
            temporary.flush()
            yield Path(temporary.name)
        return
    yield path


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file as 64 hexadecimal digits, read in blocks."""
    digest = hashlib.sha256()
    with path.open("rb") as handle:
        while block := handle.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
