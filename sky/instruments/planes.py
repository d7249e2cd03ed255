"""Finds the science planes of an opened FITS file, and reads their pixels and coordinates."""

import gzip
import io
import math
import warnings
from typing import Any

import numpy as np
from astropy.io import fits
from astropy.wcs import WCS
from numpy.typing import NDArray

from sky.instruments.records import Card, PlaneRecord, Sidecar, Unreadable, check_size, too_small

FloatImage = NDArray[np.float32]

NO_SCIENCE = {"ERR", "DQ", "SAMP", "TIME", "WHT", "CTX", "VAR", "MASK", "WCSDVARR", "D2IMARR", "HDRLET", "WCSCORR"}
SIDECARS = {"WHT", "CTX"}
LOOKUP_TABLES = {"WCSDVARR", "D2IMARR"}
PROBE_ROWS = 8


def science_numbers(hdus: Any) -> list[int]:
    """Return the HDU numbers of the science images: those named SCI, else all unnamed two-dimensional ones.

    Raises Sidecar for a file of only weights or context, Unreadable for a file without an image.
    """
    images = [number for number, hdu in enumerate(hdus) if _is_image(hdu)]
    named = [number for number in images if hdus[number].name.upper() == "SCI"]
    found = named or [number for number in images if hdus[number].name.upper() not in NO_SCIENCE]
    if found:
        return found
    if any(hdus[number].name.upper() in SIDECARS for number in images):
        raise Sidecar("The file holds only a weight or context map, which goes with an image.")
    raise Unreadable("The FITS file holds no two-dimensional image (only tables, spectra or headers). Nothing to show.")


def _is_image(hdu: Any) -> bool:
    return bool(getattr(hdu, "is_image", False)) and len(_shape(hdu)) == 2


def _shape(hdu: Any) -> tuple[int, ...]:
    """Return the array shape without leading axes of length one."""
    shape: tuple[int, ...] = hdu.shape
    while len(shape) > 2 and shape[0] == 1:
        shape = shape[1:]
    return shape if 0 not in shape else ()


def describe_planes(hdus: Any) -> tuple[tuple[PlaneRecord, ...], list[str]]:
    """Return the usable planes and sentences about those left out; Unreadable when none is usable."""
    planes: list[PlaneRecord] = []
    left_out: list[str] = []
    for number in science_numbers(hdus):
        height, width = _shape(hdus[number])
        name = _name(hdus[number], number)
        if too_small(width, height):
            left_out.append(f"{name} is too small: {width} x {height} px, at least 64 x 64 are needed.")
        elif not _has_data(hdus[number]):
            left_out.append(f"{name} holds no data: every pixel is empty (NaN or zero).")
        else:
            planes.append(describe_plane(hdus, number, width=width, height=height, name=name))
    if not planes:
        raise Unreadable(" ".join(left_out))
    return tuple(planes), left_out


def _name(hdu: Any, number: int) -> str:
    chip = hdu.header.get("CCDCHIP")
    if hdu.name.upper() == "SCI" and chip is not None and chip > 0:
        return f"Chip {chip}"
    return f"{hdu.name},{hdu.ver}" if number and hdu.name else "Image" if not number else f"Extension {number}"


def _has_data(hdu: Any) -> bool:
    """Say whether any pixel holds data; looks at a few rows first, so that good files stay quick."""
    height = _shape(hdu)[0]
    for row in np.linspace(0, height - 1, PROBE_ROWS + 2).astype(int)[1:-1]:
        if not np.isnan(_rows(hdu, slice(row, row + 1))).all():
            return True
    return not bool(np.isnan(_rows(hdu, slice(0, height))).all())


