"""Draws PSF-wide trails exactly: a polyline convolved with a round Gaussian, in small boxes."""

import math
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import erf

FloatImage = NDArray[np.float32]

FWHM_TO_SIGMA = 1.0 / (2.0 * math.sqrt(2.0 * math.log(2.0)))
WING_FRACTION = 0.12  # share of the light outside the core of the HST PSF
WING_SCALE = 3.5  # width of the wings in core widths
MAX_PIECE_PX = 48.0  # pieces this short keep the boxes small on diagonal trails


def draw_trail(
    shape: tuple[int, int],
    points: ArrayLike,
    width_px: float,
    *,
    brightness: ArrayLike = 1.0,
    wings: float = WING_FRACTION,
) -> FloatImage:
    """Return a (H, W) float32 image of one trail on a zero background.

    ``points`` is (n, 2): x, y in 0-based pixel centres. ``width_px`` is the FWHM across the
    trail, pixel included. ``brightness`` is the ridge value of a long straight stretch: one number,
    or n-1 numbers (one per segment; 0 makes a gap). ``wings`` is the share of light in the broad
    component. Parts outside the image are simply not drawn.
    """
    image = np.zeros(shape, dtype=np.float32)
    add_trail(image, points, width_px, brightness=brightness, wings=wings)
    return image


def add_trail(
    image: FloatImage,
    points: ArrayLike,
    width_px: float,
    *,
    brightness: ArrayLike = 1.0,
    wings: float = WING_FRACTION,
) -> None:
    """Add one trail to ``image`` in place; arguments as in `draw_trail`."""
    xy = np.asarray(points, dtype=np.float64)
    if xy.ndim != 2 or xy.shape[1] != 2 or len(xy) < 2:
        raise ValueError("A trail needs at least two (x, y) points.")
    values = np.broadcast_to(np.asarray(brightness, dtype=np.float64), (len(xy) - 1,))
    sigma = max(float(width_px), 0.3) * FWHM_TO_SIGMA
    # Ridge heights of the two components of a long trail must add up to one.
    core = (1.0 - wings) / ((1.0 - wings) + wings / WING_SCALE)
    for start, end, value in zip(xy[:-1], xy[1:], values, strict=True):
        if value:
            _add_segment(image, start, end, sigma, float(value) * core)
            if wings > 0:
                _add_segment(image, start, end, sigma * WING_SCALE, float(value) * (1.0 - core))


def _add_segment(
    image: FloatImage,
    start: NDArray[np.float64],
    end: NDArray[np.float64],
    sigma: float,
    value: float,
) -> None:
    """Add one straight segment, cut into short pieces (the pieces' error functions add up exactly)."""
    length = float(np.hypot(*(end - start)))
    if length < 1e-9 or not math.isfinite(length):
        return
    count = max(1, math.ceil(length / MAX_PIECE_PX))
    nodes = start + (end - start) * (np.arange(count + 1) / count)[:, None]
    direction = (end - start) / length
    for a, b in pairwise(nodes):
        _add_piece(image, a, b, direction, sigma, value)


def _add_piece(
    image: FloatImage,
    a: NDArray[np.float64],
    b: NDArray[np.float64],
    direction: NDArray[np.float64],
    sigma: float,
    value: float,
) -> None:
    height, width = image.shape
    reach = 3.7 * sigma + 0.5
    x0 = max(0, math.floor(min(a[0], b[0]) - reach))
    x1 = min(width, math.ceil(max(a[0], b[0]) + reach) + 1)
    y0 = max(0, math.floor(min(a[1], b[1]) - reach))
    y1 = min(height, math.ceil(max(a[1], b[1]) + reach) + 1)
    if x0 >= x1 or y0 >= y1:
        return
    scale = np.float32(1.0 / (math.sqrt(2.0) * sigma))
    dx = (np.arange(x0, x1, dtype=np.float32) - np.float32(a[0])) * scale
    dy = (np.arange(y0, y1, dtype=np.float32) - np.float32(a[1])) * scale
    ux, uy = np.float32(direction[0]), np.float32(direction[1])
    along = ux * dx[None, :] + uy * dy[:, None]
    across = uy * dx[None, :] - ux * dy[:, None]
    length = np.float32(math.hypot(b[0] - a[0], b[1] - a[1])) * scale
    profile = np.exp(-across * across)
    profile *= erf(along) - erf(along - length)
    image[y0:y1, x0:x1] += np.float32(0.5 * value) * profile


def profile_integral(width_px: float, wings: float = WING_FRACTION) -> float:
    """Return the integral across a trail whose ridge is one."""
    sigma = width_px * FWHM_TO_SIGMA * math.sqrt(2 * math.pi)
    core = (1 - wings) / ((1 - wings) + wings / WING_SCALE)
    return sigma * (core + (1 - core) * WING_SCALE)
