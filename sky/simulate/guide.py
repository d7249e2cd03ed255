"""Draws the pictures of the field guide and the tutorials: small scenes with one thing each, the same whenever they are drawn.

Every scene is made of the parts that simulated exposures are made of (stars, galaxies, trails, noise), at 0.1" per pixel.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sky import stretch
from sky.simulate import detector, oddities, sources
from sky.simulate.draw import FloatImage, add_trail
from sky.simulate.known import bent_line

Grey = NDArray[np.uint8]
Points = NDArray[np.float64]

SIZE = 240  # px: 24 seconds of arc
ZERO_POINT, SKY_RATE, EXPOSURE_S = 26.49, 0.5, 500.0  # of F606W
MEMBERS = 4
WIDTH_PX = 1.65  # of a star's trail
PEOPLE, MACHINE, CASING = (255, 184, 56), (69, 211, 245), (0, 0, 0)  # as on the site


@dataclass
class Canvas:
    """One scene while it is drawn: rates in e-/s, and which member exposures have data where."""

    rng: np.random.Generator
    members: int = MEMBERS
    image: FloatImage = field(default_factory=lambda: np.zeros((SIZE, SIZE), np.float32))
    rays: int = 8
    lines: list[tuple[Points, tuple[int, int, int], bool]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.codes = np.full(self.image.shape, 2**self.members - 1, np.uint8)

    @property
    def sigma(self) -> float:
        """Noise of the empty sky."""
        return float(detector.sky_sigma(self.members * EXPOSURE_S, sky_rate=SKY_RATE, exposure_s=EXPOSURE_S))

    def trail(self, points: Points, snr: float, *, width: float = WIDTH_PX, lit: slice | list[slice] = slice(None)) -> None:
        """Add a trail whose ridge is `snr` sky sigmas high, only where it is lit."""
        light = np.zeros(len(points) - 1)
        for piece in lit if isinstance(lit, list) else [lit]:
            light[piece] = snr * self.sigma
        add_trail(self.image, points, width, brightness=light)

    def star(self, x: float, y: float, magnitude: float, roll_deg: float = 8.0) -> None:
        sources.add_star(self.image, x, y, self.flux(magnitude), sigma=self.sigma, roll_deg=roll_deg)

    def flux(self, magnitude: float) -> float:
        """Light of something of this AB magnitude in e-/s."""
        return float(10 ** (-0.4 * (magnitude - ZERO_POINT)))

    def galaxy(self, x: float, y: float, magnitude: float, radius: float, ratio: float = 0.7, angle: float = 0.6, index: float = 1.0) -> None:
        flux = self.flux(magnitude)
        sources.add_sersic(self.image, x=x, y=y, flux=flux, radius_px=radius, index=index, axis_ratio=ratio, angle=angle)

    def develop(self) -> Grey:
        """Return the picture as the site's preview shows it."""
        detector.add_noise(self.image, self.codes, self.rng, members=self.members, exposure_s=EXPOSURE_S, sky_rate=SKY_RATE)
        detector.add_cosmic_rays(self.image, self.codes, self.rng, count=self.rays, members=self.members, exposure_s=EXPOSURE_S)
        self.image[self.codes == 0] = np.nan
        return stretch.preview_u8(self.image, stretch.Sky(0.0, self.sigma))


def field_of(seed: int, *, members: int = MEMBERS, galaxies: int = 9, stars: int = 3, rays: int = 8) -> Canvas:
    """Return a canvas with a few faint galaxies and stars, on which something is to be drawn."""
    canvas = Canvas(np.random.default_rng([seed, SIZE]), members=members, rays=rays)
    sources.add_galaxies(canvas.image, canvas.rng, count=galaxies, zero_point=ZERO_POINT)
    for _ in range(stars):
        x, y = canvas.rng.uniform(10, SIZE - 10, 2)
        canvas.star(float(x), float(y), float(canvas.rng.uniform(21, 24)))
    return canvas


def line(x: float, y: float, length: float, angle: float, curvature: float = 0.0) -> Points:
    """Return a bent line in 64 steps."""
    return bent_line(x, y, length_px=length, angle_deg=angle, curvature=curvature)


def waved(x: float, y: float, length: float, angle: float, height: float) -> Points:
    """Return a line that swings to one side and then to the other, in 64 steps."""
    t = np.linspace(-0.5, 0.5, 65)
    u, v = t * length, height * np.sin(2 * np.pi * t)
    cos, sin = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    return np.column_stack([x + cos * u - sin * v, y + sin * u + cos * v])


# --- the scenes ----------------------------------------------------------------------------------


def straight_trail() -> Grey:
    canvas = field_of(52)
    canvas.trail(line(118, 122, 128, -28), 9.0)
    return canvas.develop()


def curved_trail() -> Grey:
    canvas = field_of(2)
    canvas.trail(line(122, 118, 156, 24, 0.12), 9.0)
    return canvas.develop()


def s_trail() -> Grey:
    canvas = field_of(33)
    canvas.trail(waved(120, 120, 160, -35, 22), 9.0)
    return canvas.develop()


def interrupted_trail() -> Grey:
    canvas = field_of(4)
    canvas.trail(line(120, 122, 178, 18, 0.07), 9.0, lit=[slice(0, 14), slice(17, 31), slice(34, 48), slice(51, 64)])
    return canvas.develop()


def trail_in_pieces() -> Grey:
    canvas = field_of(45)
    points = line(120, 120, 200, -40, -0.08)
    canvas.trail(points, 12.0, lit=slice(0, 15))
    canvas.trail(points, 7.0, lit=slice(30, 40))
    canvas.trail(points, 9.5, lit=slice(50, 64))
    return canvas.develop()


