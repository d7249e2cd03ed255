"""Puts one exposure together and tells the truth about what is in it."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from astropy.wcs import WCS
from numpy.typing import NDArray

from sky import trails
from sky.conventions import plane_to_cutout
from sky.cutouts import Box
from sky.simulate import detector, movers, sources
from sky.simulate.draw import FloatImage
from sky.simulate.spec import SKY_RATES, ZERO_POINTS_AB, SimulationSpec

Points = NDArray[np.float64]

SEEN_SNR, SEEN_LENGTH_PX = 1.5, 15.0


@dataclass(frozen=True)
class TrueObject:
    """One thing that was put into an exposure: 'asteroid', 'satellite', 'arc' or 'cosmic_ray' (long ones only).

    ``points`` (n, 2) is its middle line in plane pixels, in time order, from the first place with data to the last; gaps between
    members are included. ``mag`` is the AB magnitude of an asteroid.
    ``snr`` is the median ridge height in sky sigmas of one pixel at full depth.
    """

    klass: str
    points: Points = field(repr=False)
    snr: float
    mag: float | None = None

    @property
    def seen(self) -> bool:
        """Say whether a person can be expected to see it."""
        return self.snr >= SEEN_SNR and trails.length(self.points) >= SEEN_LENGTH_PX

    def as_json(self) -> dict[str, Any]:
        """Return plain data for a JSON file."""
        points = [[round(float(x), 2), round(float(y), 2)] for x, y in self.points]
        return {"klass": self.klass, "points": points, "snr": round(self.snr, 3), "mag": None if self.mag is None else round(self.mag, 3)}


@dataclass(frozen=True)
class SimulatedExposure:
    """Pixels (H, W) float32 in e-/s (NaN where no member has data), their WCS, the spec, and the truth."""

    spec: SimulationSpec
    pixels: FloatImage = field(repr=False)
    wcs: WCS = field(repr=False)
    truth: list[TrueObject]
    sky_sigma: float


def simulate_exposure(spec: SimulationSpec, seed: int) -> SimulatedExposure:
    """Return one simulated exposure; the same spec and seed give the same pixels."""
    rng = np.random.default_rng([seed, spec.size])
    zero_point, sky_rate = ZERO_POINTS_AB[spec.filter], SKY_RATES[spec.filter]
    codes = detector.coverage(spec.size, members=spec.members, roll_deg=spec.roll_deg, dither_px=spec.dither_px)
    sigma = float(detector.sky_sigma(spec.exposure_time_s, sky_rate=sky_rate, exposure_s=spec.exposure_s))
    image = np.zeros((spec.size, spec.size), dtype=np.float32)
    truth = _add_still_sky(image, spec, rng, sigma, zero_point)
    if spec.visit:
        rng = np.random.default_rng([seed, spec.size, spec.number])
        _point_aside(image, codes, spec.offset_px)
    truth += _add_movers(image, codes, spec, sigma, zero_point)
    if spec.gradient_sigma:
        _add_gradient(image, rng, spec.gradient_sigma * sigma)
    detector.add_noise(image, codes, rng, sky_rate=sky_rate, members=spec.members, exposure_s=spec.exposure_s)
    rays = detector.add_cosmic_rays(image, codes, rng, count=spec.cosmic_rays, members=spec.members, exposure_s=spec.exposure_s)
    truth += [_true("cosmic_ray", ray, spec, snr=30.0) for ray in rays]
    image[codes == 0] = np.nan
    kept = [item for item in truth if len(item.points) > 1]
    return SimulatedExposure(spec, image, make_wcs(spec), kept, sigma)


def _point_aside(image: FloatImage, codes: detector.Codes, offset_px: tuple[int, int]) -> None:
    """Move the still sky under a frame whose first pixel lies at the offset of the visit's grid; what comes in from beyond it has no data."""
    dx, dy = offset_px
    image[:] = np.roll(image, (-dy, -dx), axis=(0, 1))
    height, width = image.shape
    codes[:, max(0, width - dx) if dx > 0 else 0 : width if dx > 0 else -dx] = 0
    codes[max(0, height - dy) if dy > 0 else 0 : height if dy > 0 else -dy] = 0


