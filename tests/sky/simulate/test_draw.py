"""Trails are drawn with the right height, width, light and place."""

import numpy as np
import pytest

from sky.simulate import add_trail, draw_trail


def test_the_ridge_of_a_long_trail_has_the_height_asked_for():
    image = draw_trail((61, 201), [(-50, 30), (250, 30)], 2.5, brightness=7.0)
    assert image.dtype == np.float32
    assert image[30, 20:180] == pytest.approx(7.0, rel=1e-3)


def test_the_width_across_is_the_fwhm_asked_for():
    image = draw_trail((81, 201), [(-50, 40), (250, 40)], 6.0, wings=0.0)
    profile = image[:, 100]
    assert np.interp(0.5, profile[40:60][::-1], np.arange(40, 60)[::-1]) == pytest.approx(43.0, abs=0.02)


@pytest.mark.parametrize("angle", [0.0, 0.3, 0.8, 1.5707, 2.9])
def test_the_light_does_not_depend_on_the_angle_or_the_number_of_nodes(angle):
    step = 60 * np.array([np.cos(angle), np.sin(angle)])
    ends = np.array([128, 128]) + np.array([-step, step])
    one = draw_trail((257, 257), ends, 2.2)
    many = draw_trail((257, 257), np.linspace(ends[0], ends[1], 41), 2.2)
    assert one.sum() == pytest.approx(many.sum(), rel=2e-3)
    assert np.abs(one - many).max() < 5e-3
    middle = (one * np.indices(one.shape)).sum(axis=(1, 2)) / one.sum()
    assert middle == pytest.approx([128, 128], abs=1e-3)


def test_a_dark_segment_is_a_gap():
    image = draw_trail((21, 120), [(10, 10), (40, 10), (80, 10), (110, 10)], 2.0, brightness=[1, 0, 1])
    assert image[10, 60] == 0.0
    assert image[10, 25] == pytest.approx(1.0, abs=0.01)


def test_nothing_is_drawn_outside_the_image():
    image = np.zeros((20, 20), dtype=np.float32)
    add_trail(image, [(100, 100), (200, 200)], 2.0)
    assert not image.any()
    add_trail(image, [(-30, 5), (50, 5)], 2.0)
    assert image[5].min() > 0.9


@pytest.mark.parametrize("points", [[], [(1, 1)], [(1, 2, 3), (4, 5, 6)]])
def test_less_than_a_line_is_refused(points):
    with pytest.raises(ValueError, match="two"):
        draw_trail((10, 10), points, 2.0)
