"""Trails from what many people marked, clustered by density: HDBSCAN (Campello, Moulavi & Sander 2013, PAKDD 7819), as the original
asteroid hunt did with end points (Kruk et al. 2022, A&A 661, A85), but over whole marks, so that the two ends of a trail stay together.

The distance of two marks does not know which end came first. A trail needs marks of half the people who marked the frame, two at least.

scikit-learn is loaded at the first call that needs it: about a second and 70 MiB, which a web process need not pay.
"""

from collections.abc import Iterable, Sequence
from math import ceil

import numpy as np
from numpy.typing import NDArray

from classify.crowd.consensus import MarkRow, TrailRow
from classify.crowd.table import Floats
from sky import trails

FEWEST = 2
SHARE = 0.5
TOLERANCE_PX = 20.0
# In tolerances: marks closer than CLOSE are as one, those further apart than REACH have nothing to do with each other.
CLOSE = 0.5
REACH = 2.0


def cluster(marks: Iterable[MarkRow], *, tolerance_px: float = TOLERANCE_PX, share: float = SHARE) -> list[TrailRow]:
    """Return the trails of all frames (in order of frames, most markers first): median ends, scatter, number of distinct people.

    `tolerance_px`: about how far apart two people's ends of one trail lie. Where all marks of a frame agree within it they are one
    trail; marks further than twice this from the middle of their trail are left out of it. `share`: of the people who marked the
    frame, so many must have marked the trail, and two at least. Raises ValueError for a mark that is not finite, a
    tolerance not above 0, a share not in (0, 1].
    """
    if not (tolerance_px > 0 and 0 < share <= 1):
        raise ValueError("tolerance_px: above 0; share: above 0 and at most 1.")
    frames: dict[int, list[MarkRow]] = {}
    for mark in marks:
        frames.setdefault(mark.frame, []).append(mark)
    return [trail for frame in sorted(frames) for trail in _of_frame(frames[frame], tolerance_px, share)]


def _of_frame(rows: Sequence[MarkRow], tolerance_px: float, share: float) -> list[TrailRow]:
    # Sorted, so that the order in which people came changes nothing.
    ordered = sorted(rows, key=lambda row: (row.person, *row[2:]))
    segments = np.array([row[2:] for row in ordered], dtype=np.float64)
    people = np.array([row.person for row in ordered])
    if not np.isfinite(segments).all():
        raise ValueError("marks: not finite.")
    needed = max(FEWEST, ceil(share * len(np.unique(people))))
    middles = [_middle(segments[group]) for group in _groups(trails.pair_distances(segments), needed, tolerance_px)]
    middles = [_middle(segments[group]) for group in _nearest(segments, middles, REACH * tolerance_px) if len(group)]
    found = []
    for members in _nearest(segments, middles, REACH * tolerance_px):
        if (n_markers := len(np.unique(people[members]))) >= needed:
            x1, y1, x2, y2 = middle = _middle(segments[members])
            scatter = float(np.median(_offsets(segments[members], middle)))
            found.append(TrailRow(rows[0].frame, float(x1), float(y1), float(x2), float(y2), scatter, n_markers))
    return sorted(found, key=lambda trail: (-trail.n_markers, trail.scatter_px))


def _groups(distances: Floats, needed: int, tolerance_px: float) -> list[NDArray[np.intp]]:
    """Return the positions of the marks at the heart of each dense group, by HDBSCAN on their distances (n, n)."""
    if len(distances) < needed:
        return []
    if distances.max() <= tolerance_px:
        return [np.arange(len(distances))]
    from sklearn.cluster import HDBSCAN  # heavy, and not needed where people agree

    # Density is 1/distance. It is counted from what joins nothing at all (`REACH`) up to what nothing exceeds (`CLOSE`), so that
    # marks as close as hands are steady never fall apart, and trails apart from each other are not taken for one that is scattered.
    reach, close = REACH * tolerance_px, CLOSE * tolerance_px
    density = np.maximum(1 / np.clip(distances, close, reach) - 1 / reach, 1e-12)
    even = 1 / density
    np.fill_diagonal(even, 0.0)
    # (The library's own `cluster_selection_epsilon` fails on NumPy 2.4: scikit-learn #33219.)
    model = HDBSCAN(metric="precomputed", min_cluster_size=needed, min_samples=FEWEST, allow_single_cluster=True, copy=True)
    labels = model.fit_predict(even)
    return [np.flatnonzero(labels == label) for label in range(labels.max() + 1)]


def _nearest(segments: Floats, middles: Sequence[Floats], reach_px: float) -> list[NDArray[np.intp]]:
    """Return for each middle the positions of the marks that lie nearer to it than to the others, and within reach."""
    if not middles:
        return []
    gaps = np.array([_offsets(segments, middle).max(axis=1) for middle in middles])
    return [np.flatnonzero((gaps.argmin(axis=0) == i) & (gaps[i] <= reach_px)) for i in range(len(middles))]


def _turned(group: Floats, middle: Floats) -> Floats:
    """Return the marks (n, 4), each turned the way of the middle."""
    swapped = group[:, [2, 3, 0, 1]]
    keep = ((group - middle) ** 2).sum(axis=1) <= ((swapped - middle) ** 2).sum(axis=1)
    return np.where(keep[:, None], group, swapped)


def _middle(group: Floats) -> Floats:
    """Return the median ends (4,) of marks in any direction, the left one first."""
    centre = group[trails.pair_distances(group).sum(axis=1).argmin()]
    middle: Floats = np.median(_turned(group, centre), axis=0)
    return middle if tuple(middle[:2]) <= tuple(middle[2:]) else middle[[2, 3, 0, 1]]


def _offsets(group: Floats, middle: Floats) -> Floats:
    """Return the distances of both ends of each mark from the middle's, (n, 2)."""
    turned = _turned(group, middle)
    return np.hypot(turned[:, [0, 2]] - middle[[0, 2]], turned[:, [1, 3]] - middle[[1, 3]])
