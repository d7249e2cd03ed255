"""Puts one trail of known place, length, bend and brightness into a real image, so that it cannot be told from its neighbours.

Images are cutouts in sky sigmas above the sky; fluxes are sums over cutout pixels in the same unit.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sky import trails
from sky.simulate.detector import mix_neighbours
from sky.simulate.draw import FloatImage, add_trail, profile_integral

Points = NDArray[np.float64]

PSF_ARCSEC = 0.13  # FWHM of Hubble's image of a star in visible light with the camera's charge diffusion
SATELLITE_WIDTH_PX = 3.0  # a little out of focus
NODES = 65
EDGE_PX = 16.0  # a trail keeps so far from the edge of the image
MAX_HIDDEN = 0.02  # share of a trail that may lie where there are no data


@dataclass(frozen=True)
class KnownTrail:
    """What is put in. (x, y) is the middle of the line, in 0-based pixel centres; `angle_deg` turns from x towards y.

    `curvature` is the height of the bow over the distance of its ends (0: straight; the sign says to which side). `flux` is the light of
    the whole trail in sky sigmas summed over cutout pixels. `pieces`: dashes with gaps of `gap` of a dash between them.
    """

    x: float
    y: float
    length_px: float
    angle_deg: float
    curvature: float
    flux: float
    width_px: float
    pieces: int = 1
    gap: float = 0.3

    @property
    def points(self) -> Points:
        """Its middle line, (65, 2), ends included."""
        return bent_line(self.x, self.y, length_px=self.length_px, angle_deg=self.angle_deg, curvature=self.curvature)

    @property
    def lit(self) -> NDArray[np.float64]:
        """Share of light, 0 to 1, of each of the line's 64 segments: 0 in a gap."""
        dash = 1.0 / (self.pieces + self.gap * (self.pieces - 1))
        edges = np.linspace(0.0, 1.0, NODES)
        shares = np.zeros(NODES - 1)
        for piece in range(self.pieces):
            start = piece * dash * (1.0 + self.gap)
            inside = np.minimum(edges[1:], start + dash) - np.maximum(edges[:-1], start)
            shares += np.clip(inside * (NODES - 1), 0.0, 1.0)
        return np.minimum(shares, 1.0)

    @property
    def snr(self) -> float:
        """Height of its ridge in sky sigmas of one pixel."""
        return self.flux / (profile_integral(self.width_px) * self.length_px * float(self.lit.mean()))


def bent_line(x: float, y: float, *, length_px: float, angle_deg: float, curvature: float, nodes: int = NODES) -> Points:
    """Return an arc of a circle, (nodes, 2), of this length along it, whose middle lies at (x, y)."""
    half = 2.0 * math.atan(2.0 * curvature)  # half the opening of the arc
    along = np.linspace(-0.5, 0.5, nodes) * length_px
    if abs(half) < 1e-9:
        u, v = along, np.zeros(nodes)
    else:
        radius = length_px / (2.0 * half)
        u, v = radius * np.sin(along / radius), radius * (np.cos(along / radius) - 1.0)
    cos, sin = math.cos(math.radians(angle_deg)), math.sin(math.radians(angle_deg))
    return np.column_stack([x + cos * u - sin * v, y + sin * u + cos * v])


def star_width_px(pixel_scale_arcsec: float | None) -> float:
    """Return the FWHM across a trail on pixels of this scale, the pixel itself included (0.1" if the scale is not known)."""
    return math.hypot(PSF_ARCSEC / (pixel_scale_arcsec or 0.1), 1.0)


def fits_in(image: FloatImage, trail: KnownTrail) -> bool:
    """Say whether the whole trail lies on data, away from the image's edge."""
    height, width = image.shape
    points = trails.resample(trail.points, 1.0)
    low, high = points.min(axis=0), points.max(axis=0)
    if low.min() < EDGE_PX or high[0] > width - 1 - EDGE_PX or high[1] > height - 1 - EDGE_PX:
        return False
    cols, rows = np.rint(points).astype(int).T
    return bool(np.isnan(image[rows, cols]).mean() <= MAX_HIDDEN)


def put_in(image: FloatImage, trail: KnownTrail, *, electrons_per_sigma: float, rng: np.random.Generator) -> FloatImage:
    """Return a copy of a cutout (H, W), in sky sigmas, with the trail and the noise of its light added. NaN stays NaN.

    The sky's noise is in the image already; the light's own is Poisson noise (as normal), spread over neighbours as drizzling does.
    `electrons_per_sigma`: how many electrons of one cutout pixel make one sky sigma.
    """
    layer = np.zeros(image.shape, dtype=np.float32)
    add_trail(layer, trail.points, trail.width_px, brightness=trail.snr * trail.lit)
    noise = mix_neighbours(rng.standard_normal(image.shape, dtype=np.float32))
    layer += noise * np.sqrt(layer / np.float32(electrons_per_sigma))
    return np.asarray(image + layer, dtype=np.float32)
