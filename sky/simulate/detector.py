"""What the camera adds: where each member exposure has data, noise, and cosmic rays."""

import math

import numpy as np
from numpy.typing import NDArray

from sky.simulate.draw import FloatImage

Codes = NDArray[np.uint8]

FOOTPRINT = 0.962  # side of the detector over side of the frame: 202" of 210"
CHIP_GAP_PX = 25.0  # 2.5"
READ_NOISE_E = 9.0  # of a 0.1" pixel (four native ones) in one read-out
CORRELATION = 0.18  # share of a neighbour's noise that resampling mixes in


def coverage(size: int, *, members: int, roll_deg: float, dither_px: float) -> Codes:
    """Return (size, size) bit codes: bit k says that member k has data at the pixel (two chips with a gap between)."""
    axis = np.arange(size, dtype=np.float32) - np.float32((size - 1) / 2)
    cos, sin = np.float32(math.cos(math.radians(roll_deg))), np.float32(math.sin(math.radians(roll_deg)))
    u = cos * axis[None, :] + sin * axis[:, None]
    v = np.abs(cos * axis[:, None] - sin * axis[None, :]) if dither_px == 0 else cos * axis[:, None] - sin * axis[None, :]
    half = np.float32(FOOTPRINT * size / 2)
    gap = np.float32(CHIP_GAP_PX / 2 * min(1.0, size / 1000))
    codes = np.zeros((size, size), dtype=np.uint8)
    for member in range(members):
        shift = np.float32(dither_px * (member - (members - 1) / 2) * size / 2100)
        off = np.abs(v - shift)
        inside = (off < half) & (off > gap)
        inside &= np.abs(u - shift * np.float32(0.4)) < half
        codes |= inside.astype(np.uint8) << np.uint8(member)
    return codes


def depths_s(members: int, exposure_s: float) -> NDArray[np.float32]:
    """Return the total exposure time for each bit code, shape (2^members,)."""
    counts = [code.bit_count() for code in range(2**members)]
    return np.array(counts, dtype=np.float32) * np.float32(exposure_s)


def sky_sigma(depth_s: NDArray[np.float32] | float, *, sky_rate: float, exposure_s: float) -> NDArray[np.float32]:
    """Return the noise of the empty sky in e-/s for total exposure times of members of ``exposure_s`` each."""
    depth = np.maximum(np.asarray(depth_s, dtype=np.float32), np.float32(1e-6))
    reads = depth / np.float32(exposure_s)
    return np.asarray(np.sqrt(np.float32(sky_rate) * depth + reads * np.float32(READ_NOISE_E**2)) / depth, dtype=np.float32)


def add_noise(image: FloatImage, codes: Codes, rng: np.random.Generator, *, members: int, exposure_s: float, sky_rate: float) -> None:
    """Add sky, read and source noise (normal approximation, slightly correlated as after drizzling) in place."""
    depth = depths_s(members, exposure_s)
    floor = sky_sigma(depth, sky_rate=sky_rate, exposure_s=exposure_s) ** 2
    mixed = mix_neighbours(rng.standard_normal(image.shape, dtype=np.float32))
    variance = np.maximum(image, 0)
    variance *= (1 / np.maximum(depth, 1))[codes]
    variance += floor[codes]
    mixed *= np.sqrt(variance, out=variance)
    image += mixed


def mix_neighbours(noise: FloatImage) -> FloatImage:
    """Return noise (H, W) of the same height in which neighbours share a part, as resampling leaves it."""
    mix, keep = np.float32(CORRELATION), np.float32(math.sqrt(1 - 2 * CORRELATION**2))
    mixed = keep * noise
    mixed[:, 1:] += mix * noise[:, :-1]
    mixed[1:] += mix * noise[:-1]
    return np.asarray(mixed, dtype=np.float32)


def add_cosmic_rays(
    image: FloatImage, codes: Codes, rng: np.random.Generator, *, count: int, members: int, exposure_s: float
) -> list[NDArray[np.float64]]:
    """Add ``count`` cosmic rays (sharp: no PSF), mostly where few members overlap; return those of 25 px and more as lines."""
    height, width = image.shape
    depth = depths_s(members, exposure_s)[codes]
    x, y = rng.uniform(0, width - 1, 4 * count), rng.uniform(0, height - 1, 4 * count)
    overlap = depth[y.astype(int), x.astype(int)] / np.float32(exposure_s)
    # Combining members rejects cosmic rays; with one or two there is little to compare with.
    kept = np.flatnonzero(rng.random(4 * count) < 1.0 / np.maximum(overlap, 1) ** 2 * (overlap > 0))[:count]
    x, y, angle = x[kept], y[kept], rng.uniform(0, 2 * np.pi, len(kept))
    length = np.minimum(rng.pareto(2.0, len(kept)) * 1.2 + rng.uniform(0, 1, len(kept)), 90.0)
    electrons = np.exp(rng.normal(math.log(900.0), 0.8, len(kept)))
    _deposit(image, x, y, length, angle, electrons / depth[y.astype(int), x.astype(int)])
    long = np.flatnonzero(length >= 25.0)
    step = length * np.stack([np.cos(angle), np.sin(angle)])
    return [np.array([[x[i], y[i]], [x[i] + step[0, i], y[i] + step[1, i]]]) for i in long]


def _deposit(
    image: FloatImage,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    length: NDArray[np.float64],
    angle: NDArray[np.float64],
    rate: NDArray[np.floating],
) -> None:
    """Lay each ray's charge along its path, two samples for each pixel, on the nearest pixels."""
    height, width = image.shape
    samples = np.maximum(1, np.ceil(2 * length)).astype(int)
    owner = np.repeat(np.arange(len(x)), samples)
    first = np.repeat(np.cumsum(samples) - samples, samples)
    along = (np.arange(len(owner)) - first) / 2.0
    cols = np.rint(x[owner] + along * np.cos(angle[owner])).astype(int)
    rows = np.rint(y[owner] + along * np.sin(angle[owner])).astype(int)
    inside = (cols >= 0) & (cols < width) & (rows >= 0) & (rows < height)
    share = rate[owner] * np.where(samples[owner] > 1, 0.5, 1.0)
    np.add.at(image, (rows[inside], cols[inside]), share[inside].astype(np.float32))
