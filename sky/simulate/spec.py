"""What to simulate: one exposure as a frozen description, and the sample sky as a list of them."""

import math
from dataclasses import dataclass, field, replace

import numpy as np

from sky.observer import HST_ORBIT, CircularOrbit, above_limb, earth_position
from sky.parallax import OBLIQUITY, unit_vector

ZERO_POINTS_AB = {"F814W": 25.94, "F606W": 26.49, "F775W": 25.66, "F475W": 26.07}
SKY_RATES = {"F814W": 0.42, "F606W": 0.50, "F775W": 0.40, "F475W": 0.26}  # e-/s per 0.1" pixel


@dataclass(frozen=True)
class Asteroid:
    """An asteroid that stands at pixel (x, y) in the middle of the visit.

    ``snr`` is the median height of its ridge in sky sigmas of one pixel; the other numbers shape its orbit, see
    `sky.parallax.orbit_through`. ``spin`` is the amplitude (0-1) of its light curve.
    """

    x: float
    y: float
    snr: float
    distance_au: float = 1.8
    heading_deg: float = 0.0
    eccentricity: float = 0.0
    radial: float = 0.0
    spin: float = 0.0
    spin_period_min: float = 30.0


@dataclass(frozen=True)
class Satellite:
    """A satellite that crosses pixel (x, y) at an angle from edge to edge during one member exposure."""

    x: float
    y: float
    angle_deg: float
    snr: float
    width_px: float = 2.0
    member: int = 0
    blink_px: float = 0.0  # distance between two flashes; 0 shines steadily


@dataclass(frozen=True)
class SimulationSpec:
    """One HST-like exposure. Lengths in pixels of ``pixel_scale_arcsec``, times MJD UTC and seconds."""

    rootname: str = "sim0001"
    size: int = 2100
    pixel_scale_arcsec: float = 0.1
    ra_deg: float = 150.0
    dec_deg: float = 12.0
    roll_deg: float = 4.0  # of the detector against the north-up image
    filter: str = "F814W"
    start_mjd: float = 54500.0
    exposure_s: float = 500.0
    members: int = 4
    gap_s: float = 130.0  # read-out and dither between members
    visit: str = ""  # exposures of one visit show the same sky; empty: this one stands alone
    number: int = 0  # within the visit: noise and cosmic rays differ
    epoch_mjd: float | None = None  # when asteroids stand at their (x, y); the middle of the exposure if not given
    offset_px: tuple[int, int] = (0, 0)  # of this frame's first pixel on the visit's grid, on which all places are given
    dither_px: float = 32.0  # step across the chip gap; small steps leave the gap empty
    hst: CircularOrbit = HST_ORBIT
    stars: int = 90
    galaxies: int = 600
    cluster: bool = False
    arcs: int = 0
    cosmic_rays: int = 60
    gradient_sigma: float = 0.0
    asteroids: tuple[Asteroid, ...] = ()
    satellites: tuple[Satellite, ...] = field(default=())

    @property
    def member_starts_mjd(self) -> tuple[float, ...]:
        """Return the shutter opening of each member."""
        step = (self.exposure_s + self.gap_s) / 86400.0
        return tuple(self.start_mjd + number * step for number in range(self.members))

    @property
    def end_mjd(self) -> float:
        """Return the last shutter closing."""
        return self.member_starts_mjd[-1] + self.exposure_s / 86400.0

    @property
    def exposure_time_s(self) -> float:
        """Return the sum of all members' exposure times."""
        return self.members * self.exposure_s


def sample_sky(n: int = 40, seed: int = 1, *, size: int = 2100) -> list[SimulationSpec]:
    """Return the specs of a small sky of ``n`` exposures for the demo, the same for the same seed.

    About 40 % of the four quadrants of each hold an asteroid trail that a person can see, one in six a satellite;
    some fields have a cluster of galaxies with arcs; single exposures are full of cosmic rays.
    """
    rng = np.random.default_rng([seed, n, size])
    return [_sample(number, rng, size) for number in range(1, n + 1)]


def sample_visit(seed: int = 1, *, size: int = 2100, exposures: int = 3) -> list[SimulationSpec]:
    """Return the specs of one visit: the same field some minutes apart, pointed a little aside each time, with asteroids that move on."""
    rng = np.random.default_rng([seed, exposures, size])
    first = replace(_sample(1, rng, size), members=2, exposure_s=500.0, gap_s=100.0, cluster=False, arcs=0, satellites=(), gradient_sigma=0.0)
    step = (first.members * (first.exposure_s + first.gap_s) + 120.0) / 86400.0
    asteroids = tuple(
        replace(_asteroid(rng, size, column, row, snr), distance_au=1.8 + 0.4 * index)
        for index, (column, row, snr) in enumerate([(0.25, 0.25, 5.0), (0.75, 0.25, 3.0), (0.25, 0.75, 2.2)])
    )
    middle = first.start_mjd + exposures * step / 2
    steps = [(0, 0), (37, 21), (-18, 44), (29, -33)]
    return [
        replace(
            first, rootname=f"simv{number + 1:02d}", visit="simv", number=number, start_mjd=first.start_mjd + number * step,
            epoch_mjd=middle, offset_px=steps[number % len(steps)], asteroids=asteroids,
        )
        for number in range(exposures)
    ]  # fmt: skip


