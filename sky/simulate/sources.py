"""What stands still: stars with diffraction spikes, galaxies, clusters with arcs. Each is drawn into a small box."""

import math

import numpy as np
from numpy.typing import NDArray

from sky.simulate.draw import FloatImage, add_trail

# The PSF at 0.1" per pixel: share of light and width (px) of its round parts; the last one falls off as a power.
CORE_SHARE, CORE_SIGMA = 0.80, 0.62
WING_SHARE, WING_SIGMA = 0.16, 1.7
HALO_SHARE, HALO_RADIUS = 0.04, 4.0
SPIKE_SHARE, SPIKE_SIGMA, SPIKE_SCALE, SPIKE_POWER = 0.020, 0.75, 4.0, 2.1
SPIKE_MIN_FLUX_SIGMA = 2500.0  # fainter stars' spikes drown in the noise
SATURATION_ELECTRONS = 330_000.0  # of a 0.1" pixel in one member exposure
MAX_STAMP_PX = 420


def add_stars(image: FloatImage, rng: np.random.Generator, *, count: int, zero_point: float, sigma: float, roll_deg: float, well_rate: float) -> None:
    """Add ``count`` stars (e-/s); those that overflow ``well_rate`` (e-/s in one pixel) bleed along the detector's columns."""
    height, width = image.shape
    magnitudes = np.maximum(25.5 + np.log10(rng.random(count)) / 0.13, 15.5)
    for magnitude, x, y in zip(magnitudes, rng.uniform(0, width, count), rng.uniform(0, height, count), strict=True):
        flux = 10 ** (-0.4 * (float(magnitude) - zero_point))
        add_star(image, float(x), float(y), flux, sigma=sigma, roll_deg=roll_deg)
        if flux * 0.3 > well_rate:
            _bleed(image, float(x), float(y), flux, well_rate, roll_deg)


def _box(shape: tuple[int, ...], x: float, y: float, radius: float) -> tuple[slice, slice] | None:
    x0, x1 = max(0, math.floor(x - radius)), min(shape[1], math.ceil(x + radius) + 1)
    y0, y1 = max(0, math.floor(y - radius)), min(shape[0], math.ceil(y + radius) + 1)
    return (slice(y0, y1), slice(x0, x1)) if x0 < x1 and y0 < y1 else None


def _offsets(box: tuple[slice, slice], x: float, y: float) -> tuple[FloatImage, FloatImage]:
    """Return dx (1, w) and dy (h, 1) of the box's pixel centres from (x, y)."""
    rows, cols = box
    dx = np.arange(cols.start, cols.stop, dtype=np.float32) - np.float32(x)
    dy = np.arange(rows.start, rows.stop, dtype=np.float32) - np.float32(y)
    return dx[None, :], dy[:, None]


def _gauss(r2: FloatImage, share: float, sigma: float) -> FloatImage:
    return np.asarray(np.float32(share / (2 * math.pi * sigma**2)) * np.exp(r2 * np.float32(-0.5 / sigma**2)))


def add_star(image: FloatImage, x: float, y: float, flux: float, *, sigma: float, roll_deg: float) -> None:
    # The halo falls as r^-3.5; draw it out to where it drowns in a tenth of the noise.
    reach = min(MAX_STAMP_PX, 6.0 + HALO_RADIUS * (flux * HALO_SHARE / (0.1 * sigma * 2 * math.pi * HALO_RADIUS**2)) ** (1 / 3.5))
    spiky = flux > SPIKE_MIN_FLUX_SIGMA * sigma
    box = _box(image.shape, x, y, min(MAX_STAMP_PX, 4 * reach) if spiky else reach)
    if box is None:
        return
    dx, dy = _offsets(box, x, y)
    r2 = dx * dx + dy * dy
    light = _gauss(r2, CORE_SHARE, CORE_SIGMA) + _gauss(r2, WING_SHARE, WING_SIGMA)
    light += np.float32(HALO_SHARE * 0.75 / (math.pi * HALO_RADIUS**2)) * (1 + r2 / np.float32(HALO_RADIUS**2)) ** np.float32(-1.75)
    if spiky:
        light += _spikes(dx, dy, roll_deg + 45.0)
    image[box] += np.float32(flux) * light


def _spikes(dx: FloatImage, dy: FloatImage, angle_deg: float) -> FloatImage:
    """Return the four arms of the diffraction cross (share SPIKE_SHARE of the light in all)."""
    cos, sin = np.float32(math.cos(math.radians(angle_deg))), np.float32(math.sin(math.radians(angle_deg)))
    u, v = np.abs(cos * dx + sin * dy), np.abs(cos * dy - sin * dx)
    norm = SPIKE_SHARE / 4 * (SPIKE_POWER - 1) / (SPIKE_SCALE * SPIKE_SIGMA * math.sqrt(2 * math.pi))
    light = np.zeros(np.broadcast_shapes(dx.shape, dy.shape), dtype=np.float32)
    for along, across in ((u, v), (v, u)):
        near = across < 4 * SPIKE_SIGMA
        arm = (1 + along[near] / np.float32(SPIKE_SCALE)) ** np.float32(-SPIKE_POWER)
        light[near] += np.float32(norm) * arm * np.exp(across[near] ** 2 * np.float32(-0.5 / SPIKE_SIGMA**2))
    return light


