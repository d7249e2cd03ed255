"""Injected trails lie where the returned line says, as bright as asked."""

import numpy as np
import pytest

from sky import trails
from sky.simulate import inject_trail


@pytest.mark.parametrize("klass", ["asteroid", "satellite"])
@pytest.mark.parametrize("seed", range(6))
def test_the_light_lies_along_the_returned_line(klass, seed):
    rng = np.random.default_rng(seed)
    blank = np.zeros((192, 256), dtype=np.float32)
    image, line, kind = inject_trail(blank, rng, klass=klass, snr=8.0)
    assert kind == klass
    assert not blank.any()
    assert image.shape == blank.shape
    assert image.dtype == np.float32
    assert trails.length(line) >= 12
    assert line.min() >= -0.5
    rows, cols = np.nonzero(image > 5.0)
    assert len(rows) > 5
    assert trails.distance_to(np.column_stack([cols, rows]), line).max() < 8.0


def test_the_same_seed_gives_the_same_trail_and_nan_stays_nan():
    crop = np.zeros((64, 64), dtype=np.float32)
    crop[:10] = np.nan
    one = inject_trail(crop, np.random.default_rng(5))
    two = inject_trail(crop, np.random.default_rng(5))
    assert np.array_equal(one.image, two.image, equal_nan=True)
    assert np.isnan(one.image[:10]).all()
    assert np.isfinite(one.image[10:]).all()


def test_satellites_reach_the_edges():
    rng = np.random.default_rng(0)
    for _ in range(10):
        line = inject_trail(np.zeros((200, 300), np.float32), rng, klass="satellite").polyline
        for x, y in line:
            assert min(abs(x + 0.5), abs(x - 299.5), abs(y + 0.5), abs(y - 199.5)) < 1e-6
