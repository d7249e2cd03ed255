"""Pictures without sky coordinates: PNG and JPEG."""

import hashlib
import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sky.instruments.records import ExposureRecord, PlaneRecord, Unreadable, check_size, too_small

FloatImage = NDArray[np.float32]

MAGIC = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
# ipppssoot: instrument letter, programme, visit, observation, type; a digit or two keeps English words out.
ROOTNAME = re.compile(r"^(?=.{0,7}\d)([ijnuwxoy][a-z0-9]{3}[a-z0-9]{2}[a-z0-9]{2}[a-z0-9])(?:_([a-z0-9]+))?", re.IGNORECASE)
HST_CREDIT = "NASA/ESA/STScI"
HST_LICENCE = "Free to use with credit"


def describe(path: Path) -> ExposureRecord:
    """Return the record of a picture; one plane, luminance, no coordinates, no zero point."""
    pixels = read_pixels(path)
    height, width = pixels.shape
    if too_small(width, height):
        raise Unreadable(f"The image is too small: {width} x {height} px, at least 64 x 64 are needed.")
    if pixels.min() == pixels.max():
        raise Unreadable("The image is empty: every pixel has the same value.")
    root = rootname(path.name)
    identity = root[0] or f"{path.stem}-{hashlib.sha256(path.read_bytes()).hexdigest()[:8]}"
    return ExposureRecord(
        survey="image",
        observation_id=identity,
        product=root[1] if root[0] else "",
        kind="composite" if root[1] in {"drz", "drc"} else "single",
        planes=(PlaneRecord(0, "Image", width, height),),
        visit=root[0][:6],
        credit=HST_CREDIT if root[0] else "",
        licence=HST_LICENCE if root[0] else "",
        warnings=("The picture has no sky coordinates and no flux scale.",),
    )


def rootname(name: str) -> tuple[str, str]:
    """Return (rootname, product) of an HST file name such as ib1f31e9q_flc.jpg, ('', '') for any other."""
    found = ROOTNAME.match(name)
    stem_goes_on = bool(found) and name[found.end() : found.end() + 1] not in {".", "_", ""} if found else True
    if found is None or stem_goes_on or sum(letter.isdigit() for letter in found[1]) < 2:
        return "", ""
    return found[1].lower(), (found[2] or "").lower()


def read_pixels(path: Path) -> FloatImage:
    """Return the luminance (H, W) as float32, row 0 at the top, in the file's own steps."""
    with _opened(path) as image:
        check_size(*image.size, "The image")
        mode = image.mode
        grey = image if mode == "L" or mode.startswith(("I", "F")) else image.convert("L")
        return np.asarray(grey, dtype=np.float32)


def pixels_only(data: bytes) -> bytes:
    """Return a picture anew, as a PNG that holds its pixels and nothing else: no place, camera, comment or other file behind them."""
    with _opened(io.BytesIO(data)) as image:
        check_size(*image.size, "The image")
        clean = image if image.mode == "L" or image.mode.startswith("I") else image.convert("RGB")
        clean.load()
        clean.info = {}
        out = io.BytesIO()
        clean.save(out, "PNG")
        return out.getvalue()


@contextmanager
def _opened(path: Path | IO[bytes]) -> Iterator[Image.Image]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=("PNG", "JPEG")) as image:
                yield image
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise Unreadable(
            f"The picture claims more pixels than are safe to unpack ({error}). If it is right, cut it into smaller pictures."
        ) from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise Unreadable(f"The picture is damaged or cut short ({error}). Fetch the file again.") from error
