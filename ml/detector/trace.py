"""Follows a trail's light: bends a chord between two marked ends onto the ridge, and finds where the light begins and ends.

The path is the best one through a straightened strip, by dynamic programming (as in Geman & Jedynak 1996 for roads).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ml.detector.samples import Image, Points
from sky import trails

STEP_PX = 2.0  # along the strip
LARGEST_SAG = 0.3  # of the chord: HST's parallax bends most trails less
SURE_CONTRAST = 0.5  # sky sigmas by which the path must outshine its sides, else the chord is kept
TAMED = (-3.0, 8.0)  # sigmas: a star on the way must not decide
Strip = NDArray[np.float64]


class Straightened(NamedTuple):
    """Image values on lines across a polyline."""

    values: Strip  # (n, 2 * half + 1), NaN outside the data
    nodes: Points  # (n, 2) the middle line
    normals: Points  # (n, 2) unit vectors; column half + k lies at nodes + k * normals


def straighten(image: Image, points: Points, *, step: float, half: int) -> Straightened:
    """Sample the image (bilinear) at every `step` px along a line, 1 px apart across it."""
    nodes = trails.resample(points, step)
    along = np.gradient(nodes, axis=0) if len(nodes) > 1 else np.array([[1.0, 0.0]])
    along /= np.maximum(np.hypot(*along.T), 1e-9)[:, None]
    normals = np.column_stack([-along[:, 1], along[:, 0]])
    at = nodes[:, None, :] + np.arange(-half, half + 1)[None, :, None] * normals[:, None, :]  # (n, 2 half + 1, 2)
    values = ndimage.map_coordinates(image, [at[..., 1], at[..., 0]], order=1, cval=np.nan, prefilter=False)
    return Straightened(values.astype(np.float64), nodes, normals)


def trace(image: Image, start: NDArray[np.float64], end: NDArray[np.float64]) -> Points:
    """Return the trail (n, 2) between two marked ends, or the two ends where no ridge stands out.

    `image` is float32 (H, W) in sky sigmas, NaN = no data. The ends may move by up to 3 px across the trail.
    """
    chord = np.array([start, end], dtype=np.float64)
    length = trails.length(chord)
    if length < 16:
        return chord
    half = int(min(80, 6 + LARGEST_SAG * length))
    strip = straighten(image, chord, step=STEP_PX, half=half)
    score = _ridge_score(np.clip(strip.values, *TAMED))
    path = _best_path(score, half)
    rows = np.arange(len(path))
    if float(np.mean(score[rows, path])) < SURE_CONTRAST:
        return chord
    smooth = ndimage.gaussian_filter1d(path - half, 3.0, mode="nearest")
    return np.asarray(strip.nodes + smooth[:, None] * strip.normals)


def _ridge_score(values: Strip) -> Strip:
    """Return how much each place outshines both its sides, smoothed along the strip; 0 without data."""
    filled = ndimage.gaussian_filter1d(np.nan_to_num(values), 2.0, axis=0, mode="nearest")
    core = ndimage.uniform_filter1d(filled, 3, axis=1, mode="nearest")
    side = np.maximum(np.roll(core, 5, axis=1), np.roll(core, -5, axis=1))
    return np.where(np.isnan(values), 0.0, core - np.maximum(side, -1.0))


def _best_path(score: Strip, half: int) -> NDArray[np.intp]:
    """Return for each row the column of the best path; it starts and ends near the middle and moves one column a step."""
    n, width = score.shape
    near = np.abs(np.arange(width) - half) <= 3
    total = np.where(near, score[0], -np.inf)
    came = np.zeros((n, width), dtype=np.intp)
    for i in range(1, n):
        left, right = np.append(-np.inf, total[:-1]) - 0.15, np.append(total[1:], -np.inf) - 0.15
        options = np.stack([left, total, right])
        best = options.argmax(axis=0)
        came[i] = np.arange(width) + best - 1
        total = options.max(axis=0) + score[i]
    path = np.zeros(n, dtype=np.intp)
    path[-1] = np.where(near, total, -np.inf).argmax()
    for i in range(n - 1, 0, -1):
        path[i - 1] = came[i, path[i]]
    return path


class Measured(NamedTuple):
    """A trail after a look at its light."""

    points: Points  # (n, 2) with the ends where the light ends
    width_px: float  # FWHM across
    contrast: float  # median height of the ridge over its sides, sky sigmas
    unevenness: float  # log of the 90 % height over the median: a star's spikes fade along, trails hardly do


END_REACH_PX = 14.0  # how far an end may move, outwards or inwards
POINT_STEP_PX = 6.0
PROFILE_HALF_PX = 8


def measure(image: Image, points: Points) -> Measured:
    """Shift the line onto its light, move both ends to where the light falls to half, and measure it.

    Where nothing stands out (contrast below half a sigma) the points are returned as they are, with width 1.
    """
    longer = _extended(points, END_REACH_PX)
    strip = straighten(image, longer, step=1.0, half=PROFILE_HALF_PX)
    raw = np.nan_to_num(strip.values)
    known = np.clip(raw, *TAMED)
    if len(known) <= 2 * END_REACH_PX + 2:
        return Measured(points, 1.0, 0.0, 0.0)
    shift = _across(known)
    height = _heights(known, shift)
    reach = int(END_REACH_PX)
    contrast = float(np.median(height[reach:-reach]))
    unevenness = _unevenness(_heights(raw, shift)[reach:-reach])
    if contrast < 0.5:
        return Measured(points, 1.0, max(contrast, 0.0), unevenness)
    first, last = _lit_stretch(height - contrast / 2, reach)
    line = (strip.nodes + shift[:, None] * strip.normals)[first : last + 1]
    return Measured(trails.resample(line, POINT_STEP_PX), _width(known[first : last + 1]), contrast, unevenness)


def _extended(points: Points, by: float) -> Points:
    """Return the line made longer at both ends, straight on."""
    nodes = trails.resample(points, 4.0)
    n = min(len(nodes), 6)
    head, tail = nodes[0] - nodes[n - 1], nodes[-1] - nodes[-n]
    unit = [v / max(float(np.hypot(*v)), 1e-9) for v in (head, tail)]
    return np.vstack([nodes[0] + by * unit[0], nodes, nodes[-1] + by * unit[1]])


def _across(values: Strip) -> NDArray[np.float64]:
    """Return for each row the offset (px) of the light from the middle line, smooth along the trail, at most 3."""
    smooth = ndimage.gaussian_filter1d(values, 6.0, axis=0, mode="nearest")
    offsets = np.arange(-3, 4)
    near = smooth[:, PROFILE_HALF_PX - 3 : PROFILE_HALF_PX + 4]
    weight = np.clip(near - np.median(smooth, axis=1)[:, None], 0, None) ** 2
    centre = (weight * offsets).sum(axis=1) / (weight.sum(axis=1) + 0.05)
    return np.asarray(ndimage.gaussian_filter1d(centre, 8.0, mode="nearest"))


def _heights(values: Strip, shift: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return for each row how far the three middle pixels, on average, stand above both sides."""
    middle = np.clip(PROFILE_HALF_PX + np.rint(shift).astype(int), 1, 2 * PROFILE_HALF_PX - 1)
    rows = np.arange(len(values))
    core = np.mean([values[rows, middle + k] for k in (-1, 0, 1)], axis=0)
    side = np.median(values[:, [0, 1, 2, -3, -2, -1]], axis=1)
    return np.asarray(core - ndimage.median_filter(side, 9, mode="nearest"))


def _unevenness(height: NDArray[np.float64]) -> float:
    smooth = ndimage.uniform_filter1d(height, 7, mode="nearest")
    return float(np.log(max(np.percentile(smooth, 90), 0.1) / max(np.median(smooth), 0.3)))


def _lit_stretch(over: NDArray[np.float64], reach: int) -> tuple[int, int]:
    """Return first and last row of the light: the stretch with the largest sum, each end within `reach` of where it was."""
    summed = np.concatenate([[0.0], np.cumsum(over)])
    limit = min(2 * reach, len(over) // 2)
    first = int(summed[: limit + 1].argmin())
    last = len(over) - limit + int(summed[len(over) - limit :].argmax()) - 1
    return (first, last) if last > first else (reach, len(over) - 1 - reach)


def _width(values: Strip) -> float:
    """Return the full width at half maximum of the mean profile, taken as a Gaussian."""
    profile = values.mean(axis=0)
    profile = profile - np.median(profile[[0, 1, 2, -3, -2, -1]])
    peak = float(profile.max())
    return float(np.clip(0.94 * profile[2:-2].sum() / peak, 1.0, 2 * PROFILE_HALF_PX)) if peak > 0 else 1.0
