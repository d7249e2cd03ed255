"""Pixels and coordinates of what the archive holds. Needs numpy and astropy, so web pages import it only when they measure."""

import io
import struct
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import numpy as np
from astropy.wcs import WCS, NoConvergence
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from archive.models import Cutout, Plane
from archive.originals import original
from core import files
from sky import conventions, instruments, overlap, stretch

JPEG_QUALITY = 80  # a faint line stands out as at 90, in 0.7 of the bytes: benchmarks/previews.py
THUMBNAIL_PX, THUMBNAIL_QUALITY = 340, 80
PNG_LEVEL = 1  # higher levels take far longer and save a few per cent on noise


@contextmanager
def open_plane_pixels(plane_id: int) -> Iterator[NDArray[np.float32]]:
    """Yield the pixels (H, W) float32 of a plane in the unit of its file, NaN where there are no data.

    Works on any machine that can read the linked original or its stored copy; raises archive.originals.OriginalMissing otherwise.
    """
    plane = Plane.objects.select_related("exposure").get(pk=plane_id)
    with original(plane.exposure) as path:
        pixels = instruments.read_plane(path, plane.index)
    yield pixels


def pixels_in_sigma(cutout: Cutout) -> NDArray[np.float32]:
    """Return a cutout (H, W) in sky sigmas above the sky, NaN where there are no data, from its 16-bit image."""
    return stretch.decode_u16(from_png(files.get(cutout.pixels_key)))


def plane_wcs(plane: Plane) -> WCS | None:
    """Return the full WCS of a plane (SIP and lookup tables included), None where the file has none."""
    if not (plane.has_wcs and plane.exposure.wcs_key):
        return None
    return _wcs(plane.exposure.wcs_key, plane.index, threading.get_ident())


@lru_cache(maxsize=64)
def _wcs(key: str, index: int, _thread: int) -> WCS:
    """A key never changes its content, so a WCS is read once; each thread has its own, as wcslib's structs are not to be shared."""
    return instruments.load_wcs(files.get(key), index)


def cutout_to_sky(cutout: Cutout, x: ArrayLike, y: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Return (ra_deg, dec_deg), ICRS, of places in a cutout (0-based pixel centres); None without a WCS."""
    wcs = plane_wcs(cutout.plane)
    if wcs is None:
        return None
    place = conventions.cutout_to_plane(np.asarray(x, float), np.asarray(y, float), x0=cutout.x0, y0=cutout.y0, bin=cutout.bin)
    ra, dec = wcs.all_pix2world(*place, 0)
    return np.asarray(ra), np.asarray(dec)


def map_to(cutout: Cutout, first: Cutout) -> tuple[list[float], float] | None:
    """Return ([a, b, c, d, e, f], miss in px): where the pixels of a cutout lie in another one, by the full WCS of both.

    Pixel (x, y) of `cutout` lies at (a x + c y + e, b x + d y + f) of `first`; fitted on a grid of 5 x 5 places. None without coordinates.
    """
    x, y = np.meshgrid(np.linspace(0, cutout.width - 1, 5), np.linspace(0, cutout.height - 1, 5))
    sky, wcs = cutout_to_sky(cutout, x.ravel(), y.ravel()), plane_wcs(first.plane)
    if sky is None or wcs is None:
        return None
    try:
        place = wcs.all_world2pix(*sky, 0)
    except NoConvergence:  # the polynomials of a camera mean nothing far outside of it
        return None
    at = np.column_stack(conventions.plane_to_cutout(*place, x0=first.x0, y0=first.y0, bin=first.bin))
    return overlap.fit_affine(np.column_stack([x.ravel(), y.ravel()]), at) if np.isfinite(at).all() else None


def to_thumbnail(grey: NDArray[np.uint8]) -> bytes:
    """Return a preview (H, W) reduced by a whole number to about 340 px, as a small JPEG for lists."""
    buffer = io.BytesIO()
    factor = max(1, round(max(grey.shape) / THUMBNAIL_PX))
    Image.fromarray(grey).reduce(factor).save(buffer, "JPEG", quality=THUMBNAIL_QUALITY)
    return buffer.getvalue()


def to_jpeg(grey: NDArray[np.uint8], *, like: bytes = b"") -> bytes:
    """Return a preview (H, W) as a grey JPEG; `like`: another preview, whose quality it gets."""
    buffer = io.BytesIO()
    how = {"qtables": _tables(like)} if like else {"quality": JPEG_QUALITY}
    Image.fromarray(grey).save(buffer, "JPEG", **how)
    return buffer.getvalue()


def _tables(jpeg: bytes) -> Any:
    with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as image:
        return image.quantization  # type: ignore[attr-defined]  # only JPEGs have it


def to_png(codes: NDArray[np.uint16]) -> bytes:
    """Return 16-bit codes (H, W) as a grey PNG (ISO/IEC 15948).

    Written by hand, without row filters: on noise they gain nothing, and choosing them makes Pillow need 2.5 times as long.
    """
    height, width = codes.shape
    rows = np.zeros((height, 1 + 2 * width), np.uint8)  # each row begins with its filter, 0 = none
    rows[:, 1:] = codes.astype(">u2").view(np.uint8).reshape(height, 2 * width)
    header = struct.pack(">IIBBBBB", width, height, 16, 0, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows.data, PNG_LEVEL)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )


def from_png(data: bytes) -> NDArray[np.uint16]:
    """Return the 16-bit codes (H, W) of a PNG that `to_png` wrote."""
    with Image.open(io.BytesIO(data), formats=("PNG",)) as image:
        return np.asarray(image, dtype=np.uint16)
