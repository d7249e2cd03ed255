"""Geometry of trails: polylines of (x, y) in pixels, compared, matched and clustered.

A trail has no direction here unless a function says so: volunteers cannot know which end came
first. All coordinates are 0-based pixel centres of one cutout or plane.
"""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Points = NDArray[np.float64]

MATCH_STEP_PX = 2.0


@dataclass(frozen=True)
class Trail:
    """A polyline (n, 2) of x, y pixel centres and the class of what drew it."""

    points: Points = field(repr=False)
    klass: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "points", as_points(self.points))


class ClusteredSegment(NamedTuple):
    """The middle of several people's marks of one trail.

    ``scatter_px`` is the median distance of their ends from the middle ends; ``n`` counts people's
    marks, not ends.
    """

    x1: float
    y1: float
    x2: float
    y2: float
    scatter_px: float
    n: int


def as_points(points: ArrayLike) -> Points:
    """Return an (n, 2) float64 array, n >= 1; ValueError otherwise (NaN and infinity included)."""
    xy = np.asarray(points, dtype=np.float64)
    if xy.ndim != 2 or xy.shape[1] != 2 or len(xy) == 0 or not np.isfinite(xy).all():
        raise ValueError("A trail is a non-empty list of finite (x, y) points.")
    return xy


def length(points: ArrayLike) -> float:
    """Return the length along the polyline in pixels (0 for fewer than two points)."""
    xy = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    return float(np.hypot(*np.diff(xy, axis=0).T).sum())


def resample(points: ArrayLike, step: float) -> Points:
    """Return points at equal distances of at most ``step`` px along the line, both ends kept."""
    xy = as_points(points)
    walked = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
    if walked[-1] == 0.0:
        return xy[:1].copy()
    count = max(1, int(np.ceil(walked[-1] / step)))
    at = np.linspace(0.0, walked[-1], count + 1)
    return np.column_stack([np.interp(at, walked, xy[:, 0]), np.interp(at, walked, xy[:, 1])])


def distance_to(points: ArrayLike, line: ArrayLike) -> NDArray[np.float64]:
    """Return for each of ``points`` (n, 2) the distance to the nearest place on the polyline, (n,)."""
    xy, nodes = as_points(points), as_points(line)
    if len(nodes) == 1:
        return np.asarray(np.hypot(*(xy - nodes[0]).T))
    start, step = nodes[:-1], np.diff(nodes, axis=0)
    squared = (step**2).sum(axis=1)
    offset = xy[:, None, :] - start[None, :, :]
    with np.errstate(invalid="ignore", divide="ignore"):
        t = np.where(squared > 0, (offset * step).sum(axis=2) / squared, 0.0)
    gap = offset - np.clip(t, 0.0, 1.0)[:, :, None] * step
    return np.asarray(np.sqrt((gap**2).sum(axis=2)).min(axis=1))


def distance(points_a: ArrayLike, points_b: ArrayLike) -> float:
    """Return the tube distance: the smallest radius around b that holds all of a, or the reverse.

    The smaller of the two one-sided Hausdorff distances, so a fragment of a trail lies at a small
    distance from the whole. Symmetric; independent of the direction of either line.
    """
    a, b = resample(points_a, MATCH_STEP_PX), resample(points_b, MATCH_STEP_PX)
    return float(min(distance_to(a, points_b).max(), distance_to(b, points_a).max()))


def covered(line: ArrayLike, by: ArrayLike, *, tolerance_px: float) -> float:
    """Return the fraction (0-1) of ``line`` that lies within ``tolerance_px`` of ``by``."""
    near = distance_to(resample(line, MATCH_STEP_PX), by) <= tolerance_px
    return float(near.mean())


def matches(a: ArrayLike, b: ArrayLike, *, tolerance_px: float, coverage: float) -> bool:
    """Say whether two lines mark one trail: each covers at least ``coverage`` (0-1) of the other."""
    return covered(a, b, tolerance_px=tolerance_px) >= coverage and covered(b, a, tolerance_px=tolerance_px) >= coverage


def end_distance(a: ArrayLike, b: ArrayLike) -> float:
    """Return the larger distance between paired ends, for the better of the two pairings."""
    one, two = as_points(a)[[0, -1]], as_points(b)[[0, -1]]
    straight = np.hypot(*(one - two).T).max()
    crossed = np.hypot(*(one - two[::-1]).T).max()
    return float(min(straight, crossed))


