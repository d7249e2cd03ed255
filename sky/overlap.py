"""How much of one footprint lies in another, and how the pixels of two registered images correspond."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Points = NDArray[np.float64]


def overlap_fraction(a: ArrayLike, b: ArrayLike) -> float:
    """Return the part (0 to 1) of footprint ``a`` that lies in ``b``; each four corners (RA, Dec) in degrees, in order.

    Both are projected onto the plane that touches the sky at the centre of ``a`` (gnomonic), where their edges are straight; footprints
    more than 10 degrees apart share nothing. The common part is clipped edge by edge (Sutherland and Hodgman 1974, CACM 17, 32).
    """
    corners_a, corners_b = np.asarray(a, float), np.asarray(b, float)
    middle = _unit(corners_a).mean(axis=0)
    middle /= np.linalg.norm(middle)
    if min((_unit(corners_b) @ middle).min(), (_unit(corners_a) @ middle).min()) < np.cos(np.radians(10.0)):
        return 0.0
    flat_a, flat_b = _project(corners_a, middle), _project(corners_b, middle)
    whole = abs(_area(flat_a))
    if whole == 0.0:
        return 0.0
    edges = flat_b if _area(flat_b) > 0 else flat_b[::-1]
    left = flat_a
    for start, end in zip(edges, np.roll(edges, -1, axis=0), strict=True):
        left = _inside(left, start, end)
        if len(left) < 3:
            return 0.0
    return float(min(1.0, abs(_area(left)) / whole))


def _unit(radec_deg: Points) -> Points:
    ra, dec = np.radians(radec_deg).T
    return np.column_stack([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)])


def _project(radec_deg: Points, middle: Points) -> Points:
    """Return (n, 2) places on the plane that touches the sphere at `middle`, with axes of its own: only areas are of interest."""
    aside = np.cross([0.0, 0.0, 1.0] if abs(middle[2]) < 0.9 else [1.0, 0.0, 0.0], middle)
    aside /= np.linalg.norm(aside)
    rays = _unit(radec_deg)
    rays /= (rays @ middle)[:, None]
    return np.column_stack([rays @ aside, rays @ np.cross(middle, aside)])


def _area(points: Points) -> float:
    x, y = points.T
    return float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2


def _inside(points: Points, start: Points, end: Points) -> Points:
    """Return the part of a polygon left of the line from start to end."""
    (ex, ey), kept = end - start, list[Points]()
    side = ex * (points[:, 1] - start[1]) - ey * (points[:, 0] - start[0])
    for (here, s), (after, t) in zip(zip(points, side, strict=True), zip(np.roll(points, -1, axis=0), np.roll(side, -1), strict=True), strict=True):
        if s >= 0:
            kept.append(here)
        if (s < 0) != (t < 0):
            kept.append(here + (after - here) * (s / (s - t)))
    return np.array(kept).reshape(-1, 2)


def fit_affine(places: ArrayLike, at: ArrayLike) -> tuple[list[float], float]:
    """Return [a, b, c, d, e, f] and the largest miss (px) of the map (x, y) -> (a x + c y + e, b x + d y + f) that fits best.

    ``places`` and ``at`` are (n, 2), n >= 3, not all on one line.
    """
    x, y = np.asarray(places, float), np.asarray(at, float)
    terms = np.column_stack([x, np.ones(len(x))])
    fitted, *_ = np.linalg.lstsq(terms, y, rcond=None)
    miss = float(np.hypot(*(terms @ fitted - y).T).max())
    return [float(value) for value in fitted.ravel()], miss


def apply_affine(matrix: Sequence[float], points: ArrayLike) -> Points:
    """Return where points (n, 2) lie by [a, b, c, d, e, f]."""
    a, b, c, d, e, f = matrix
    x, y = np.asarray(points, float).T
    return np.column_stack([a * x + c * y + e, b * x + d * y + f])
