"""Reads image files of any known telescope into one kind of record.

Another telescope is one more file beside `hst.py` with two functions, ``claims(primary_header)`` and
``describe(path, hdus)``, and one more entry in ``FITS_ADAPTERS``.
"""

import re
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from astropy.wcs import WCS
from numpy.typing import NDArray

from sky.instruments import hst, other, plain, planes
from sky.instruments.container import FITS_MAGIC, GZIP_MAGIC, opened
from sky.instruments.records import ExposureRecord, PlaneRecord, Sidecar, Unreadable

__all__ = [
    "FITS_ADAPTERS",
    "ExposureRecord",
    "PlaneRecord",
    "Sidecar",
    "Unreadable",
    "load_wcs",
    "pixels_only",
    "read",
    "read_plane",
    "wcs_file",
]


class Adapter(Protocol):
    """What a module of this package offers when it reads one family of FITS files."""

    def claims(self, primary: Any) -> bool:
        """Say whether this primary header was written by the family."""

    def describe(self, path: Path, hdus: Any) -> ExposureRecord:
        """Return the record of an opened file; may raise Unreadable or Sidecar."""


FITS_ADAPTERS: tuple[Adapter, ...] = (hst, other)  # the first whose claims() says yes describes the file
SIDECAR_NAME = re.compile(r"[_.](mask|wht|ctx|spt|shp|asn|jit|jif|trl|hlet|msk)\.", re.IGNORECASE)


def read(path: Path) -> ExposureRecord:
    """Return what the file says about itself, without loading its pixels (a picture is decoded once, to see that it is whole).

    Raises Sidecar for masks, weight maps and support files, Unreadable for anything else that is no usable image.
    """
    if SIDECAR_NAME.search(path.name):
        raise Sidecar(f"{path.name} goes with an image (a mask, a map or a support file); it is no exposure of its own.")
    if _kind(path) == "picture":
        return plain.describe(path)
    with opened(path) as hdus:
        adapter = next(adapter for adapter in FITS_ADAPTERS if adapter.claims(hdus[0].header))
        return adapter.describe(path, hdus)


def read_plane(path: Path, index: int) -> NDArray[np.float32]:
    """Return the pixels (H, W) of one plane as float32 in the file's own unit; NaN means no data.

    ``index`` is `PlaneRecord.index`. Exact zeros of a float image (the border of drizzled frames) count as no data.
    """
    if _kind(path) == "picture":
        if index != 0:
            raise Unreadable("A picture has only one plane.")
        return plain.read_pixels(path)
    with opened(path) as hdus:
        return planes.read_pixels(hdus, index)


def wcs_file(path: Path) -> bytes:
    """Return a small FITS file (gzip) of headers and lookup tables without pixels, for `load_wcs`; b'' for a picture."""
    if _kind(path) == "picture":
        return b""
    with opened(path) as hdus:
        return planes.without_pixels(hdus)


def load_wcs(data: bytes, index: int) -> WCS:
    """Return the WCS of the plane ``index`` (SIP and lookup tables included) from what `wcs_file` gave."""
    return planes.wcs_from(data, index)


def pixels_only(data: bytes) -> bytes:
    """Return an image that a stranger gave, freed of all that is not image: pictures are written anew, FITS files have no such parts."""
    return plain.pixels_only(data) if data.startswith(plain.MAGIC) else data


def _kind(path: Path) -> str:
    """Return 'fits' or 'picture' by the first bytes; the name of a file proves nothing."""
    try:
        with path.open("rb") as file:
            start = file.read(16)
    except OSError as error:
        raise Unreadable(f"The file cannot be opened ({error.strerror}).") from error
    if not start:
        raise Unreadable("The file is empty (0 bytes). Fetch it again.")
    if start.startswith((FITS_MAGIC, GZIP_MAGIC)):
        return "fits"
    if start.startswith(plain.MAGIC):
        return "picture"
    if start.startswith(b"PK\x03\x04"):
        raise Unreadable("The file is an archive (zip, npz), not an image. Unpack it and give HST FITS, PNG or JPEG files.")
    raise Unreadable("The file is not an image that Hunter reads. Give HST FITS (also gzip or fpack), PNG or JPEG files.")
