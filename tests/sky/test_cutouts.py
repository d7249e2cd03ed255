"""Cutouts cover the plane, overlap a little, and hold the mean of what they cover."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sky.conventions import cutout_to_plane
from sky.cutouts import Box, cut, plan


@pytest.mark.parametrize(
    ("size", "scale", "grid", "shape"),
    [
        ((2100, 2100), 0.1, (2, 2), (1062, 1062)),
        ((4200, 4200), 0.05, (2, 2), (1062, 1062)),
        ((4096, 2051), 0.0396, (2, 1), (1036, 1025)),
        ((4096, 4102), None, (2, 2), (1036, 1038)),
        ((1014, 1014), 0.128, (1, 1), (1014, 1014)),
        ((543, 543), 0.03, (1, 1), (543, 543)),
        ((2000, 2000), None, (2, 2), (1012, 1012)),
        ((8400, 4200), 0.05, (4, 2), (1062, 1062)),
    ],
)
def test_frames_of_known_cameras_give_cutouts_of_about_1024_px(size, scale, grid, shape):
    boxes = plan(*size, scale)
    assert len(boxes) == grid[0] * grid[1]
    assert (boxes[0].width // boxes[0].bin, boxes[0].height // boxes[0].bin) == shape
    assert [(box.y0, box.x0) for box in boxes] == sorted((box.y0, box.x0) for box in boxes)


def test_a_two_chip_exposure_gives_four_cutouts():
    assert 2 * len(plan(4096, 2048, 0.05)) == 4


def test_native_tiles_are_not_binned():
    boxes = plan(4096, 2051, 0.05, native=True)
    assert {box.bin for box in boxes} == {1}
    assert len(boxes) == 4 * 2


@given(st.integers(64, 9000), st.integers(64, 9000), st.sampled_from([None, 0.03, 0.05, 0.1]), st.booleans(), st.integers(0, 60))
def test_every_pixel_is_covered_and_boxes_lie_inside(width, height, scale, native, overlap):
    boxes = plan(width, height, scale, native=native, overlap=overlap)
    factor = boxes[0].bin
    columns, rows = np.zeros(width, bool), np.zeros(height, bool)
    for box in boxes:
        assert min(box.x0, box.y0) >= 0
        assert box.width % box.bin == box.height % box.bin == 0
        assert box.width // box.bin <= 1600 + overlap
        columns[box.x0 : box.x0 + box.width] = True
        rows[box.y0 : box.y0 + box.height] = True
    assert columns[: width // factor * factor].all()
    assert rows[: height // factor * factor].all()
    assert len(set(boxes)) == len(boxes) == len({box.x0 for box in boxes}) * len({box.y0 for box in boxes})


@given(st.integers(0, 2**32 - 1), st.sampled_from([1, 2, 3]))
@settings(max_examples=25)
def test_a_cutout_pixel_is_the_mean_of_its_block_without_empty_pixels(seed, factor):
    rng = np.random.default_rng(seed)
    plane = rng.normal(size=(40, 50)).astype(np.float32)
    plane[rng.random(plane.shape) < 0.4] = np.nan
    box = Box(5, 3, 8 * factor, 6 * factor, factor)
    small = cut(plane, box)
    assert small.shape == (6, 8)
    assert small.dtype == np.float32
    for y, x in np.ndindex(small.shape):
        block = plane[3 + y * factor : 3 + (y + 1) * factor, 5 + x * factor : 5 + (x + 1) * factor]
        if np.isnan(block).all():
            assert np.isnan(small[y, x])
        else:
            assert small[y, x] == pytest.approx(np.nanmean(block), abs=1e-6)


def test_a_spot_keeps_its_place_through_cutting():
    plane = np.zeros((400, 400), np.float32)
    plane[210:212, 120:122] = 1.0
    box = Box(100, 200, 200, 200, 2)
    y, x = np.unravel_index(cut(plane, box).argmax(), (100, 100))
    assert cutout_to_plane(float(x), float(y), x0=box.x0, y0=box.y0, bin=2) == (120.5, 210.5)


def test_what_cannot_be_cut_is_refused():
    with pytest.raises(ValueError, match="cannot be cut"):
        plan(0, 100, 0.1)
    with pytest.raises(ValueError, match="not lie inside"):
        cut(np.zeros((10, 10), np.float32), Box(5, 5, 10, 10, 1))


def test_cutting_does_not_touch_the_plane():
    plane = np.ones((10, 10), np.float32)
    cut(plane, Box(0, 0, 10, 10, 1))[:] = 5
    cut(plane, Box(0, 0, 10, 10, 2))[:] = 5
    assert (plane == 1).all()
