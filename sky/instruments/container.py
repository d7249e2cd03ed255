"""Opens FITS files without trusting them: every declared size is checked before anything is read."""

import gzip
import re
import tempfile
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from astropy.io import fits

from sky.instruments.records import Unreadable, check_size

BLOCK = 2880
CARD = 80
MAX_HEADER_BLOCKS = 2000  # 72,000 cards; real ones have a few hundred
MAX_HDUS = 2000
MAX_BYTES = 8 << 30
UNPACK_RATIO = 100  # noisy images pack 2-10 times, headers and empty masks more
UNPACK_FREE_BYTES = 64 << 20
CHUNK = 1 << 20
BOMB = (
    "The gzip file unpacks to far more than an image would (a decompression bomb?). If it is right, unpack it by hand and give the plain FITS file."
)
_INTEGER = re.compile(rb"^(BITPIX|NAXIS\d*|PCOUNT|GCOUNT|ZNAXIS\d*|ZTILE\d+) *= *([+-]?\d+)")
_TABLE = re.compile(rb"^XTENSION= '(BIN)?TABLE")

GZIP_MAGIC, FITS_MAGIC = b"\x1f\x8b", b"SIMPLE  ="


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """Open a FITS file (plain, gzip or tile-compressed) and yield its HDUList, checked.

    Raises Unreadable for a file that is damaged, cut short or claims impossible sizes.
    """
    with unpacked(path) as plain:
        walk(plain)
        try:
            with plain.open("rb") as file:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    hdus = fits.open(file, memmap=False)
                yield hdus
        except (Unreadable, MemoryError):
            raise
        except Exception as error:  # damaged headers make astropy raise a dozen kinds, at any access
            raise Unreadable(f"The FITS file is damaged ({error}). Fetch the file again.") from error


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """Yield a path to the plain bytes: the file itself, or a temporary copy of what a gzip file holds."""
    with path.open("rb") as file:
        if file.read(2) != GZIP_MAGIC:
            yield path
            return
    with tempfile.TemporaryDirectory(prefix="hunter-") as folder:
        target = Path(folder) / "plain.fits"
        _gunzip(path, target)
        yield target


def _gunzip(path: Path, target: Path) -> None:
    allowed = min(MAX_BYTES, max(UNPACK_FREE_BYTES, UNPACK_RATIO * path.stat().st_size))
    try:
        with gzip.open(path, "rb") as packed, target.open("wb") as plain:
            if packed.read(len(FITS_MAGIC)) != FITS_MAGIC:
                raise Unreadable("The gzip file does not hold a FITS image. Give HST FITS, PNG or JPEG files.")
            packed.seek(0)
            while data := packed.read(CHUNK):
                allowed -= len(data)
                if allowed < 0:
                    raise Unreadable(BOMB)
                plain.write(data)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise Unreadable("The gzip file is cut short or damaged. Fetch the file again.") from error


def walk(path: Path) -> None:
    """Check all headers of a plain FITS file: complete, of sane size, and no longer than the file."""
    length = path.stat().st_size
    with path.open("rb") as file:
        position = 0
        for number in range(MAX_HDUS):
            file.seek(position)
            facts = _structure(file, number)
            _check_declared(facts, number)
            position = file.tell() + -(-_data_bytes(facts) // BLOCK) * BLOCK
            # Some writers leave out the padding of the last block; the data themselves must be there.
            if _data_bytes(facts) > length - file.tell():
                raise Unreadable(f"The file is cut short: {length:,} bytes are there, its header promises {position:,}. Fetch the file again.")
            if position >= length or not _is_extension(file, position):
                return
    raise Unreadable(f"The file has more than {MAX_HDUS:,} extensions, which no known camera writes.")


def _is_extension(file: IO[bytes], position: int) -> bool:
    file.seek(position)
    return file.read(8) == b"XTENSION"


def _structure(file: IO[bytes], number: int) -> dict[str, int]:
    """Read one header and return its structural integers; leaves the file at the first byte of data."""
    facts: dict[str, int] = {}
    for _ in range(MAX_HEADER_BLOCKS):
        block = file.read(BLOCK)
        if len(block) < BLOCK:
            raise Unreadable(f"The file is cut short within header {number}. Fetch the file again.")
        for start in range(0, BLOCK, CARD):
            card = block[start : start + CARD]
            if card.rstrip() == b"END":
                return facts
            if _TABLE.match(card):
                facts["TABLE"] = 1
            elif found := _INTEGER.match(card):
                facts.setdefault(found[1].decode(), int(found[2]))
    raise Unreadable(f"Header {number} has no end; the file is damaged. Fetch the file again.")


def _data_bytes(facts: dict[str, int]) -> int:
    axes = [facts.get(f"NAXIS{axis}", 0) for axis in range(1, facts.get("NAXIS", 0) + 1)]
    if not axes:
        return 0
    elements = facts.get("PCOUNT", 0)
    product = 1
    for axis in axes:
        product *= axis
    return abs(facts.get("BITPIX", 8)) // 8 * facts.get("GCOUNT", 1) * (elements + product)


def _check_declared(facts: dict[str, int], number: int) -> None:
    what = f"Extension {number}" if number else "The image"
    if any(value < 0 for key, value in facts.items() if key != "BITPIX") or facts.get("NAXIS", 0) > 999:
        raise Unreadable(f"{what} claims an impossible size; the file is damaged. Fetch the file again.")
    for prefix in ("ZNAXIS", "ZTILE") if "TABLE" in facts else ("NAXIS",):
        if f"{prefix}2" in facts:
            check_size(facts.get(f"{prefix}1", 0), facts[f"{prefix}2"], what)
    if _data_bytes(facts) > MAX_BYTES:
        raise Unreadable(f"{what} claims {_data_bytes(facts):,} bytes, more than Hunter loads. Cut it into smaller files.")