def _rows(hdu: Any, rows: slice) -> FloatImage:
    """Return some rows as native float32 with NaN where there are no data."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            part = hdu.section[(0,) * (len(hdu.shape) - 2) + (rows,)]
        except Exception as error:  # the decompressors raise kinds of their own
            raise Unreadable(f"The pixels cannot be read ({error}). Fetch the file again.") from error
    pixels = np.array(part, dtype=np.float32)
    floating = np.asarray(part).dtype.kind == "f"
    # Drizzled images fill the outside with exact zeros; a measured float is never exactly zero.
    bad = ~np.isfinite(pixels) | (pixels == 0) if floating else ~np.isfinite(pixels)
    pixels[bad] = np.nan
    return pixels


def read_pixels(hdus: Any, number: int) -> FloatImage:
    """Return one plane (H, W) as float32, NaN where there are no data."""
    if not 0 <= number < len(hdus) or not _is_image(hdus[number]):
        raise Unreadable(f"The file has no image in extension {number}.")
    height, width = _shape(hdus[number])
    check_size(width, height, "The image")
    pixels = _rows(hdus[number], slice(0, height))
    if np.isnan(pixels).all():
        raise Unreadable("The image holds no data: every pixel is empty (NaN or zero).")
    return pixels


def describe_plane(hdus: Any, number: int, *, width: int, height: int, name: str) -> PlaneRecord:
    """Return the record of one plane with its place on the sky, if the header knows it."""
    wcs = make_wcs(hdus[number].header, hdus, (width, height))
    if wcs is None:
        return PlaneRecord(number, name, width, height)
    left, right, top, bottom = -0.5, width - 0.5, -0.5, height - 0.5
    corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)])
    sky = wcs.all_pix2world(corners, 0)
    centre = wcs.all_pix2world([[(width - 1) / 2, (height - 1) / 2]], 0)[0]
    if not (np.isfinite(sky).all() and np.isfinite(centre).all()):
        return PlaneRecord(number, name, width, height)
    scale = 3600.0 * math.sqrt(abs(float(np.linalg.det(wcs.pixel_scale_matrix))))
    footprint = [[float(ra), float(dec)] for ra, dec in sky]
    return PlaneRecord(number, name, width, height, scale, float(centre[0]), float(centre[1]), footprint, wcs)


def make_wcs(header: Any, hdus: Any, size: tuple[int, int]) -> WCS | None:
    """Return the celestial WCS with SIP and lookup tables applied, or None when the header has none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            wcs = WCS(header, fobj=hdus, naxis=2)
        except Exception:  # astropy raises many kinds for a broken header; the image is still worth a look
            return None
    if not wcs.has_celestial or abs(float(np.linalg.det(wcs.pixel_scale_matrix))) == 0.0:
        return None
    wcs.pixel_shape = size
    return wcs


def cards(header: Any) -> list[Card]:
    """Return all cards of a header as [keyword, value, comment], fit for JSON."""
    return [[card.keyword, _plain(card), card.comment] for card in header.cards]


def _plain(card: Any) -> Any:
    try:
        value = card.value
    except Exception:  # a card that breaks the standard is kept as it stands in the file
        return str(card.image).strip()
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else str(value)
    return None if isinstance(value, fits.card.Undefined) else str(value)


def without_pixels(hdus: Any) -> bytes:
    """Return a gzip FITS file with all science headers and lookup tables but no science pixels.

    The primary header comes first; each science HDU keeps its number in the card HNTRHDU.
    """
    small = fits.HDUList([fits.PrimaryHDU()])
    numbers = set(science_numbers(hdus))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for number, hdu in enumerate(hdus):
            if number in numbers:
                small.append(_empty_copy(hdu, number))
            elif hdu.name.upper() in LOOKUP_TABLES:
                small.append(fits.ImageHDU(np.array(hdu.data), header=hdu.header))
        if 0 not in numbers:
            small[0].header.extend(hdus[0].header, unique=True)
        buffer = io.BytesIO()
        small.writeto(buffer, output_verify="silentfix+ignore")
    return gzip.compress(buffer.getvalue(), mtime=0)


def _empty_copy(hdu: Any, number: int) -> Any:
    height, width = _shape(hdu)
    header = hdu.header.copy()
    copy = fits.ImageHDU(header=header)
    copy.header["HNTRHDU"] = (number, "number of this HDU in the original file")
    copy.header["HNTRNX"] = (width, "columns of the image")
    copy.header["HNTRNY"] = (height, "rows of the image")
    return copy


def wcs_from(data: bytes, number: int) -> WCS:
    """Return the WCS of HDU ``number`` from what `without_pixels` wrote; Unreadable when it has none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with fits.open(io.BytesIO(gzip.decompress(data))) as hdus:
            for hdu in hdus[1:]:
                if hdu.header.get("HNTRHDU") == number:
                    size = (int(hdu.header["HNTRNX"]), int(hdu.header["HNTRNY"]))
                    if wcs := make_wcs(hdu.header, hdus, size):
                        return wcs
    raise Unreadable(f"Extension {number} has no coordinates on the sky.")
