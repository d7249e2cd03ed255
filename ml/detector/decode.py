"""Probability maps -> trails: hysteresis, components, the path along each, dashes linked, ends found in the image, doubles dropped.

All points are (x, y) pixels of the image that was searched (0-based pixel centres).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import dijkstra

from ml.detector.config import DetectorConfig
from ml.detector.net import STRIDE
from ml.detector.samples import Image, Points
from ml.detector.trace import Measured, measure
from sky import trails

Grid = NDArray[np.float32]
EIGHT = np.ones((3, 3), dtype=bool)
MAX_FRAGMENTS = 40  # per class: more means the map is rubbish, and linking is quadratic
POINT_STEP_PX = 6.0  # of the polylines handed out
CLEAR_CELLS = 4  # half width of what a path takes away, so that a crossing trail is found next
MIN_COS = 0.8  # of the bend where two dashes are linked
OUT_OF_IMAGE_PX = 30.0
SAME_TRAIL_PX, SAME_TRAIL_SHARE = 6.0, 0.5


@dataclass(frozen=True)
class Detection:
    """A trail that was found. `score` is 0-1, calibrated if the detector is; `width_px` is the FWHM across the trail."""

    klass: str
    score: float
    points: Points = field(repr=False)  # (n, 2), n >= 2
    width_px: float
    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True)
class Candidate:
    """A trail before it is scored: what the calibration looks at."""

    klass: str
    points: Points
    width_px: float
    probability: float  # mean of the map along the trail, where there is light
    contrast: float  # sky sigmas by which the trail outshines its sides
    length_px: float
    unevenness: float  # of the light along it, see `trace.Measured`
    sag_px: float  # largest distance from its chord: spikes, cosmic rays and chip edges are straight


def decode(ridge: Grid, config: DetectorConfig, *, image: Image | None = None) -> list[Candidate]:
    """Return the candidates, most probable first.

    `ridge` (K, h, w) are probabilities at stride 2. `image` (H, W) in sky sigmas refines ends and measures width and
    contrast; without it the ends come from the map (good to about 2 px).
    """
    found: list[Candidate] = []
    for klass, p in zip(config.classes, ridge, strict=True):
        fragments = _link(_fragments(p, config), config.link_gap)
        candidates = (_candidate(klass, f, p, config, image) for f in fragments)
        found += [_as_it_ends(c, p, config, image) for c in candidates if _may_be(c, config)]
    found.sort(key=lambda c: -c.probability * min(1.0, c.length_px / 30))
    return _without_doubles(found)[: config.max_finds]


def _candidate(klass: str, path: Points, p: Grid, config: DetectorConfig, image: Image | None) -> Candidate:
    points = trails.resample(path, POINT_STEP_PX)
    measured = Measured(points, 1.0, 0.0, 0.0) if image is None else measure(image, points)
    points = measured.points
    cells = (trails.resample(points, STRIDE) - (STRIDE - 1) / 2) / STRIDE
    along = ndimage.map_coordinates(p, [cells[:, 1], cells[:, 0]], order=1, mode="nearest")
    lit = along[along >= config.low / 2]  # gaps between dashes do not count against a trail
    return Candidate(
        klass,
        points,
        width_px=measured.width_px,
        probability=float(lit.mean()) if len(lit) else 0.0,
        contrast=measured.contrast,
        length_px=trails.length(points),
        unevenness=measured.unevenness,
        sag_px=float(trails.distance_to(points, points[[0, -1]]).max()),
    )


def _as_it_ends(candidate: Candidate, p: Grid, config: DetectorConfig, image: Image | None) -> Candidate:
    """Return a straight find as the first class where neither of its ends runs out of the image: satellites cross it."""
    if candidate.klass not in config.straight:
        return candidate
    for path in (candidate.points, candidate.points[::-1]):
        x, y = np.rint(path[-1] + OUT_OF_IMAGE_PX * _direction(path)).astype(int)
        if not (0 <= x < p.shape[1] * STRIDE and 0 <= y < p.shape[0] * STRIDE):
            return candidate
        if image is not None and np.isnan(image[min(y, image.shape[0] - 1), min(x, image.shape[1] - 1)]):
            return candidate
    return replace(candidate, klass=config.classes[0])


def _may_be(candidate: Candidate, config: DetectorConfig) -> bool:
    """Say whether length and shape fit the class; a straight line stays within 3 px or 1 % of its chord."""
    bent = candidate.sag_px > max(3.0, 0.01 * candidate.length_px)
    return candidate.length_px >= config.min_length and not (bent and candidate.klass in config.straight)


def _fragments(p: Grid, config: DetectorConfig) -> list[Points]:
    """Return the paths (px) of all components, longest first."""
    labels, _ = ndimage.label(p >= config.low, structure=EIGHT)
    found: list[Points] = []
    for number, box in enumerate(ndimage.find_objects(labels), start=1):
        corner = np.array([box[1].start, box[0].start])
        paths = _paths(labels[box] == number, p[box], config, rounds=3)
        found += [_smooth((cells + corner) * STRIDE + (STRIDE - 1) / 2) for cells in paths]
    return sorted((path for path in found if len(path) >= 2), key=len, reverse=True)[:MAX_FRAGMENTS]


def _paths(mine: NDArray[np.bool_], p: Grid, config: DetectorConfig, *, rounds: int) -> list[NDArray[np.int64]]:
    """Return the longest path of a component that rises above `high`, and those of what it leaves over where trails cross."""
    if rounds == 0 or max(mine.shape) * STRIDE < config.min_length / 2 or p[mine].max() < config.high:
        return []
    cells = _longest_path(mine, p)
    taken = np.zeros_like(mine)
    taken[cells[:, 1], cells[:, 0]] = True
    labels, _ = ndimage.label(mine & ~ndimage.binary_dilation(taken, EIGHT, iterations=CLEAR_CELLS), structure=EIGHT)
    found = [cells]
    for number, box in enumerate(ndimage.find_objects(labels), start=1):
        corner = np.array([box[1].start, box[0].start])
        found += [more + corner for more in _paths(labels[box] == number, p[box], config, rounds=rounds - 1)]
    return found


def _longest_path(mine: NDArray[np.bool_], p: Grid) -> NDArray[np.int64]:
    """Return (n, 2) x, y cells of the cheapest way between the two ends of a component; probable cells are cheap."""
    y, x = np.nonzero(mine)
    number = np.full(mine.shape, -1)
    number[y, x] = np.arange(len(y))
    padded = np.pad(number, 1, constant_values=-1)
    cost = 1.1 - p[y, x]
    rows, cols, prices = [], [], []
    for dy, dx in ((0, 1), (1, 0), (1, 1), (1, -1)):
        other = padded[y + 1 + dy, x + 1 + dx]
        here = np.flatnonzero(other >= 0)
        rows.append(here)
        cols.append(other[here])
        prices.append(np.hypot(dy, dx) * (cost[here] + cost[other[here]]) / 2)
    graph = coo_matrix((np.concatenate(prices), (np.concatenate(rows), np.concatenate(cols))), shape=(len(y), len(y))).tocsr()
    start = int(dijkstra(graph, directed=False, indices=0).argmax())
    away, came = dijkstra(graph, directed=False, indices=start, return_predecessors=True)
    at = int(away.argmax())
    path = [at]
    while at != start:
        at = int(came[at])
        path.append(at)
    return np.column_stack([x[path], y[path]])


def _smooth(path: Points, sigma: float = 3.0) -> Points:
    """Take the staircase out of a path without pulling its ends in."""
    reach = min(len(path) - 1, int(4 * sigma))
    if reach < 1:
        return path
    longer = np.pad(path, ((reach, reach), (0, 0)), mode="reflect", reflect_type="odd")
    return np.asarray(ndimage.gaussian_filter1d(longer, sigma, axis=0, mode="nearest")[reach:-reach])


def _link(paths: list[Points], largest_gap: float) -> list[Points]:
    """Join the two best fitting ends again and again, until no gap is bridged well."""
    paths = sorted(paths, key=trails.length, reverse=True)
    while len(paths) > 1:
        options = [
            (price, i, j, flip_i, flip_j)
            for j in range(len(paths))
            for i in range(j)
            for flip_i in (False, True)
            for flip_j in (False, True)
            if (price := _gap_price(_turned(paths[i], flip_i), _turned(paths[j], flip_j), largest_gap)) is not None
        ]
        if not options:
            break
        _, i, j, flip_i, flip_j = min(options)
        joined = np.vstack([_turned(paths[i], flip_i), _turned(paths[j], flip_j)])
        paths = [p for k, p in enumerate(paths) if k not in (i, j)] + [joined]
    return paths


def _turned(path: Points, flip: bool) -> Points:
    return path[::-1] if flip else path


def _gap_price(first: Points, second: Points, largest_gap: float) -> float | None:
    """Return how ill the start of `second` continues the end of `first`; None where it does not."""
    gap = second[0] - first[-1]
    size = float(np.hypot(*gap))
    if size > min(largest_gap, 12 + trails.length(first) + trails.length(second)):
        return None
    out, into = _direction(first), -_direction(second[::-1])
    bend = float(out @ into)
    if size < 3 * STRIDE:
        return size * (2 - bend) if bend > MIN_COS else None
    ahead = min(float(out @ gap), float(into @ gap)) / size
    return size * (2 - ahead) if min(ahead, bend) > MIN_COS else None


def _direction(path: Points, reach_px: float = 24.0) -> Points:
    """Return the unit direction in which a path leaves its last point."""
    far = np.hypot(*(path - path[-1]).T)
    beyond = np.flatnonzero(far[::-1] >= reach_px)
    step = path[-1] - path[len(path) - 1 - int(beyond[0]) if len(beyond) else 0]
    return np.asarray(step / max(float(np.hypot(*step)), 1e-9))


def _without_doubles(found: Sequence[Candidate]) -> list[Candidate]:
    """Keep the first of any candidates that lie on each other (two classes seen in one trail, say)."""
    kept: list[Candidate] = []
    for c in found:
        if all(trails.covered(c.points, k.points, tolerance_px=SAME_TRAIL_PX) < SAME_TRAIL_SHARE for k in kept):
            kept.append(c)
    return kept
