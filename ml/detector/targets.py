"""Draws labelled trails onto the network's stride-2 grid: which cells are trail, which are not judged, which way they run."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ml.detector.config import DetectorConfig
from ml.detector.net import STRIDE
from ml.detector.samples import LabelledTrail, Points
from sky import trails

Grid = NDArray[np.float32]
NODE_STEP_PX = 8.0  # straight pieces of a curve; HST's strongest parallax bends a trail by well under a pixel over this


class Targets(NamedTuple):
    """What the maps of one crop should be. K classes on an (h, w) grid of cells."""

    ridge: Grid  # (K, h, w) 1 on a trail, else 0
    weight: Grid  # (K, h, w) 0 = not judged
    orientation: Grid  # (2, h, w) cos 2t, sin 2t on and around trails, else 0
    asked: Grid  # (K,) 1 where "no trail" was really answered for this class


def draw(found: Sequence[LabelledTrail], shape: tuple[int, int], config: DetectorConfig, asked: Sequence[str] | None = None) -> Targets:
    """Rasterise trails in the pixels of an image of `shape` (H, W); trails outside leave no mark."""
    h, w = -(-shape[0] // STRIDE), -(-shape[1] // STRIDE)
    k = len(config.classes)
    ridge, weight, nearest = np.zeros((k, h, w), np.float32), np.ones((k, h, w), np.float32), np.full((h, w), np.inf, np.float32)
    orientation = np.zeros((2, h, w), np.float32)
    ring_px = config.ridge_half_width + config.ignore_px
    for trail in found:
        channel = config.classes.index(trail.klass)
        for rows, cols, across, past, angle in _pieces(trail.points, (h, w), ring_px):
            on = (across <= config.ridge_half_width) & (past <= 0)
            distance = np.hypot(across, np.maximum(past, 0))
            ring = (distance <= ring_px) & ~on
            ridge[channel, rows, cols] = np.maximum(ridge[channel, rows, cols], on)
            weight[channel, rows, cols][on] = trail.weight
            fresh = ring & (ridge[channel, rows, cols] == 0)
            weight[channel, rows, cols][fresh] = 0.0
            closer = (distance <= ring_px) & (distance < nearest[rows, cols])
            nearest[rows, cols][closer] = distance[closer]
            orientation[0, rows, cols][closer], orientation[1, rows, cols][closer] = np.cos(2 * angle), np.sin(2 * angle)
    known = np.array([1.0 if asked is None or c in asked else 0.0 for c in config.classes], np.float32)
    return Targets(ridge, weight, orientation, known)


def _pieces(points: Points, grid: tuple[int, int], reach: float) -> list[tuple[slice, slice, Grid, Grid, float]]:
    """Return for each straight piece its box on the grid and, in pixels, the distance across it and past its nearer end."""
    nodes = trails.resample(points, NODE_STEP_PX)
    last = len(nodes) - 2
    pieces = []
    for i, (a, b) in enumerate(pairwise(nodes)):
        low, high = np.minimum(a, b) - reach, np.maximum(a, b) + reach
        (c0, r0), (c1, r1) = np.maximum(np.floor(low / STRIDE), 0).astype(int), np.ceil(high / STRIDE).astype(int) + 1
        rows, cols = slice(r0, min(r1, grid[0])), slice(c0, min(c1, grid[1]))
        if rows.stop <= rows.start or cols.stop <= cols.start:
            continue
        y, x = np.mgrid[rows, cols].astype(np.float32) * STRIDE + (STRIDE - 1) / 2
        length = float(np.hypot(*(b - a)))
        ux, uy = (b - a) / length
        along = (x - a[0]) * ux + (y - a[1]) * uy
        across = np.abs((x - a[0]) * uy - (y - a[1]) * ux)
        # Only the two ends of the trail are cut square; inner joints overlap by a cell so that bends leave no holes.
        before = -along - (0 if i == 0 else STRIDE)
        after = along - length - (0 if i == last else STRIDE)
        past = np.maximum(before, after)
        pieces.append((rows, cols, across, past, float(np.arctan2(uy, ux))))
    return pieces