def _true(klass: str, points: Points, spec: SimulationSpec, *, snr: float, mag: float | None = None) -> TrueObject:
    return TrueObject(klass, trails.clip(points, width=spec.size, height=spec.size), snr, mag)


def _add_still_sky(image: FloatImage, spec: SimulationSpec, rng: np.random.Generator, sigma: float, zero_point: float) -> list[TrueObject]:
    """Add all that stands still; return the arcs."""
    sources.add_galaxies(image, rng, count=spec.galaxies, zero_point=zero_point)
    x, y = rng.uniform(0.2, 0.8, 2) * spec.size
    if spec.cluster:
        sources.add_cluster(image, rng, zero_point=zero_point, x=float(x), y=float(y))
    elif spec.arcs:
        flux = 10 ** (-0.4 * (20.0 - zero_point))
        sources.add_sersic(image, x=float(x), y=float(y), flux=flux, radius_px=9, index=3.5, axis_ratio=0.8, angle=0.5)
    arcs = []
    for _ in range(spec.arcs):
        snr, radius = rng.uniform(2.0, 8.0), rng.uniform(70, 260) if spec.cluster else rng.uniform(16, 40)
        line = sources.add_arc(image, rng, x=float(x), y=float(y), radius_px=float(radius), peak=snr * sigma)
        arcs.append(_true("arc", line, spec, snr=float(snr)))
    well = sources.SATURATION_ELECTRONS / spec.exposure_s
    sources.add_stars(image, rng, count=spec.stars, zero_point=zero_point, sigma=sigma, roll_deg=spec.roll_deg, well_rate=well)
    return arcs


def _add_movers(image: FloatImage, codes: detector.Codes, spec: SimulationSpec, sigma: float, zero_point: float) -> list[TrueObject]:
    depth = detector.depths_s(spec.members, spec.exposure_s)
    truth = []
    for asteroid in spec.asteroids:
        mover = movers.asteroid_path(spec, asteroid, sigma=sigma, zero_point=zero_point)
        movers.add_mover(image, codes, depth, mover, movers.ASTEROID_WIDTH_PX)
        truth.append(_true("asteroid", movers.visible_line(mover, codes), spec, snr=asteroid.snr, mag=mover.magnitude))
    for satellite in spec.satellites:
        mover = movers.satellite_path(spec, satellite, sigma=sigma)
        movers.add_mover(image, codes, depth, mover, satellite.width_px)
        truth.append(_true("satellite", movers.visible_line(mover, codes)[[0, -1]], spec, snr=satellite.snr))
    return truth


def _add_gradient(image: FloatImage, rng: np.random.Generator, height: float) -> None:
    """Add a slope of scattered light over the whole frame."""
    size = image.shape[0]
    angle = rng.uniform(0, 2 * np.pi)
    axis = np.linspace(-0.5, 0.5, size, dtype=np.float32) * np.float32(height)
    image += np.float32(np.cos(angle)) * axis[None, :]
    image += np.float32(np.sin(angle)) * axis[:, None]


def make_wcs(spec: SimulationSpec) -> WCS:
    """Return the tangent-plane WCS of the frame: north towards higher rows, east towards lower columns."""
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = ["RA---TAN", "DEC--TAN"]
    wcs.wcs.crval = [spec.ra_deg, spec.dec_deg]
    wcs.wcs.crpix = [(spec.size + 1) / 2 - offset for offset in spec.offset_px]
    step = spec.pixel_scale_arcsec / 3600.0
    wcs.wcs.cd = [[-step, 0.0], [0.0, step]]
    wcs.wcs.radesys = "ICRS"
    wcs.pixel_shape = (spec.size, spec.size)
    wcs.wcs.set()
    return wcs


def truth_in_box(truth: list[TrueObject], box: Box) -> list[TrueObject]:
    """Return what of the truth lies inside one cutout, as lines in cutout pixels clipped to it."""
    found = []
    for item in truth:
        x, y = plane_to_cutout(item.points[:, 0], item.points[:, 1], x0=box.x0, y0=box.y0, bin=box.bin)
        line = trails.clip(np.column_stack([x, y]), width=box.width // box.bin, height=box.height // box.bin)
        if len(line) > 1:
            found.append(TrueObject(item.klass, line, item.snr, item.mag))
    return found
