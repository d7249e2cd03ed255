"""Cutouts of one visit become frames of one subject where they show the same box."""

import itertools

from classify.grouping import MOST_FRAMES, Candidate, group

SIDE = 100 / 3600


def cutout(number: int, exposure: int, *, ra: float = 0.0, dec: float = 0.0, scale: float | None = 0.1) -> Candidate:
    left, right, low, high = ra, ra + SIDE, dec, dec + SIDE
    return Candidate(number, exposure, [[right, high], [left, high], [left, low], [right, low]], scale)


def quadrants(exposure: int, *, shift: float = 0.0) -> list[Candidate]:
    places = itertools.product((0.0, SIDE), (0.0, SIDE))
    return [cutout(10 * exposure + n, exposure, ra=ra + shift, dec=dec + shift) for n, (ra, dec) in enumerate(places)]


def numbers(candidates: list[Candidate]) -> list[list[int]]:
    return [[member.cutout_id for member in found] for found in group(candidates)]


def test_dithered_exposures_join_quadrant_by_quadrant() -> None:
    found = numbers([*quadrants(2, shift=0.05 * SIDE), *quadrants(1), *quadrants(3, shift=-0.08 * SIDE)])

    assert found == [[10, 20, 30], [11, 21, 31], [12, 22, 32], [13, 23, 33]]


def test_another_pointing_another_scale_and_no_coordinates_stand_alone() -> None:
    lost = Candidate(4, 4, None, 0.1)

    assert numbers([cutout(1, 1), cutout(2, 2, dec=0.5 * SIDE), cutout(3, 3, scale=0.2), lost]) == [[1], [2], [3], [4]]


def test_cutouts_of_one_exposure_are_never_joined() -> None:
    assert numbers([cutout(1, 1), cutout(2, 1), cutout(3, 2)]) == [[1, 3], [2]]


def test_a_subject_has_at_most_eight_frames() -> None:
    found = group([cutout(n, n) for n in range(1, MOST_FRAMES + 3)])

    assert [len(members) for members in found] == [MOST_FRAMES, 2]
