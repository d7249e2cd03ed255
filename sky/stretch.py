"""From numbers to pictures: sky statistics, the 8-bit preview and the 16-bit image.

Preview, version 1. With s = (value - sky level) / sky sigma, clipped to -2 ... +60,
    grey = 255 * asinh((s + 2) / 2) / asinh(62 / 2)
so that the sky lies at grey 54, its noise is nearly linear, and a trail at +3 sigma stands at grey 102. No data
is black (0); data are 1 or more. 16-bit image: code = round(8 s) + 800, so one step is sigma / 8
from 99.9 sigma below the sky to 8,091 above; 0 means no data, 1 and 65535 also hold all that lies beyond.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FloatImage = NDArray[np.float32]

STRETCH_VERSION = 1
BLACK_SIGMA, WHITE_SIGMA, SOFTENING_SIGMA = -2.0, 60.0, 2.0

STEPS_PER_SIGMA = 8
CODE_OF_SKY = 800
NO_DATA = 0

SAMPLES = 60_000
DITHER_VARIANCE = 1 / 12
CLIP_ROUNDS, CLIP_SIGMA = 3, 3.0
MAD_TO_SIGMA = 1.4826
CLIPPED_MAD = 1.0032  # clipping a normal distribution at 3 sigma takes 0.3 % off its MAD


class Sky(NamedTuple):
    """Level and noise of the empty sky, in the image's own unit."""

    level: float
    sigma: float


def measure_sky(a: NDArray[np.floating]) -> Sky:
    """Return the sky level (median) and noise (scaled MAD) of an image (H, W).

    Uses about 60,000 pixels on a regular grid, clipped at 3 sigma three times; NaN, infinity and exact zeros (the
    border of drizzled images) do not count. An image without data gives Sky(0, 1); a constant one a
    sigma of 1, so dividing by sigma is always safe.
    """
    sample = _sample(a)
    sample = sample[np.isfinite(sample) & (sample != 0)]
    if len(sample) == 0:
        return Sky(0.0, 1.0)
    whole = bool(np.array_equal(sample, np.rint(sample)) and np.ptp(sample) > 0)
    if whole:
        sample += _dither(len(sample))
    level, sigma = _median_and_mad(sample)
    for _ in range(CLIP_ROUNDS):
        sample = sample[np.abs(sample - level) <= CLIP_SIGMA * sigma]
        if sigma == 0.0 or len(sample) == 0:
            break
        level, sigma = _median_and_mad(sample)
    sigma *= CLIPPED_MAD
    if whole:
        sigma = float(np.sqrt(max(sigma**2 - DITHER_VARIANCE, DITHER_VARIANCE)))
    return Sky(level, sigma if sigma > 1e-12 * max(1.0, abs(level)) else 1.0)


def _sample(a: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return pixels on a grid whose columns shift from row to row, so that no detector column decides."""
    stride = max(1, int(np.sqrt(a.size / SAMPLES)))
    rows = range(0, a.shape[0], stride)
    picked = [a[row, (7 * number) % stride :: stride] for number, row in enumerate(rows)]
    return np.concatenate(picked).astype(np.float64) if picked else np.empty(0)


def _dither(count: int) -> NDArray[np.float64]:
    """Return an even spread over one step of whole-numbered data, whose bare median and MAD would move in steps."""
    return np.asarray((np.arange(count) * 0.6180339887) % 1.0 - 0.5)


def _median_and_mad(sample: NDArray[np.float64]) -> tuple[float, float]:
    level = float(np.median(sample))
    return level, MAD_TO_SIGMA * float(np.median(np.abs(sample - level)))


def preview_u8(a: NDArray[np.floating], sky: Sky, version: int = STRETCH_VERSION) -> NDArray[np.uint8]:
    """Return the 8-bit preview (H, W) of an image; ValueError for an unknown stretch version."""
    if version != STRETCH_VERSION:
        raise ValueError(f"There is no stretch version {version}; known: {STRETCH_VERSION}.")
    return np.take(_LUT, _codes(a, sky), mode="clip")


def encode_u16(a: NDArray[np.floating], sky: Sky) -> NDArray[np.uint16]:
    """Return the image (H, W) in steps of sky sigma / 8 above the sky, 0 where there are no data."""
    return _codes(a, sky)


def decode_u16(u16: NDArray[np.uint16]) -> FloatImage:
    """Return float32 (H, W) in sky sigmas above the sky, NaN where there are no data."""
    values = (u16.astype(np.float32) - CODE_OF_SKY) / np.float32(STEPS_PER_SIGMA)
    values[u16 == NO_DATA] = np.nan
    return values


def _codes(a: NDArray[np.floating], sky: Sky) -> NDArray[np.uint16]:
    """Return 16-bit codes; two passes over float32, no float64 copy of the image."""
    step = sky.sigma / STEPS_PER_SIGMA
    scaled = np.multiply(a, np.float32(1.0 / step), dtype=np.float32)
    scaled += np.float32(CODE_OF_SKY + 0.5 - sky.level / step)
    np.clip(scaled, 1.0, 65535.0, out=scaled)
    np.copyto(scaled, NO_DATA, where=np.isnan(scaled))  # half the time of nan_to_num, which also looks for infinities
    return np.asarray(scaled.astype(np.uint16))


def _make_lut() -> NDArray[np.uint8]:
    """Return grey by 16-bit code, up to the first code that is white."""
    codes = np.arange(CODE_OF_SKY + int(WHITE_SIGMA * STEPS_PER_SIGMA) + 1)
    above_black = ((codes - CODE_OF_SKY) / STEPS_PER_SIGMA).clip(BLACK_SIGMA, WHITE_SIGMA) - BLACK_SIGMA
    span = WHITE_SIGMA - BLACK_SIGMA
    grey = np.arcsinh(above_black / SOFTENING_SIGMA) / np.arcsinh(span / SOFTENING_SIGMA)
    lut: NDArray[np.uint8] = np.maximum(np.rint(255 * grey), 1).astype(np.uint8)
    lut[NO_DATA] = 0
    return lut


_LUT = _make_lut()
