"""Cuts a plane into cutouts that a person can look at: which boxes, and the pixels of one box.

By default an exposure gives four slightly overlapping quadrants of about 1024 px: a square frame is cut
two by two, each chip of a two-chip exposure into two halves along x. Pixels smaller than 0.08" are
binned 2 x 2 first, so that a cutout pixel is about 0.1" for every HST camera (the original project's scale).
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FloatImage = NDArray[np.float32]

TARGET_PX = 1024
OVERLAP_PX = 24  # shared by two neighbours, in cutout pixels
FINE_SCALE_ARCSEC = 0.08  # finer pixels are binned
LARGE_SIDE_PX = 3000  # without a scale, a side this long is taken for fine pixels
SMALL_SIDE_PX = 1400  # up to this side the whole image is one unbinned cutout


class Box(NamedTuple):
    """A rectangle of a plane, in plane pixels, that becomes one cutout of width / bin x height / bin.

    (x0, y0) is the first column and row; width and height are multiples of ``bin``.
    """

    x0: int
    y0: int
    width: int
    height: int
    bin: int


def plan(
    width: int,
    height: int,
    pixel_scale_arcsec: float | None,
    *,
    target: int = TARGET_PX,
    overlap: int = OVERLAP_PX,
    native: bool = False,
    small: int = SMALL_SIDE_PX,
) -> list[Box]:
    """Return the boxes of a plane of ``width`` x ``height`` px, row by row from the top left.

    ``target`` and ``overlap`` are in cutout pixels; ``native`` forbids binning (many tiles at the plane's own
    scale). A plane of at most ``small`` px on its longer side gives one unbinned cutout. All pixels are
    covered, except at most bin - 1 columns and rows at the far edges. ValueError when nothing can be cut.
    """
    if min(width, height, target) < 1 or not 0 <= overlap < target:
        raise ValueError(f"A plane of {width} x {height} px cannot be cut into tiles of {target} px.")
    factor = 1 if native else _bin(width, height, pixel_scale_arcsec, small)
    columns = _spans(width // factor, target, overlap)
    rows = _spans(height // factor, target, overlap)
    return [Box(x0 * factor, y0 * factor, w * factor, h * factor, factor) for y0, h in rows for x0, w in columns]


def _bin(width: int, height: int, scale: float | None, small: int) -> int:
    longer = max(width, height)
    if longer <= small or min(width, height) < 2:
        return 1
    fine = longer >= LARGE_SIDE_PX if scale is None else scale < FINE_SCALE_ARCSEC
    return 2 if fine else 1


def _spans(side: int, target: int, overlap: int) -> list[tuple[int, int]]:
    """Return (start, length) of the parts of one side, each reaching half the overlap into its neighbours."""
    count = max(1, round(side / target))
    edges = [round(side * part / count) for part in range(count + 1)]
    spans = []
    for left, right in pairwise(edges):
        start = max(0, left - overlap // 2)
        spans.append((start, min(side, right + overlap // 2) - start))
    return spans


def cut(pixels: NDArray[np.floating], box: Box) -> FloatImage:
    """Return the cutout (h, w) float32 of ``box`` from a plane (H, W): the mean of each bin x bin block.

    NaN (no data) is left out of the mean; a block without data is NaN. ValueError when the box is not inside.
    """
    height, width = pixels.shape
    if box.x0 < 0 or box.y0 < 0 or box.x0 + box.width > width or box.y0 + box.height > height:
        raise ValueError(f"{box} does not lie inside a plane of {width} x {height} px.")
    part = pixels[box.y0 : box.y0 + box.height, box.x0 : box.x0 + box.width]
    if box.bin == 1:
        return part.astype(np.float32, copy=True)
    blocks = [part[i :: box.bin, j :: box.bin] for i in range(box.bin) for j in range(box.bin)]
    total = blocks[0].astype(np.float32, copy=True)
    for block in blocks[1:]:
        total += block
    total /= len(blocks)
    empty = np.isnan(total)
    if empty.any():
        total[empty] = _nanmean(np.stack([block[empty] for block in blocks]))
    return total


def _nanmean(values: NDArray[np.floating]) -> FloatImage:
    """Return the mean over axis 0 without NaN, NaN where nothing is left (and no warning about it)."""
    good = ~np.isnan(values)
    count = good.sum(axis=0)
    total = np.where(good, values, 0.0).sum(axis=0, dtype=np.float64)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan).astype(np.float32)
