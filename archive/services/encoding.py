"""The 16-bit images, made apart from the previews: the original is read once for all cutouts of an exposure."""

from datetime import datetime
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from archive import originals, pixels
from archive.models import Cutout, Exposure
from archive.services import states
from core import files
from sky import cutouts, instruments, stretch

READY, FAILED = Cutout.State.READY, Cutout.State.FAILED


def encode_exposure(exposure_id: int, *, now: datetime) -> int:
    """Make the 16-bit images of an exposure's cutouts that lack them and that nobody works on; return how many were made."""
    claimed = states.claim_pixels(exposure_id, now=now)
    return _encode(Exposure.objects.defer("headers").get(pk=exposure_id), claimed) if claimed else 0


def encode_cutout(cutout_id: int, *, now: datetime) -> bool:
    """Make the 16-bit image of one cutout; False when it is there, failed, or another worker has it."""
    exposure = Exposure.objects.defer("headers").get(planes__cutouts=cutout_id)
    claimed = states.claim_pixels(exposure.pk, now=now, cutout_id=cutout_id)
    return bool(_encode(exposure, claimed)) if claimed else False


def _encode(exposure: Exposure, claimed: list[Cutout]) -> int:
    made = 0
    try:
        with originals.original(exposure) as path:
            for plane, members in groupby(claimed, key=lambda cutout: cutout.plane):
                image = instruments.read_plane(path, plane.index)
                made += sum(_encode_one(cutout, image) for cutout in members)
    except (originals.OriginalMissing, instruments.Unreadable, OSError, ValueError, MemoryError) as error:
        reason = (str(error) or type(error).__name__)[:4000]
        for cutout in claimed:  # those already made are no longer claimed, and stay
            states.end_pixels(cutout, pixels_state=FAILED, error=reason)
    return made


def _encode_one(cutout: Cutout, image: NDArray[np.float32]) -> bool:
    box = cutouts.Box(cutout.x0, cutout.y0, cutout.box_width, cutout.box_height, cutout.bin)
    sky = stretch.Sky(cutout.sky_level or 0.0, cutout.sky_sigma or 1.0)
    key = files.put(pixels.to_png(stretch.encode_u16(cutouts.cut(image, box), sky)), files.new_key("png"))
    if states.end_pixels(cutout, pixels_state=READY, pixels_key=key):
        return True
    files.delete(key)
    return False
