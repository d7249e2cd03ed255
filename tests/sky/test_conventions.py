"""Conversions between pixel conventions undo each other and agree with worked examples."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sky import conventions

place = st.floats(-5000, 5000)


@given(place)
def test_every_conversion_undoes_its_partner(x):
    assert conventions.from_edge(conventions.to_edge(x)) == pytest.approx(x)
    assert conventions.from_fits(conventions.to_fits(x)) == pytest.approx(x)


@given(place, place, st.integers(0, 4000), st.integers(0, 4000), st.sampled_from([1, 2, 3, 4]))
def test_cutout_and_plane_undo_each_other(x, y, x0, y0, factor):
    there = conventions.cutout_to_plane(x, y, x0=x0, y0=y0, bin=factor)
    assert conventions.plane_to_cutout(*there, x0=x0, y0=y0, bin=factor) == pytest.approx((x, y), abs=1e-9)


def test_the_centre_of_a_binned_pixel_is_the_middle_of_its_block():
    assert conventions.cutout_to_plane(0.0, 0.0, x0=100, y0=50, bin=2) == (100.5, 50.5)
    assert conventions.cutout_to_plane(3.0, 4.0, x0=100, y0=50, bin=1) == (103.0, 54.0)


def test_edges_of_cutout_and_box_coincide():
    assert conventions.cutout_to_plane(-0.5, -0.5, x0=100, y0=50, bin=2) == (99.5, 49.5)


def test_the_first_pixel_in_each_convention():
    assert (conventions.to_edge(0.0), conventions.to_fits(0.0)) == (0.5, 1.0)


def test_arrays_go_through_alike():
    x, y = conventions.cutout_to_plane(np.arange(3.0), np.zeros(3), x0=10, y0=20, bin=2)
    assert x.tolist() == [10.5, 12.5, 14.5]
    assert y.tolist() == [20.5, 20.5, 20.5]
