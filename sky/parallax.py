"""Paths of asteroids on the sky as HST sees them: Kepler motion, light time, and the observer's own motion.

The sideways motion of HST on its 6,918 km orbit shifts an asteroid at D au by up to 9.54"/D within 95 minutes:
that is what bends trails, and what tells the distance (Garcia-Martin+ 2024, A&A 683, A122).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sky.observer import HST_ORBIT, CircularOrbit, observer_position, tdb_mjd

Vectors = NDArray[np.float64]

GAUSS_K = 0.01720209895
SUN_MU = GAUSS_K**2  # au^3 / day^2
LIGHT_AU_DAY = 173.144632674
OBLIQUITY = math.radians(84381.448 / 3600.0)
LIGHT_TIME_ROUNDS = 3
KEPLER_ROUNDS = 30


@dataclass(frozen=True)
class TwoBodyOrbit:
    """A heliocentric orbit by its state: position (au) and velocity (au/day), equatorial J2000, at an MJD TDB.

    Unperturbed: good to 0.01" over days, 0.3" over a month, useless over years.
    """

    position_au: tuple[float, float, float]
    velocity_au_day: tuple[float, float, float]
    epoch_mjd_tdb: float

    @classmethod
    def from_elements(
        cls,
        *,
        a_au: float,
        e: float,
        incl_deg: float,
        node_deg: float,
        peri_deg: float,
        mean_anomaly_deg: float,
        epoch_mjd_tdb: float,
    ) -> "TwoBodyOrbit":
        """Return the orbit of ecliptic J2000 elements (elliptic: 0 <= e < 1)."""
        eccentric = _kepler(math.radians(mean_anomaly_deg), e)
        root = math.sqrt(1.0 - e * e)
        rate = math.sqrt(SUN_MU / a_au) / (1.0 - e * math.cos(eccentric))
        turn = _perifocal_to_equatorial(math.radians(incl_deg), math.radians(node_deg), math.radians(peri_deg))
        place = turn @ (a_au * np.array([math.cos(eccentric) - e, root * math.sin(eccentric)]))
        speed = turn @ (rate * np.array([-math.sin(eccentric), root * math.cos(eccentric)]))
        return cls(_triple(place), _triple(speed), epoch_mjd_tdb)

    def at(self, mjd_tdb: ArrayLike) -> Vectors:
        """Return heliocentric positions in au, shape (..., 3), by universal variables."""
        start, speed = np.array(self.position_au), np.array(self.velocity_au_day)
        days = np.asarray(mjd_tdb, dtype=np.float64) - self.epoch_mjd_tdb
        radius = float(np.linalg.norm(start))
        alpha = 2.0 / radius - float(speed @ speed) / SUN_MU
        chi = _universal_anomaly(days, radius, float(start @ speed) / math.sqrt(SUN_MU), alpha)
        c2, c3 = _stumpff(alpha * chi**2)
        f = 1.0 - chi**2 * c2 / radius
        g = days - chi**3 * c3 / math.sqrt(SUN_MU)
        return np.asarray(f[..., None] * start + g[..., None] * speed)


def apparent_track(
    orbit: TwoBodyOrbit,
    mjd: ArrayLike,
    observer: CircularOrbit | Callable[[ArrayLike], Vectors] | None = HST_ORBIT,
) -> NDArray[np.float64]:
    """Return astrometric (RA, Dec) in degrees, shape (n, 2), of an asteroid at MJD UTC (n,).

    ``observer`` is an orbit around the Earth, None for the Earth's centre, or a function from MJD UTC to
    heliocentric positions in au (n, 3). Light time is included; stellar aberration is not, as it moves the field's stars alike.
    """
    times = np.atleast_1d(np.asarray(mjd, dtype=np.float64))
    seen_from = observer(times) if callable(observer) else observer_position(times, observer)
    return directions(orbit, times, seen_from)


def directions(orbit: TwoBodyOrbit, mjd: NDArray[np.float64], seen_from: Vectors) -> NDArray[np.float64]:
    """Return (RA, Dec) in degrees, (n, 2), of an orbit seen from heliocentric positions (n, 3) in au at MJD UTC (n,)."""
    dynamical = tdb_mjd(mjd)
    delay = np.zeros_like(dynamical)
    for _ in range(LIGHT_TIME_ROUNDS):
        line = orbit.at(dynamical - delay) - seen_from
        delay = np.linalg.norm(line, axis=-1) / LIGHT_AU_DAY
    ra = np.degrees(np.arctan2(line[..., 1], line[..., 0])) % 360.0
    dec = np.degrees(np.arctan2(line[..., 2], np.hypot(line[..., 0], line[..., 1])))
    return np.column_stack([ra, dec])


def orbit_through(
    *,
    ra_deg: float,
    dec_deg: float,
    distance_au: float,
    mjd: float,
    heading_deg: float = 0.0,
    eccentricity: float = 0.0,
    radial: float = 0.0,
) -> TwoBodyOrbit:
    """Return an orbit that stands at a place on the sky, ``distance_au`` from the Earth, at MJD UTC.

    The velocity is that of a circular orbit times sqrt(1 + eccentricity) (so the asteroid is near perihelion for positive, aphelion
    for negative values), along the ecliptic's prograde direction turned by ``heading_deg`` towards ecliptic north, plus
    ``radial`` times the circular speed outwards.
    """
    sight = unit_vector(ra_deg, dec_deg)
    place = observer_position(mjd, None) + distance_au * sight
    radius = float(np.linalg.norm(place))
    outward = place / radius
    pole = np.array([0.0, -math.sin(OBLIQUITY), math.cos(OBLIQUITY)])
    east = np.cross(pole, outward)
    east /= np.linalg.norm(east)
    north = np.cross(outward, east)
    heading = math.radians(heading_deg)
    circular = math.sqrt(SUN_MU / radius)
    sideways = math.sqrt(1.0 + eccentricity) * (math.cos(heading) * east + math.sin(heading) * north)
    return TwoBodyOrbit(_triple(place), _triple(circular * (sideways + radial * outward)), float(tdb_mjd(mjd)))


def unit_vector(ra_deg: float, dec_deg: float) -> Vectors:
    """Return the unit vector (3,) of a place on the sky."""
    ra, dec = math.radians(ra_deg), math.radians(dec_deg)
    return np.array([math.cos(dec) * math.cos(ra), math.cos(dec) * math.sin(ra), math.sin(dec)])


def _triple(vector: Vectors) -> tuple[float, float, float]:
    x, y, z = (float(part) for part in vector)
    return x, y, z


def _kepler(mean: float, e: float) -> float:
    """Solve Kepler's equation by Newton's method from a start that converges for all e < 1."""
    mean = math.remainder(mean, 2.0 * math.pi)
    eccentric = mean if e < 0.8 else math.copysign(math.pi, mean)
    for _ in range(KEPLER_ROUNDS):
        step = (eccentric - e * math.sin(eccentric) - mean) / (1.0 - e * math.cos(eccentric))
        eccentric -= step
        if abs(step) < 1e-14:
            break
    return eccentric


def _perifocal_to_equatorial(incl: float, node: float, peri: float) -> NDArray[np.float64]:
    """Return the (3, 2) matrix from the orbit's own plane to equatorial J2000."""
    ci, si, cn, sn, cp, sp = (f(x) for x in (incl, node, peri) for f in (math.cos, math.sin))
    ecliptic = np.array(
        [
            [cn * cp - sn * sp * ci, -cn * sp - sn * cp * ci],
            [sn * cp + cn * sp * ci, -sn * sp + cn * cp * ci],
            [sp * si, cp * si],
        ]
    )
    co, so = math.cos(OBLIQUITY), math.sin(OBLIQUITY)
    return np.asarray(np.array([[1.0, 0.0, 0.0], [0.0, co, -so], [0.0, so, co]]) @ ecliptic)