def satellite_trail() -> Grey:
    canvas = field_of(36)
    canvas.trail(line(120, 126, 400, 33), 16.0, width=4.5)
    return canvas.develop()


def cosmic_rays() -> Grey:
    """Twice as large as the others: single pixels are what gives them away."""
    canvas = field_of(38, members=1, rays=260)
    return canvas.develop()[60:180, 60:180].repeat(2, axis=0).repeat(2, axis=1)


def spikes() -> Grey:
    canvas = field_of(8)
    canvas.star(96, 132, 13.2)
    return canvas.develop()


def edge_on_galaxy() -> Grey:
    canvas = field_of(9)
    canvas.galaxy(122, 118, 18.6, 26, ratio=0.07, angle=0.5)
    canvas.galaxy(122, 118, 20.2, 3, ratio=0.8, index=2.5)
    return canvas.develop()


def jet() -> Grey:
    canvas = field_of(10)
    canvas.galaxy(78, 152, 17.6, 12, ratio=0.85, index=3.0)
    oddities.add_jet(canvas.image, canvas.rng, x=78, y=152, length_px=120, angle_deg=-32, peak=9 * canvas.sigma)
    return canvas.develop()


def arc() -> Grey:
    canvas = field_of(41)
    for x, y, magnitude in ((118, 128, 19.0), (146, 148, 21.4), (92, 116, 21.8), (140, 108, 22.2)):
        canvas.galaxy(x, y, magnitude, 6 if magnitude < 20 else 3, ratio=0.8, index=2.5)
    angles = np.linspace(-2.7, -1.0, 33)
    taper = np.sin(np.linspace(0.12, np.pi - 0.12, 32)) ** 0.7 * 14 * canvas.sigma
    add_trail(canvas.image, np.column_stack([118 + 62 * np.cos(angles), 128 + 62 * np.sin(angles)]), 4.2, brightness=taper, wings=0.0)
    return canvas.develop()


def ghost() -> Grey:
    canvas = field_of(12)
    canvas.star(40, 196, 14.5)
    for x, y, radius in ((118, 126, 40), (176, 78, 26)):
        oddities.add_ghost(canvas.image, x=x, y=y, radius_px=radius, hole=0.36, height=2.6 * canvas.sigma)
    return canvas.develop()


def chip_edge() -> Grey:
    canvas = field_of(13, rays=60)
    y, x = np.mgrid[:SIZE, :SIZE]
    across = y - 0.12 * x
    canvas.codes[across > 96] = 0b0011
    canvas.codes[across > 128] = 0b0001
    canvas.codes[across > 160] = 0
    return canvas.develop()


def mark_ends() -> Grey:
    canvas = field_of(14)
    points = line(120, 124, 140, -20, 0.09)
    canvas.trail(points, 10.0)
    canvas.lines.append((points[[0, -1]], PEOPLE, False))
    return oddities.draw_lines(canvas.develop(), canvas.lines)


def satellite_ends() -> Grey:
    canvas = field_of(15)
    points = line(120, 118, 400, -24)
    canvas.trail(points, 14.0, width=3.5)
    at = points[(points.min(axis=1) > 6) & (points.max(axis=1) < SIZE - 7)]
    canvas.lines.append((at[[0, -1]], PEOPLE, False))
    return oddities.draw_lines(canvas.develop(), canvas.lines)


def suggested() -> Grey:
    canvas = field_of(16)
    points = line(124, 116, 130, 40, -0.06)
    canvas.trail(points, 8.0)
    canvas.lines.append((points, MACHINE, True))
    return oddities.draw_lines(canvas.develop(), canvas.lines)


def faint() -> Grey:
    """The same sky twice: as it comes, and with more contrast."""
    canvas = field_of(17, stars=2, rays=4)
    canvas.trail(line(60, 122, 130, 64, 0.07), 2.6)
    plain = canvas.develop()[:, : SIZE // 2]
    part = canvas.image[:, : SIZE // 2] / canvas.sigma
    smooth = sum(np.roll(part, (dy, dx), (0, 1)) for dy in (-1, 0, 1) for dx in (-1, 0, 1)) / 9
    strong = np.clip(70 + 105 * np.arcsinh(smooth * 1.1), 1, 255).astype(np.uint8)
    return np.hstack([plain[:, :-1], np.zeros((SIZE, 2), np.uint8), strong[:, 1:]])


def look_alikes() -> Grey:
    """Four things that are none, in quarters."""
    half = SIZE // 2
    parts = [grey[60 : 60 + half, 60 : 60 + half] for grey in (satellite_trail(), cosmic_rays(), spikes(), arc())]
    sheet = np.vstack([np.hstack(parts[:2]), np.hstack(parts[2:])])
    sheet[half - 1 : half + 1] = 0
    sheet[:, half - 1 : half + 1] = 0
    return sheet


SCENES: dict[str, Callable[[], Grey]] = {
    "asteroid-trail": straight_trail,
    "asteroid-curved": curved_trail,
    "asteroid-s-shaped": s_trail,
    "asteroid-interrupted": interrupted_trail,
    "asteroid-pieces": trail_in_pieces,
    "satellite-trail": satellite_trail,
    "cosmic-ray": cosmic_rays,
    "diffraction-spike": spikes,
    "edge-on-galaxy": edge_on_galaxy,
    "galaxy-jet": jet,
    "gravitational-arc": arc,
    "ghost": ghost,
    "chip-edge": chip_edge,
    "mark-ends": mark_ends,
    "satellite-ends": satellite_ends,
    "suggested": suggested,
    "faint": faint,
    "look-alikes": look_alikes,
}
