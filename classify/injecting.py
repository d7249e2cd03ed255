"""Trails to be drawn into real images: how they are chosen and where they are put. Pure functions; sky tools are loaded when first used."""

import hashlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sky.simulate.known import KnownTrail

ASTEROID, SATELLITE = "asteroid", "satellite"
KINDS = (ASTEROID, SATELLITE)
TRIES = 80  # places that are tried in one image
DARK_SIGMA = 2.0  # the sky along a trail: on a bright galaxy nobody could see it
LONGEST = 0.6  # of the image's shorter side
BENT = 0.03  # a bow this high over its chord is seen as one
SATELLITE_PX = 3.0  # width of a satellite's trail: close by, it is a little out of focus
UNKNOWN_DEPTH = 10.0  # electrons of one sky sigma, where the exposure says nothing


@dataclass(frozen=True)
class Recipe:
    """What trails shall be like. Ranges are (lowest, highest), drawn evenly in the logarithm; magnitudes evenly.

    `snr`: height of the ridge in sky sigmas of one pixel, used where `magnitude` is not given or the exposure has no photometry.
    """

    kind: str = ASTEROID
    snr: tuple[float, float] = (1.2, 8.0)
    magnitude: tuple[float, float] | None = None
    length_arcsec: tuple[float, float] = (4.0, 30.0)
    curvature: float = 0.16
    seed: int = 1


@dataclass(frozen=True)
class Photometry:
    """What pixels of a cutout mean. `flux_of_zero_mag`: light of AB magnitude 0 in sky sigmas summed over cutout pixels, None if unknown."""

    pixel_scale_arcsec: float
    electrons_per_sigma: float
    flux_of_zero_mag: float | None

    def flux(self, magnitude: float) -> float:
        """Return the light of an AB magnitude in sky sigmas summed over cutout pixels. Raises ValueError without photometry."""
        if self.flux_of_zero_mag is None:
            raise ValueError("The exposure has no photometry.")
        return float(self.flux_of_zero_mag * 10 ** (-0.4 * magnitude))

    def magnitude(self, flux: float) -> float | None:
        """The reverse; None without photometry."""
        return None if self.flux_of_zero_mag is None or flux <= 0 else -2.5 * math.log10(flux / self.flux_of_zero_mag)


def photometry_of(cutout: Any) -> Photometry:
    """Return what the pixels of a cutout mean, from its exposure: rates or counts of electrons, zero point (AB, of 1 e-/s), depth, binning.

    A cutout pixel is the mean of bin x bin pixels of the plane.
    """
    exposure, sigma, pixels = cutout.plane.exposure, cutout.sky_sigma or 0.0, cutout.bin**2
    unit, seconds = exposure.bunit.upper().replace(" ", ""), exposure.exposure_time_s
    scale = cutout.pixel_scale_arcsec or 0.1
    if not (unit.startswith("ELECTRON") and seconds and sigma > 0):
        return Photometry(scale, UNKNOWN_DEPTH, None)
    is_rate = unit.endswith(("/S", "/SEC", "S-1"))
    zero = exposure.zero_point_ab_mag
    electrons = sigma * pixels * (seconds if is_rate else 1.0)
    flux = None if zero is None else 10 ** (0.4 * zero) * (1.0 if is_rate else seconds) / (pixels * sigma)
    return Photometry(scale, electrons, flux)


def order_of(seed: int, key: int) -> str:
    """Return a sort key that shuffles the same way for the same seed."""
    return hashlib.sha256(f"{seed}:{key}".encode()).hexdigest()


def choose_trail(image: "NDArray[np.float32]", recipe: Recipe, sense: Photometry, *, members: int, rng: "np.random.Generator") -> "KnownTrail | None":
    """Return a trail as the recipe wants it that lies wholly on dark sky of this image (in sky sigmas); None where there is no room."""
    trail = _satellite if recipe.kind == SATELLITE else _asteroid
    for _ in range(TRIES):
        found = trail(image, recipe, sense, members, rng)
        if found is not None and _is_dark(image, found):
            return found
    return None


