"""Images that the software makes of cutouts: a trail drawn into one. They look like their parents in everything a player can see."""

import hashlib
from datetime import datetime

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from archive import pixels
from archive.models import Cutout, Exposure, Plane
from core import files
from sky import stretch

INJECTED = "injected"  # the survey of such images: never pooled, listed or trained on (archive.selectors.PRIVATE_SURVEYS)
_OF_ITS_OWN = ("id", "supersedes", "superseded_at", "headers", "store_key", "source", "source_mtime_ns", "checksum", "size_bytes", "warnings")


def store_image(*, parent_id: int, image: NDArray[np.float32], source: str, now: datetime) -> int:
    """Store an image (H, W), in sky sigmas above the sky (NaN = no data), as a cutout that is like another one but for its pixels.

    Place, stretch, size, credit and licence are the parent's; preview and 16-bit image are written as a parent's are. `source` says what
    it is, and makes it unique: the same source again gives the cutout that is there. Returns the new cutout's id. Raises
    Cutout.DoesNotExist, and ValueError for an image of another size.
    """
    parent = Cutout.objects.select_related("plane__exposure").get(pk=parent_id)
    if image.shape != (parent.height, parent.width):
        raise ValueError(f"The image has {image.shape[1]} x {image.shape[0]} px, its parent {parent.width} x {parent.height}.")
    found = Cutout.objects.filter(plane__exposure__survey=INJECTED, plane__exposure__source=source).first()
    return found.pk if found else _store(parent, image, source, now)


def _store(parent: Cutout, image: NDArray[np.float32], source: str, now: datetime) -> int:
    """Write the files first, so that a row never lacks them."""
    sky = stretch.Sky(0.0, 1.0)  # the image is in sigmas already
    codes, grey = stretch.encode_u16(image, sky), stretch.preview_u8(image, sky)
    like = files.get(parent.preview_key)  # one of another quality, as an earlier version made it, would show by its size
    keys = {
        "preview_key": files.put(pixels.to_jpeg(grey, like=like), files.new_key("jpg")),
        "thumbnail_key": files.put(pixels.to_thumbnail(grey), files.new_key("jpg")),
        "pixels_key": files.put(pixels.to_png(codes), files.new_key("png")),
    }
    try:
        with transaction.atomic():
            plane = _plane_like(parent, source, hashlib.sha256(codes.tobytes()).hexdigest(), codes.nbytes, now)
            skip = ("id", "plane", "pixels_state", "pixels_claimed_until", "error", *keys)
            same = {field.attname: getattr(parent, field.attname) for field in Cutout._meta.concrete_fields if field.name not in skip}
            return Cutout.objects.create(**{**same, **keys, "plane": plane, "pixels_state": Cutout.State.READY, "created_at": now}).pk
    except Exception:
        for key in keys.values():
            files.delete(key)
        raise


def _plane_like(parent: Cutout, source: str, checksum: str, size: int, now: datetime) -> Plane:
    """A plane of an exposure of its own, with the facts of the parent's."""
    old = parent.plane.exposure
    same = {field.attname: getattr(old, field.attname) for field in Exposure._meta.concrete_fields if field.name not in _OF_ITS_OWN}
    # The name of the observation is the parent's too: pages show it. Only survey and product, which they do not show, are its own.
    product = hashlib.sha256(source.encode()).hexdigest()[:20]
    own = {"survey": INJECTED, "product": product, "source": source, "checksum": checksum, "size_bytes": size}
    exposure = Exposure.objects.create(**{**same, **own, "state": Exposure.State.CUT, "created_at": now})
    facts = {field.attname: getattr(parent.plane, field.attname) for field in Plane._meta.concrete_fields if field.name not in ("id", "exposure")}
    return Plane.objects.create(**facts, exposure=exposure)
