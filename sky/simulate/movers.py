"""What moves: asteroids on their orbits seen from HST, and satellites crossing one member exposure."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sky import trails
from sky.parallax import apparent_track, orbit_through
from sky.simulate.draw import FloatImage, add_trail, profile_integral
from sky.simulate.spec import Asteroid, Satellite, SimulationSpec

Points = NDArray[np.float64]

ASTEROID_WIDTH_PX = 1.65  # FWHM of the PSF and a 0.1" pixel
SAMPLE_S = 30.0


class Mover(NamedTuple):
    """A moving object's path: for each member (number, points (n, 2) px, brightness e-/s of each step), and its magnitude."""

    dashes: list[tuple[int, Points, NDArray[np.float64]]]
    magnitude: float | None


def sky_to_pixel(spec: SimulationSpec, radec_deg: Points) -> Points:
    """Return x, y (0-based pixel centres) of RA, Dec (n, 2) on the visit's grid: tangent plane, north along rows' increase."""
    ra, dec = np.radians(radec_deg).T
    ra0, dec0 = math.radians(spec.ra_deg), math.radians(spec.dec_deg)
    cos_c = math.sin(dec0) * np.sin(dec) + math.cos(dec0) * np.cos(dec) * np.cos(ra - ra0)
    east = np.cos(dec) * np.sin(ra - ra0) / cos_c
    north = (math.cos(dec0) * np.sin(dec) - math.sin(dec0) * np.cos(dec) * np.cos(ra - ra0)) / cos_c
    scale = math.radians(spec.pixel_scale_arcsec / 3600.0)
    middle = (spec.size - 1) / 2
    return np.column_stack([middle - east / scale, middle + north / scale])


def pixel_to_sky(spec: SimulationSpec, x: float, y: float) -> tuple[float, float]:
    """Return RA, Dec in degrees of a pixel: the reverse of `sky_to_pixel`."""
    scale = math.radians(spec.pixel_scale_arcsec / 3600.0)
    middle = (spec.size - 1) / 2
    east, north = (middle - x) * scale, (y - middle) * scale
    ra0, dec0 = math.radians(spec.ra_deg), math.radians(spec.dec_deg)
    down = math.cos(dec0) - north * math.sin(dec0)
    ra = ra0 + math.atan2(east, down)
    dec = math.atan2(math.sin(dec0) + north * math.cos(dec0), math.hypot(east, down))
    return math.degrees(ra) % 360.0, math.degrees(dec)


def asteroid_path(spec: SimulationSpec, asteroid: Asteroid, *, sigma: float, zero_point: float) -> Mover:
    """Return the dashes of one asteroid; its light is steady (but for its spin), so it is faint where it moves fast."""
    middle_mjd = (spec.start_mjd + spec.end_mjd) / 2 if spec.epoch_mjd is None else spec.epoch_mjd
    ra_deg, dec_deg = pixel_to_sky(spec, asteroid.x, asteroid.y)
    orbit = orbit_through(
        ra_deg=ra_deg,
        dec_deg=dec_deg,
        distance_au=asteroid.distance_au,
        mjd=middle_mjd,
        heading_deg=asteroid.heading_deg,
        eccentricity=asteroid.eccentricity,
        radial=asteroid.radial,
    )
    # Light time and HST's own place move the asteroid by a common offset: put it back to the pixel asked for.
    seen = sky_to_pixel(spec, apparent_track(orbit, [middle_mjd], spec.hst))[0]
    shift = np.array([asteroid.x, asteroid.y]) - seen - np.array(spec.offset_px)  # from the visit's grid to this frame's
    steps = max(8, round(spec.exposure_s / SAMPLE_S))
    times = [start + np.linspace(0, spec.exposure_s, steps + 1) / 86400.0 for start in spec.member_starts_mjd]
    track = sky_to_pixel(spec, apparent_track(orbit, np.concatenate(times), spec.hst)) + shift
    paths = np.split(track, spec.members)
    per_length = [1.0 / np.maximum(np.hypot(*np.diff(path, axis=0).T), 0.05) for path in paths]
    median = _median_along(np.concatenate(per_length))
    dashes = [
        (member, path, asteroid.snr * sigma * light / median * _spin(asteroid, when[:-1]))
        for member, (path, light, when) in enumerate(zip(paths, per_length, times, strict=True))
    ]
    # Ridge (e-/s of the whole depth) x profile width x steps' length x depth = electrons in one member.
    across = profile_integral(ASTEROID_WIDTH_PX)
    rate = asteroid.snr * sigma / median * across * steps * spec.members
    return Mover(dashes, zero_point - 2.5 * math.log10(rate))