def _stumpff(psi: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the Stumpff functions c2 and c3 for elliptic, parabolic and hyperbolic arguments."""
    root = np.sqrt(np.abs(psi))
    near, bound = root < 1e-3, psi > 0
    safe = np.where(near, 1.0, root)
    trig2, trig3 = (1.0 - np.cos(safe)) / safe**2, (safe - np.sin(safe)) / safe**3
    hyper = np.where(bound, 1.0, np.minimum(safe, 300.0))
    hyper2, hyper3 = (np.cosh(hyper) - 1.0) / hyper**2, (np.sinh(hyper) - hyper) / hyper**3
    c2 = np.where(near, 0.5 - psi / 24.0, np.where(bound, trig2, hyper2))
    c3 = np.where(near, 1.0 / 6.0 - psi / 120.0, np.where(bound, trig3, hyper3))
    return c2, c3


def _universal_anomaly(days: NDArray[np.float64], radius: float, sigma: float, alpha: float) -> NDArray[np.float64]:
    """Solve the universal Kepler equation by Newton's method; sigma = r.v / sqrt(mu), alpha = 1 / a."""
    root_mu = math.sqrt(SUN_MU)
    chi = np.asarray(root_mu * days * (alpha if alpha > 1e-6 else 1.0 / radius))
    for _ in range(KEPLER_ROUNDS):
        psi = alpha * chi**2
        c2, c3 = _stumpff(psi)
        distance = chi**2 * c2 + sigma * chi * (1.0 - psi * c3) + radius * (1.0 - psi * c2)
        excess = sigma * chi**2 * c2 + (1.0 - alpha * radius) * chi**3 * c3 + radius * chi - root_mu * days
        step = excess / distance
        chi = np.asarray(chi - step)
        if np.abs(step).max(initial=0.0) < 1e-13:
            break
    return np.asarray(chi)