def clip(points: ArrayLike, *, width: int, height: int) -> Points:
    """Return the longest stretch of the polyline inside an image of width x height pixels.

    Pixel edges are at -0.5 and n - 0.5. Returns an empty (0, 2) array when nothing is inside.
    """
    xy = as_points(points)
    runs: list[list[Points]] = []
    for a, b in pairwise(xy):
        piece = _clip_segment(a, b, upper=np.array([width - 0.5, height - 0.5]))
        if piece is None:
            continue
        if runs and np.array_equal(runs[-1][-1], a):
            runs[-1].append(piece[1])
        else:
            runs.append([piece[0], piece[1]])
    return max((np.array(run) for run in runs), key=length, default=np.empty((0, 2)))


def _clip_segment(a: Points, b: Points, *, upper: Points) -> tuple[Points, Points] | None:
    """Liang-Barsky against the box from -0.5 to ``upper``; None when the segment stays outside."""
    step = b - a
    enter, leave = 0.0, 1.0
    for axis in (0, 1):
        if step[axis] == 0.0:
            if not -0.5 <= a[axis] <= upper[axis]:
                return None
            continue
        near, far = sorted([(-0.5 - a[axis]) / step[axis], (upper[axis] - a[axis]) / step[axis]])
        enter, leave = max(enter, near), min(leave, far)
    if enter >= leave:
        return None
    return (a + enter * step if enter > 0 else a), (a + leave * step if leave < 1 else b)


def cluster_segments(segments: ArrayLike, tolerance_px: float, min_markers: int) -> list[ClusteredSegment]:
    """Group people's end-point pairs into trails; return one middle segment per group.

    ``segments`` is (n, 4): x1, y1, x2, y2, each made by one person, ends in any order. Two segments
    belong together when both ends agree within ``tolerance_px`` (order-free); groups are the
    connected components of that relation (single linkage). A group of fewer than ``min_markers`` is
    dropped. Ends are medians, so one wild mark moves nothing. Largest groups first.
    """
    rows = np.asarray(segments, dtype=np.float64).reshape(-1, 4)
    rows = rows[np.isfinite(rows).all(axis=1)]
    if len(rows) == 0:
        return []
    labels = _components(pair_distances(rows) <= tolerance_px)
    groups = (rows[labels == label] for label in range(labels.max() + 1))
    found = [_middle(group) for group in groups if len(group) >= min_markers]
    return sorted(found, key=lambda segment: -segment.n)


def pair_distances(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (n, n) order-free end distances of segments (n, 4): the larger distance of paired ends, for the better pairing."""
    ends = rows.reshape(-1, 2, 2)
    straight = np.hypot(*np.moveaxis(ends[:, None] - ends[None, :], -1, 0)).max(axis=-1)
    crossed = np.hypot(*np.moveaxis(ends[:, None] - ends[None, :, ::-1], -1, 0)).max(axis=-1)
    return np.asarray(np.minimum(straight, crossed))


def _components(linked: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return the component number of each node of a symmetric adjacency matrix."""
    labels = np.full(len(linked), -1, dtype=np.intp)
    for seed in range(len(linked)):
        if labels[seed] >= 0:
            continue
        reached = linked[seed]
        while not np.array_equal(grown := linked[reached].any(axis=0), reached):
            reached = grown
        labels[reached] = labels.max() + 1
    return labels


def _middle(group: NDArray[np.float64]) -> ClusteredSegment:
    """Return the median segment of a group, after turning all marks the way of the most central one."""
    centre = group[pair_distances(group).sum(axis=1).argmin()]
    swapped = group[:, [2, 3, 0, 1]]
    keep = np.abs(group - centre).sum(axis=1) <= np.abs(swapped - centre).sum(axis=1)
    turned = np.where(keep[:, None], group, swapped)
    turned = turned if tuple(centre[:2]) <= tuple(centre[2:]) else turned[:, [2, 3, 0, 1]]
    middle = np.median(turned, axis=0)
    offsets = np.hypot(turned[:, [0, 2]] - middle[[0, 2]], turned[:, [1, 3]] - middle[[1, 3]])
    x1, y1, x2, y2 = (float(value) for value in middle)
    return ClusteredSegment(x1, y1, x2, y2, float(np.median(offsets)), len(group))
