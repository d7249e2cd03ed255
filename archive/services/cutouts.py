"""Exposures become cutouts: each plane is read once, each box becomes a preview and a row."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from astropy.wcs import WCS
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from numpy.typing import NDArray

from archive import originals, pixels
from archive.models import Cutout, Exposure, Plane
from archive.services import states
from core import files
from sky import cutouts, instruments, stretch

MIN_VALID_FRACTION = 0.05
IMAGES = ("preview_key", "thumbnail_key")
IDENTITY = ("plane", "x0", "y0", "box_width", "box_height", "bin")
STRETCH = {
    "version": stretch.STRETCH_VERSION,
    "black_sigma": stretch.BLACK_SIGMA,
    "white_sigma": stretch.WHITE_SIGMA,
    "softening_sigma": stretch.SOFTENING_SIGMA,
}


@dataclass
class CutReport:
    """What cutting one exposure gave: cutouts made now, cutouts in all, remarks for people, and why it failed, if it did."""

    made: int = 0
    total: int = 0
    warnings: list[str] = field(default_factory=list)
    error: str = ""


@dataclass(frozen=True)
class Place:
    """Where a box lies on the sky: its centre and its four outer corners, degrees ICRS."""

    ra_deg: float | None = None
    dec_deg: float | None = None
    footprint: list[list[float]] | None = None


def cut_exposure(exposure_id: int, *, now: datetime) -> CutReport | None:
    """Cut one exposure into cutouts with previews; None when another worker has it or nothing is to be done.

    The images of a cutout are written before its row, so a row never lacks them; a worker killed in between leaves at most two files that
    no row knows. Running it again makes only what is missing.
    """
    exposure = states.claim_exposure(exposure_id, now=now)
    if exposure is None:
        return None
    report = CutReport()
    try:
        with originals.original(exposure) as path:
            for plane in exposure.planes.all():
                _cut_plane(plane, instruments.read_plane(path, plane.index), exposure, report, now=now)
    except (originals.OriginalMissing, instruments.Unreadable, OSError, ValueError, MemoryError) as error:
        report.error = str(error) or type(error).__name__
    if not report.error and report.total == 0:
        report.error = "No part of the image holds enough valid pixels to be shown."
    if report.error:
        states.fail_exposure(exposure, error=report.error)
    else:
        states.finish_exposure(exposure, warnings=[*exposure.warnings, *(w for w in report.warnings if w not in exposure.warnings)])
    return report


def _cut_plane(plane: Plane, image: NDArray[np.float32], exposure: Exposure, report: CutReport, *, now: datetime) -> None:
    scale = plane.pixel_scale_arcsec or exposure.pixel_scale_arcsec
    boxes = cutouts.plan(plane.width, plane.height, scale, native=exposure.native)
    plane.exposure = exposure  # already here: saves a query
    places = _places(pixels.plane_wcs(plane), boxes)
    there = {_box_of(cutout): cutout for cutout in plane.cutouts.all()}
    empty = []
    for box, place in zip(boxes, places, strict=True):
        old = there.get(box)
        if old and _is_good(old):
            report.total += 1
            continue
        made = _make(plane, box, place, image, scale)
        if made is None:
            empty.append(box)
            continue
        report.total += 1
        report.made += _keep(made, old, now=now)
    if empty:
        report.warnings.append(_about_empty(plane, empty))


def _box_of(cutout: Cutout) -> cutouts.Box:
    return cutouts.Box(cutout.x0, cutout.y0, cutout.box_width, cutout.box_height, cutout.bin)


def _is_good(cutout: Cutout) -> bool:
    return cutout.stretch.get("version") == stretch.STRETCH_VERSION and default_storage.exists(cutout.preview_key)


def _about_empty(plane: Plane, boxes: Sequence[cutouts.Box]) -> str:
    where = ", ".join(f"({box.x0}, {box.y0})" for box in boxes[:5]) + (", ..." if len(boxes) > 5 else "")
    return f"{plane.name}: {len(boxes)} boxes with less than {MIN_VALID_FRACTION:.0%} valid pixels were left out, at {where}."


def _make(plane: Plane, box: cutouts.Box, place: Place, image: NDArray[np.float32], scale: float | None) -> dict[str, Any] | None:
    """Return the fields of a cutout with its preview stored, or None for a box without enough valid pixels."""
    part = cutouts.cut(image, box)
    valid_fraction = 1.0 - float(np.count_nonzero(np.isnan(part))) / part.size
    if valid_fraction < MIN_VALID_FRACTION:
        return None
    sky = stretch.measure_sky(part)
    grey = stretch.preview_u8(part, sky)
    height, width = part.shape
    return {
        "plane": plane,
        "x0": box.x0,
        "y0": box.y0,
        "box_width": box.width,
        "box_height": box.height,
        "bin": box.bin,
        "width": width,
        "height": height,
        "pixel_scale_arcsec": scale * box.bin if scale else None,
        "ra_deg": place.ra_deg,
        "dec_deg": place.dec_deg,
        "footprint": place.footprint,
        "sky_level": sky.level,
        "sky_sigma": sky.sigma,
        "valid_fraction": valid_fraction,
        "stretch": STRETCH,
        "preview_key": files.put(pixels.to_jpeg(grey), files.new_key("jpg")),
        "thumbnail_key": files.put(pixels.to_thumbnail(grey), files.new_key("jpg")),
    }


def _keep(made: dict[str, Any], old: Cutout | None, *, now: datetime) -> bool:
    """Store the row of a cutout whose preview is written: a new one, or the new preview of an old one. False: another worker was first."""
    if old:
        Cutout.objects.filter(pk=old.pk).update(**{name: made[name] for name in (*IMAGES, "stretch")})
        _forget_images(old.preview_key, old.thumbnail_key)
        return True
    try:
        with transaction.atomic():
            Cutout.objects.create(**made, created_at=now)
    except IntegrityError:
        _forget_images(*(made[name] for name in IMAGES))
        if not Cutout.objects.filter(**{name: made[name] for name in IDENTITY}).exists():
            raise
        return False
    return True


def _forget_images(*keys: str) -> None:
    for key in keys:
        files.delete(key)


def _places(wcs: WCS | None, boxes: Iterable[cutouts.Box]) -> list[Place]:
    """Return where the boxes of a plane lie, all by one call; corners are the outer corners of the pixels, from top left clockwise."""
    boxes = list(boxes)
    if wcs is None:
        return [Place()] * len(boxes)
    points = np.array([point for box in boxes for point in _points(box)], dtype=float)
    sky = wcs.all_pix2world(points, 0).reshape(len(boxes), 5, 2)
    return [
        Place(float(centre[0]), float(centre[1]), [[float(ra), float(dec)] for ra, dec in corners]) if np.isfinite(five).all() else Place()
        for five in sky
        for centre, corners in [(five[0], five[1:])]
    ]


def _points(box: cutouts.Box) -> list[tuple[float, float]]:
    """Return centre and corners of a box in plane pixels (0-based centres)."""
    left, top = box.x0 - 0.5, box.y0 - 0.5
    right, bottom = left + box.width, top + box.height
    return [((left + right) / 2, (top + bottom) / 2), (left, top), (right, top), (right, bottom), (left, bottom)]