def _sample(number: int, rng: np.random.Generator, size: int) -> SimulationSpec:
    start_mjd = float(rng.uniform(53000.0, 58500.0))
    ra_deg, dec_deg = _near_ecliptic(start_mjd, rng)
    members = int(rng.choice([1, 2, 3, 4], p=[0.12, 0.26, 0.17, 0.45]))
    exposure_s = float(round(rng.uniform(350, 700) if members < 4 else rng.uniform(300, 560)))
    cluster = bool(rng.random() < 0.2)
    area = (size / 2100) ** 2
    return SimulationSpec(
        rootname=f"sim{number:04d}",
        size=size,
        ra_deg=ra_deg,
        dec_deg=dec_deg,
        roll_deg=float(rng.normal(0, 6) if rng.random() < 0.8 else rng.uniform(-45, 45)),
        filter=str(rng.choice(list(ZERO_POINTS_AB), p=[0.5, 0.3, 0.1, 0.1])),
        start_mjd=start_mjd,
        exposure_s=exposure_s,
        members=members,
        gap_s=float(rng.uniform(60, 200)),
        dither_px=float(rng.choice([2.5, 32.0])),
        hst=_visible_orbit(ra_deg, dec_deg, start_mjd + members * exposure_s / 172800, rng),
        stars=int(area * rng.gamma(2.0, 70) + 12),
        galaxies=int(area * rng.uniform(350, 800)),
        cluster=cluster,
        arcs=int(rng.integers(1, 5)) if cluster else int(rng.random() < 0.15),
        cosmic_rays=int(area * (exposure_s * rng.uniform(4, 12) if members == 1 else rng.gamma(2.0, 500 / members**2))),
        gradient_sigma=float(rng.uniform(0.5, 3.0)) if rng.random() < 0.3 else 0.0,
        asteroids=_asteroids(rng, size),
        satellites=_satellites(rng, size, members),
    )


def _near_ecliptic(mjd: float, rng: np.random.Generator) -> tuple[float, float]:
    """Return a place within about 8 degrees of the ecliptic and 100 of the point opposite the Sun."""
    away_from_sun = earth_position(mjd)
    longitude = math.atan2(away_from_sun[1] / math.cos(OBLIQUITY), away_from_sun[0]) + math.radians(rng.uniform(-100, 100))
    latitude = math.radians(rng.normal(0, 4))
    x, y, z = math.cos(latitude) * math.cos(longitude), math.cos(latitude) * math.sin(longitude), math.sin(latitude)
    y, z = y * math.cos(OBLIQUITY) - z * math.sin(OBLIQUITY), y * math.sin(OBLIQUITY) + z * math.cos(OBLIQUITY)
    return math.degrees(math.atan2(y, x)) % 360.0, math.degrees(math.asin(z))


def _visible_orbit(ra_deg: float, dec_deg: float, mjd: float, rng: np.random.Generator) -> CircularOrbit:
    """Return an orbit with random node on which HST sees the target around ``mjd``, not always at its best."""
    node = float(rng.uniform(0, 360))
    best = CircularOrbit(node_deg=node)
    track = best.position_km(mjd + np.linspace(0, best.period_min / 1440.0, 181))
    visible = np.flatnonzero(above_limb(track, unit_vector(ra_deg, dec_deg), margin_deg=30.0))
    step = visible[rng.integers(len(visible))] if len(visible) else 0
    return CircularOrbit(node_deg=node, phase_deg=2.0 * float(step))


def _asteroids(rng: np.random.Generator, size: int) -> tuple[Asteroid, ...]:
    """Draw at most one asteroid for each quadrant, and now and then a faint one that few will see."""
    found = []
    for row in (0.25, 0.75):
        for column in (0.25, 0.75):
            if rng.random() < 0.45:
                snr = math.exp(rng.uniform(math.log(1.6), math.log(10.0)))
                found.append(_asteroid(rng, size, column, row, snr))
            if rng.random() < 0.06:
                found.append(_asteroid(rng, size, column, row, rng.uniform(0.7, 1.3)))
    return tuple(found)


def _asteroid(rng: np.random.Generator, size: int, column: float, row: float, snr: float) -> Asteroid:
    return Asteroid(
        x=size * (column + float(rng.uniform(-0.16, 0.16))),
        y=size * (row + float(rng.uniform(-0.16, 0.16))),
        snr=float(snr),
        distance_au=float(np.clip(rng.lognormal(math.log(1.7), 0.35), 0.6, 4.0)),
        heading_deg=float(rng.normal(0, 9)),
        eccentricity=float(rng.uniform(-0.2, 0.2)),
        radial=float(rng.normal(0, 0.07)),
        spin=float(rng.uniform(0.1, 0.4)) if rng.random() < 0.3 else 0.0,
        spin_period_min=float(rng.uniform(10, 120)),
    )


def _satellites(rng: np.random.Generator, size: int, members: int) -> tuple[Satellite, ...]:
    count = int(rng.choice([0, 1, 2], p=[0.78, 0.19, 0.03]))
    return tuple(
        Satellite(
            x=float(rng.uniform(0.2, 0.8)) * size,
            y=float(rng.uniform(0.2, 0.8)) * size,
            angle_deg=float(rng.uniform(0, 180)),
            snr=math.exp(rng.uniform(math.log(3.0), math.log(40.0))),
            width_px=math.exp(rng.uniform(math.log(1.6), math.log(7.0))),
            member=int(rng.integers(members)),
            blink_px=float(rng.uniform(40, 200)) if rng.random() < 0.15 else 0.0,
        )
        for _ in range(count)
    )
