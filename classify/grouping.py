"""Which cutouts show the same box of the sky in one visit, and become the frames of one subject. Pure functions."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sky.overlap import overlap_fraction

MOST_FRAMES = 8
LEAST_OVERLAP = 0.6  # of a cutout's area with the first frame's: dithers shift by a few per cent, another pointing by far more
SCALES_AGREE = 0.05


class Candidate(NamedTuple):
    """A cutout of an exposure; `footprint` is its four corners [[ra, dec], ...] in degrees, None without coordinates."""

    cutout_id: int
    exposure_id: int
    footprint: Sequence[Sequence[float]] | None
    pixel_scale_arcsec: float | None


def group(candidates: Iterable[Candidate]) -> list[list[Candidate]]:
    """Return the cutouts of one visit in groups that show the same box, each in the order of the exposures.

    A group holds at most one cutout of an exposure and at most eight in all; what fits nowhere stands alone. The earlier exposure
    decides the box, and the best overlaps are joined first.
    """
    groups: list[list[Candidate]] = []
    by_exposure: dict[int, list[Candidate]] = {}
    for candidate in sorted(candidates, key=lambda c: (c.exposure_id, c.cutout_id)):
        by_exposure.setdefault(candidate.exposure_id, []).append(candidate)
    for cutouts in by_exposure.values():
        taken = _joined(cutouts, groups)
        groups += [[cutout] for cutout in cutouts if cutout.cutout_id not in taken]
    return groups


def _joined(cutouts: Sequence[Candidate], groups: Sequence[list[Candidate]]) -> set[int]:
    """Put the cutouts of one exposure into the groups they fit best; return the ids of those that found one."""
    pairs: list[tuple[float, int, Any, Any]] = []
    for number, members in enumerate(groups):
        for cutout in cutouts:
            if len(members) < MOST_FRAMES and (share := _shared(cutout, members[0])) >= LEAST_OVERLAP:
                pairs.append((-share, number, cutout, members))
    taken, filled = set[int](), set[int]()
    for _, number, cutout, members in sorted(pairs, key=lambda pair: pair[:2]):
        if cutout.cutout_id not in taken and number not in filled:
            members.append(cutout)
            taken.add(cutout.cutout_id)
            filled.add(number)
    return taken


def _shared(cutout: Candidate, first: Candidate) -> float:
    """Return the share of the area that two cutouts of one scale have in common; the smaller of the two shares counts."""
    if cutout.footprint is None or first.footprint is None or not cutout.pixel_scale_arcsec or not first.pixel_scale_arcsec:
        return 0.0
    if abs(cutout.pixel_scale_arcsec / first.pixel_scale_arcsec - 1) > SCALES_AGREE:
        return 0.0
    return min(overlap_fraction(cutout.footprint, first.footprint), overlap_fraction(first.footprint, cutout.footprint))
