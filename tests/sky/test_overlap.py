"""Footprints that share a part of the sky, and maps between images."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sky.overlap import apply_affine, fit_affine, overlap_fraction

SIDE = 100 / 3600  # degrees


def square(ra: float, dec: float, *, side: float = SIDE, turn_deg: float = 0.0) -> list[list[float]]:
    turn = np.radians(turn_deg)
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * side / 2 @ [[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]
    return [[ra + x / np.cos(np.radians(dec + y)), dec + y] for x, y in corners]


@pytest.mark.parametrize(("ra", "dec"), [(150.0, 2.0), (0.0, -60.0), (359.999, 45.0), (10.0, 85.0)])
def test_overlap_of_shifted_squares_is_what_geometry_says(ra: float, dec: float) -> None:
    shift = 0.25 * SIDE

    assert overlap_fraction(square(ra, dec), square(ra, dec)) == pytest.approx(1.0, abs=1e-6)
    assert overlap_fraction(square(ra, dec), square(ra, dec + shift)) == pytest.approx(0.75, abs=2e-3)
    assert overlap_fraction(square(ra, dec), square(ra + shift / np.cos(np.radians(dec)), dec)[::-1]) == pytest.approx(0.75, abs=2e-3)
    assert overlap_fraction(square(ra, dec), square(ra, dec, turn_deg=45)) == pytest.approx(2 * np.sqrt(2) - 2, abs=2e-3)
    assert overlap_fraction(square(ra, dec), square(ra, dec, side=3 * SIDE)) == pytest.approx(1.0, abs=1e-6)
    assert overlap_fraction(square(ra, dec, side=3 * SIDE), square(ra, dec)) == pytest.approx(1 / 9, abs=1e-3)


def test_places_apart_share_nothing() -> None:
    assert overlap_fraction(square(150, 2), square(150, 2 + 1.5 * SIDE)) == 0.0
    assert overlap_fraction(square(150, 2), square(330, -2)) == 0.0


@given(st.lists(st.floats(-2, 2), min_size=4, max_size=4), st.floats(-500, 500), st.floats(-500, 500))
def test_affine_map_is_found_again(matrix: list[float], e: float, f: float) -> None:
    places = np.array([[0.0, 0], [1000, 0], [0, 900], [1000, 900], [400, 300]])

    found, miss = fit_affine(places, apply_affine([*matrix, e, f], places))

    assert miss < 1e-6
    assert np.allclose(found, [*matrix, e, f], atol=1e-6)
