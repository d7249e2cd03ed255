"""Adds one plausible trail to a small crop, in a few milliseconds: training augmentation.

The asteroid is a quick stand-in for the full orbit model of `sky.parallax`: a steady motion plus
the ellipse that HST's 95-minute orbit draws on the sky, sampled in one to six exposures.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sky import trails
from sky.simulate.draw import FloatImage, add_trail

ASTEROID, SATELLITE = "asteroid", "satellite"
HST_PERIOD_MIN = 95.4
PARALLAX_ARCSEC_AU = 9.5  # radius of HST's orbit seen from one au
MIN_VISIBLE_PX = 12.0
POINT_STEP_MIN = 1.0
TRIES = 20

Points = NDArray[np.float64]


class Injection(NamedTuple):
    """The crop with the trail in it, the trail's middle line inside the crop, and its class."""

    image: FloatImage
    polyline: Points
    klass: str


def inject_trail(
    image_in_sigma: FloatImage,
    rng: np.random.Generator,
    *,
    klass: str | None = None,
    snr: float | None = None,
    pixel_scale_arcsec: float = 0.1,
    p_satellite: float = 0.25,
) -> Injection:
    """Return a copy of a (H, W) crop in sky-sigma units with one simulated trail added.

    ``snr`` is the ridge height in sky sigma of one pixel (drawn log-uniformly when not given:
    0.8-14 for asteroids, 2-60 for satellites). The polyline is (n, 2) x, y in 0-based pixel centres,
    clipped to the crop, in time order; gaps between exposures are inside it. NaN stays NaN.
    """
    kind = klass or (SATELLITE if rng.random() < p_satellite else ASTEROID)
    shape = (image_in_sigma.shape[0], image_in_sigma.shape[1])
    image = image_in_sigma.astype(np.float32, copy=True)
    layer = np.zeros(shape, dtype=np.float32)
    polyline = _draw_satellite(layer, rng, snr) if kind == SATELLITE else _draw_asteroid(layer, rng, snr, pixel_scale_arcsec)
    _add_with_photon_noise(image, layer, rng)
    return Injection(image, polyline, kind)


def _add_with_photon_noise(image: FloatImage, layer: FloatImage, rng: np.random.Generator) -> None:
    """Add the layer and its own photon noise; the sky noise is already in the image."""
    rows, cols = np.nonzero(layer > 1e-3)
    signal = layer[rows, cols]
    sky_sigma_electrons = math.exp(rng.uniform(math.log(4.0), math.log(20.0)))
    noise = rng.standard_normal(len(signal), dtype=np.float32)
    image[rows, cols] += signal + noise * np.sqrt(signal / np.float32(sky_sigma_electrons))


def _draw_asteroid(layer: FloatImage, rng: np.random.Generator, snr: float | None, scale: float) -> Points:
    ridge = snr if snr is not None else math.exp(rng.uniform(math.log(0.8), math.log(14.0)))
    width_px = rng.uniform(1.3, 2.2) * max(0.1 / scale, 1.0) ** 0.7
    for _ in range(TRIES):
        dashes = _asteroid_dashes(rng, scale)
        shift = _placement(np.vstack(dashes), layer.shape, rng)
        dashes = [dash + shift for dash in dashes]
        polyline = _clip(np.vstack(dashes), layer)
        if trails.length(polyline) >= MIN_VISIBLE_PX:
            break
    spin = rng.uniform(0.1, 0.5) if rng.random() < 0.3 else 0.0  # rotation light curve
    phase, period = rng.uniform(0, 2 * np.pi), rng.uniform(6.0, 60.0)
    for number, dash in enumerate(dashes):
        steps = number * 20 + np.arange(len(dash) - 1) * POINT_STEP_MIN
        light = ridge * (1.0 + spin * np.sin(2 * np.pi * steps / period + phase))
        add_trail(layer, dash, width_px, brightness=light)
    return polyline


def _asteroid_dashes(rng: np.random.Generator, scale: float) -> list[Points]:
    """Return the exposures' polylines (px, anywhere) of one asteroid seen from HST."""
    times = _exposure_times_min(rng)
    rate = math.exp(rng.uniform(math.log(0.08), math.log(0.9))) / scale
    amplitude = PARALLAX_ARCSEC_AU / rng.uniform(0.8, 4.0) / scale
    heading, tilt, phase = rng.uniform(0, 2 * np.pi, size=3)
    flattening = rng.uniform(0.2, 1.0)
    dashes = []
    for t in times:
        angle = 2 * np.pi * t / HST_PERIOD_MIN + phase
        u, v = amplitude * np.cos(angle), amplitude * flattening * np.sin(angle)
        x = rate * t * math.cos(heading) + u * math.cos(tilt) - v * math.sin(tilt)
        y = rate * t * math.sin(heading) + u * math.sin(tilt) + v * math.cos(tilt)
        dashes.append(np.column_stack([x, y]))
    return dashes


def _exposure_times_min(rng: np.random.Generator) -> list[NDArray[np.float64]]:
    """Return sample times of 1-6 exposures within at most 45 minutes of visibility."""
    count = int(rng.choice([1, 2, 3, 4, 6], p=[0.3, 0.25, 0.15, 0.25, 0.05]))
    exposure = min(rng.uniform(4.0, 20.0), 42.0 / count)
    gap = rng.uniform(1.0, 4.5)
    times, start = [], 0.0
    for _ in range(count):
        nodes = max(2, round(exposure / POINT_STEP_MIN) + 1)
        times.append(np.linspace(start, start + exposure, nodes))
        start += exposure + gap
    return times


def _placement(points: Points, shape: tuple[int, ...], rng: np.random.Generator) -> Points:
    """Return the shift that puts a random point of the trail at a random place in the crop."""
    height, width = shape[0], shape[1]
    margin = min(16.0, 0.1 * min(height, width))
    anchor = points[rng.integers(len(points))]
    target = np.array([rng.uniform(margin, width - margin), rng.uniform(margin, height - margin)])
    return np.asarray(target - anchor)


def _draw_satellite(layer: FloatImage, rng: np.random.Generator, snr: float | None) -> Points:
    """Draw one straight trail from edge to edge; some are broad (out of focus), some blink."""
    ridge = snr if snr is not None else math.exp(rng.uniform(math.log(2.0), math.log(60.0)))
    height, width = layer.shape
    centre = np.array([rng.uniform(0.1, 0.9) * width, rng.uniform(0.1, 0.9) * height])
    angle = rng.uniform(0, 2 * np.pi)
    reach = math.hypot(height, width) * np.array([math.cos(angle), math.sin(angle)])
    nodes, light = 2, np.array([ridge])
    if rng.random() < 0.15:
        nodes, cycle = 97, rng.uniform(2.0, 20.0)
        light = ridge * (0.55 + 0.45 * np.sin(2 * np.pi * np.arange(96) / cycle))
    points = np.linspace(centre - reach, centre + reach, nodes)
    width_px = math.exp(rng.uniform(math.log(1.5), math.log(9.0)))
    add_trail(layer, points, width_px, brightness=light)
    return _clip(points, layer)[[0, -1]]


def _clip(points: Points, layer: FloatImage) -> Points:
    return trails.clip(points, width=layer.shape[1], height=layer.shape[0])