def _between(limits: tuple[float, float], rng: "np.random.Generator") -> float:
    low, high = limits
    return float(math.exp(rng.uniform(math.log(low), math.log(high))))


def _asteroid(image: "NDArray[np.float32]", recipe: Recipe, sense: Photometry, members: int, rng: "np.random.Generator") -> "KnownTrail | None":
    from sky.simulate import known  # noqa: PLC0415 - scipy stays out of the web process

    height, width = image.shape
    pieces = min(max(members, 1), 4)
    trail = known.KnownTrail(
        x=float(rng.uniform(0, width)), y=float(rng.uniform(0, height)), angle_deg=float(rng.uniform(0, 180)),
        length_px=min(_between(recipe.length_arcsec, rng) / sense.pixel_scale_arcsec, LONGEST * min(height, width)),
        curvature=float(rng.uniform(-recipe.curvature, recipe.curvature)), flux=1.0, width_px=known.star_width_px(sense.pixel_scale_arcsec),
        pieces=pieces, gap=float(rng.uniform(0.1, 0.4)) if pieces > 1 else 0.0,
    )  # fmt: skip
    lit = _lit_like(trail, recipe, sense, rng)
    return lit if known.fits_in(image, lit) else None


def _lit_like(trail: "KnownTrail", recipe: Recipe, sense: Photometry, rng: "np.random.Generator") -> "KnownTrail":
    """Give a trail (of flux 1) its light: of a magnitude where one is asked for and can be told, else of a height over the noise."""
    from dataclasses import replace  # noqa: PLC0415

    if recipe.magnitude is not None and sense.flux_of_zero_mag is not None:
        return replace(trail, flux=sense.flux(float(rng.uniform(*recipe.magnitude))))
    return replace(trail, flux=_between(recipe.snr, rng) / trail.snr)


def _satellite(image: "NDArray[np.float32]", recipe: Recipe, sense: Photometry, members: int, rng: "np.random.Generator") -> "KnownTrail | None":
    """A straight line from edge to edge, however many exposures: it crosses in a second."""
    from sky import trails  # noqa: PLC0415
    from sky.simulate import known  # noqa: PLC0415

    height, width = image.shape
    x, y, angle = rng.uniform(0.2, 0.8) * width, rng.uniform(0.2, 0.8) * height, float(rng.uniform(0, 180))
    whole = known.bent_line(x, y, length_px=3.0 * max(height, width), angle_deg=angle, curvature=0.0, nodes=2)
    (x1, y1), (x2, y2) = trails.clip(whole, width=width, height=height)[[0, -1]]
    trail = known.KnownTrail(
        x=float(x1 + x2) / 2, y=float(y1 + y2) / 2, length_px=math.hypot(x2 - x1, y2 - y1), angle_deg=angle, curvature=0.0, flux=1.0,
        width_px=SATELLITE_PX, pieces=1, gap=0.0,
    )  # fmt: skip
    return _lit_like(trail, Recipe(snr=recipe.snr), sense, rng)


def _is_dark(image: "NDArray[np.float32]", trail: "KnownTrail") -> bool:
    import numpy as np  # noqa: PLC0415

    from sky import trails  # noqa: PLC0415

    height, width = image.shape
    cols, rows = np.rint(trails.resample(trail.points, 1.0)).astype(int).T
    along = image[rows.clip(0, height - 1), cols.clip(0, width - 1)]
    seen = along[np.isfinite(along)]
    return bool(len(seen) > 0.9 * len(along) and np.median(seen) < DARK_SIGMA and np.mean(seen > 4 * DARK_SIGMA) < 0.1)


def guide_of(recipe: Recipe, trail: "KnownTrail") -> str:
    """Return the entry of the field guide that shows such a trail."""
    if recipe.kind == SATELLITE:
        return "satellite-trail"
    if abs(trail.curvature) >= BENT:
        return "asteroid-curved"
    return "asteroid-interrupted" if trail.pieces > 1 else "asteroid-trail"