def _bleed(image: FloatImage, x: float, y: float, flux: float, well_rate: float, roll_deg: float) -> None:
    """Cap the core at the full well and run the rest of the charge along the column."""
    box = _box(image.shape, x, y, 12.0)
    if box is not None:
        np.minimum(image[box], np.float32(well_rate), out=image[box])
    reach = min(0.2 * image.shape[0], 0.25 * flux / well_rate)
    if reach > 2:
        angle = math.radians(roll_deg + 90.0)
        arm = reach * np.array([math.cos(angle), math.sin(angle)])
        centre = np.array([x, y])
        add_trail(image, [centre - arm, centre + arm], 1.6, brightness=0.8 * well_rate, wings=0.0)


def add_galaxies(image: FloatImage, rng: np.random.Generator, *, count: int, zero_point: float) -> None:
    """Add ``count`` field galaxies (e-/s): disks, spheroids, and one in twelve seen edge-on."""
    height, width = image.shape
    magnitudes = np.clip(26.6 + np.log10(rng.random(count)) / 0.32, 18.0, 26.6)
    radii = np.clip(4.2 * 10 ** (-0.1 * (magnitudes - 22) + rng.normal(0, 0.16, count)), 0.7, 40)
    kinds = rng.random(count)
    for magnitude, radius, kind in zip(magnitudes, radii, kinds, strict=True):
        ratio = rng.uniform(0.08, 0.2) if kind < 0.08 else rng.uniform(0.3, 1.0)
        index = 1.0 if kind < 0.75 else rng.uniform(2.0, 4.0)
        add_sersic(
            image,
            x=float(rng.uniform(0, width)),
            y=float(rng.uniform(0, height)),
            flux=10 ** (-0.4 * (float(magnitude) - zero_point)),
            radius_px=float(radius) * (1.5 if kind < 0.08 else 1.0),
            index=float(index),
            axis_ratio=float(ratio),
            angle=float(rng.uniform(0, math.pi)),
            arms=float(rng.uniform(0.2, 0.6)) if radius > 6 and 0.3 < kind < 0.75 else 0.0,
        )


def add_sersic(
    image: FloatImage,
    *,
    x: float,
    y: float,
    flux: float,
    radius_px: float,
    index: float,
    axis_ratio: float,
    angle: float,
    arms: float = 0.0,
) -> None:
    """Add one Sersic galaxy of total ``flux``, softened by the PSF; ``arms`` (0-1) is the contrast of two spiral arms."""
    box = _box(image.shape, x, y, min(4.5 * radius_px * (1 if index < 1.5 else 1.6) + 3, 320.0))
    if box is None:
        return
    dx, dy = _offsets(box, x, y)
    cos, sin = np.float32(math.cos(angle)), np.float32(math.sin(angle))
    along, across = cos * dx + sin * dy, cos * dy - sin * dx
    # The PSF cannot be narrower than itself: widen the minor axis of thin disks.
    minor = math.hypot(radius_px * axis_ratio, 0.7)
    r2 = (along * along + np.float32((radius_px / minor) ** 2) * across * across + np.float32(0.45)) / np.float32(radius_px**2)
    b = np.float32(2.0 * index - 0.33)
    light = np.exp(-b * (r2 ** np.float32(0.5 / index) - 1.0))
    if arms:
        phase = 2 * np.arctan2(across * np.float32(radius_px / minor), along) + 5.0 * np.log(r2)
        light *= 1 + np.float32(arms) * np.cos(phase)
    # Normalised by the analytic total, so that a galaxy cut by the edge is not too bright.
    total = 2 * math.pi * index * math.exp(float(b)) * float(b) ** (-2 * index) * math.gamma(2 * index) * radius_px * minor
    image[box] += np.float32(flux / total) * light


def add_cluster(image: FloatImage, rng: np.random.Generator, *, zero_point: float, x: float, y: float) -> None:
    """Add a cluster of galaxies: a central giant with its halo, and some thirty ellipticals around it."""
    add_sersic(image, x=x, y=y, flux=10 ** (-0.4 * (18.2 - zero_point)), radius_px=55, index=2.5, axis_ratio=0.75, angle=float(rng.uniform(0, 3)))
    for _ in range(30):
        add_sersic(
            image,
            x=x + float(rng.normal(0, 170)),
            y=y + float(rng.normal(0, 170)),
            flux=10 ** (-0.4 * (float(rng.uniform(20.0, 24.0)) - zero_point)),
            radius_px=float(rng.uniform(2.5, 8)),
            index=float(rng.uniform(2.5, 4)),
            axis_ratio=float(rng.uniform(0.5, 1)),
            angle=float(rng.uniform(0, math.pi)),
        )


def add_arc(image: FloatImage, rng: np.random.Generator, *, x: float, y: float, radius_px: float, peak: float) -> NDArray[np.float64]:
    """Add a gravitational arc around (x, y), faint towards its ends and lumpy; return its middle line (n, 2)."""
    opening = rng.uniform(0.35, 1.4)
    angles = rng.uniform(0, 2 * math.pi) + np.linspace(-opening / 2, opening / 2, 25)
    stretch = radius_px * (1 + rng.uniform(-0.15, 0.15) * np.linspace(-1, 1, 25))
    points = np.column_stack([x + stretch * np.cos(angles), y + stretch * np.sin(angles)])
    taper = np.sin(np.linspace(0.12, math.pi - 0.12, 24)) ** 0.7
    lumps = 1 + 0.35 * np.sin(np.linspace(0, rng.uniform(4, 14), 24) + rng.uniform(0, 6))
    add_trail(image, points, rng.uniform(2.6, 5.0), brightness=peak * taper * lumps, wings=0.0)
    return points