def _median_along(per_length: NDArray[np.float64]) -> float:
    """Return the brightness that half of the trail's length exceeds; each step is as long as it is faint."""
    order = np.sort(per_length)
    walked = np.cumsum(1.0 / order)
    return float(order[np.searchsorted(walked, walked[-1] / 2)])


def _spin(asteroid: Asteroid, mjd: NDArray[np.float64]) -> NDArray[np.float64]:
    turns = (mjd % 1.0) * 1440.0 / asteroid.spin_period_min
    return np.asarray(1.0 + asteroid.spin * np.sin(2 * np.pi * turns))


def satellite_path(spec: SimulationSpec, satellite: Satellite, *, sigma: float) -> Mover:
    """Return the one straight dash of a satellite, from edge to edge of the frame."""
    angle = math.radians(satellite.angle_deg)
    reach = 1.5 * spec.size * np.array([math.cos(angle), math.sin(angle)])
    centre = np.array([satellite.x, satellite.y])
    ends = trails.clip([centre - reach, centre + reach], width=spec.size + 40, height=spec.size + 40)
    points = trails.resample(ends, 12.0)
    walked = np.linspace(0.0, trails.length(ends), len(points))[:-1]
    light = np.full(len(points) - 1, satellite.snr * sigma)
    if satellite.blink_px:
        light *= 0.55 + 0.45 * np.sin(2 * np.pi * walked / satellite.blink_px)
    return Mover([(min(satellite.member, spec.members - 1), points, light)], None)


def add_mover(image: FloatImage, codes: NDArray[np.uint8], depth: NDArray[np.float32], mover: Mover, width_px: float) -> None:
    """Add a mover to the rate image: each dash only where its member has data, thinned by the depth of the pixel."""
    full = float(depth.max())
    for member, points, light in mover.dashes:
        box = _bounding_box(points, image.shape, margin=8.0 * width_px + 4)
        if box is None:
            continue
        layer = np.zeros((box[0].stop - box[0].start, box[1].stop - box[1].start), dtype=np.float32)
        add_trail(layer, points - np.array([box[1].start, box[0].start]), width_px, brightness=light)
        here = codes[box]
        weight = np.where((np.arange(len(depth)) >> member) & 1, full / np.maximum(depth, 1.0), 0.0).astype(np.float32)
        layer *= weight[here]
        image[box] += layer


def visible_line(mover: Mover, codes: NDArray[np.uint8]) -> Points:
    """Return the mover's line (n, 2) in time order from the first to the last point where its member has data.

    Two equal points stand for a mover that is nowhere seen.
    """
    height, width = codes.shape
    line = np.vstack([points for _, points, _ in mover.dashes])
    member = np.concatenate([np.full(len(points), number) for number, points, _ in mover.dashes])
    cols, rows = np.rint(line).astype(int).T
    inside = (cols >= 0) & (cols < width) & (rows >= 0) & (rows < height)
    here = codes[rows.clip(0, height - 1), cols.clip(0, width - 1)]
    seen = np.flatnonzero(inside & ((here >> member) & 1 == 1))
    return line[seen[0] : seen[-1] + 1] if len(seen) else line[[0, 0]]


def _bounding_box(points: Points, shape: tuple[int, ...], *, margin: float) -> tuple[slice, slice] | None:
    low, high = points.min(axis=0) - margin, points.max(axis=0) + margin
    x0, y0 = max(0, math.floor(low[0])), max(0, math.floor(low[1]))
    x1, y1 = min(shape[1], math.ceil(high[0])), min(shape[0], math.ceil(high[1]))
    return (slice(y0, y1), slice(x0, x1)) if x0 < x1 and y0 < y1 else None
