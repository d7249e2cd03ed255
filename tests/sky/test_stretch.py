"""The sky is measured through sources and borders; the 16-bit image keeps a sigma/8; the preview is as documented."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sky.stretch import STRETCH_VERSION, Sky, decode_u16, encode_u16, measure_sky, preview_u8


@pytest.mark.parametrize(("level", "sigma"), [(0.0, 1.0), (0.02, 0.0015), (5000.0, 40.0), (-3.0, 0.2)])
def test_the_sky_is_found_under_sources_and_empty_borders(level, sigma):
    rng = np.random.default_rng(3)
    image = rng.normal(level, sigma, (700, 800)).astype(np.float32)
    image[rng.random(image.shape) < 0.03] += 80 * sigma
    image[:100] = 0.0
    image[:, :50] = np.nan
    sky = measure_sky(image)
    assert sky.level == pytest.approx(level, abs=0.08 * sigma)
    assert sky.sigma == pytest.approx(sigma, rel=0.05)


def test_whole_numbers_do_not_make_the_noise_jump():
    rng = np.random.default_rng(4)
    for sigma in (1.2, 1.7, 2.6):
        image = np.rint(rng.normal(60, sigma, (600, 600))).astype(np.float32)
        assert measure_sky(image).sigma == pytest.approx(image.std(), rel=0.05)


@pytest.mark.parametrize("fill", [np.nan, 0.0, 7.0])
def test_an_image_without_noise_never_divides_by_zero(fill):
    sky = measure_sky(np.full((50, 60), fill, np.float32))
    assert sky.sigma == 1.0
    assert sky.level == (7.0 if fill == 7.0 else 0.0)


@given(st.floats(-90, 8000), st.floats(-100, 1e4), st.floats(1e-4, 1e3))
@settings(max_examples=60)
def test_sixteen_bits_keep_every_value_to_a_sixteenth_of_sigma(sigmas, level, sigma):
    if abs(level) > 1e5 * sigma:
        level = 0.0
    image = np.array([[level + sigmas * sigma, np.nan]], np.float64)
    back = decode_u16(encode_u16(image, Sky(level, sigma)))
    assert back[0, 0] == pytest.approx(sigmas, abs=0.0626 + 1e-5 * abs(level) / sigma + 1e-5 * abs(sigmas))
    assert np.isnan(back[0, 1])


def test_codes_are_as_documented():
    codes = encode_u16(np.array([[0.0, 1.0, -1.0, 1e9, -1e9, np.nan]]), Sky(0.0, 1.0))
    assert codes.tolist() == [[800, 808, 792, 65535, 1, 0]]
    assert codes.dtype == np.uint16
    assert encode_u16(decode_u16(codes[:, :3]), Sky(0.0, 1.0)).tolist() == [[800, 808, 792]]


def test_the_preview_is_as_documented():
    image = np.array([[-5.0, -2.0, 0.0, 3.0, 60.0, 1e6, np.nan]])
    assert preview_u8(image, Sky(0.0, 1.0)).tolist() == [[1, 1, 54, 102, 255, 255, 0]]
    shifted = preview_u8(image * 0.01 + 7.0, Sky(7.0, 0.01))
    assert shifted.tolist() == [[1, 1, 54, 102, 255, 255, 0]]


def test_the_preview_never_gets_darker_with_more_light():
    ramp = preview_u8(np.linspace(-5, 100, 5000)[None], Sky(0.0, 1.0))[0].astype(int)
    assert (np.diff(ramp) >= 0).all()


def test_an_unknown_stretch_is_refused():
    with pytest.raises(ValueError, match="stretch version 99"):
        preview_u8(np.zeros((2, 2)), Sky(0.0, 1.0), version=99)
    assert STRETCH_VERSION == 1
