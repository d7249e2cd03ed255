"""Where the observer is: HST on a model orbit around the Earth, the Earth around the Sun.

The HST model is a circular orbit whose node precesses under the Earth's flattening: right in size, period,
inclination and precession, while its phase is a free parameter. It serves the simulator and plans; a real
exposure's position comes from its own orbit keywords. Times are MJD UTC; positions are geocentric or
heliocentric, equatorial J2000 (ICRS to 0.02"). Leap seconds come with erfa; nothing is downloaded.
"""

import math
import warnings
from dataclasses import dataclass

import erfa
import numpy as np
from numpy.typing import ArrayLike, NDArray

Vectors = NDArray[np.float64]

EARTH_MU_KM3_S2 = 398600.4418
EARTH_RADIUS_KM = 6378.137
EARTH_J2 = 1.08262668e-3
AU_KM = 149_597_870.7
DAY_S = 86400.0
MJD_ZERO = 2_400_000.5

HST_ALTITUDE_KM = 540.0
HST_INCLINATION_DEG = 28.47
REFERENCE_MJD = 55000.0


@dataclass(frozen=True)
class CircularOrbit:
    """A circular orbit with a precessing node; phase (argument of latitude) and node hold at ``epoch_mjd``."""

    radius_km: float = EARTH_RADIUS_KM + HST_ALTITUDE_KM
    inclination_deg: float = HST_INCLINATION_DEG
    node_deg: float = 0.0
    phase_deg: float = 0.0
    epoch_mjd: float = REFERENCE_MJD

    @property
    def mean_motion(self) -> float:
        """Return the motion from node to node in rad/s, J2 included to first order."""
        kepler = math.sqrt(EARTH_MU_KM3_S2 / self.radius_km**3)
        flattening = 0.75 * EARTH_J2 * (EARTH_RADIUS_KM / self.radius_km) ** 2
        cos_i = math.cos(math.radians(self.inclination_deg))
        # The mean pull of the flattened Earth at this radius, plus the westward drift of the node that is met earlier.
        return kepler * (1.0 + flattening * (3.5 * cos_i**2 - 0.5))

    @property
    def period_min(self) -> float:
        """Return the time of one revolution in minutes."""
        return 2.0 * math.pi / self.mean_motion / 60.0

    @property
    def node_rate_deg_day(self) -> float:
        """Return the precession of the ascending node in degrees per day (negative: westward)."""
        kepler = math.sqrt(EARTH_MU_KM3_S2 / self.radius_km**3)
        pull = -1.5 * EARTH_J2 * (EARTH_RADIUS_KM / self.radius_km) ** 2
        return math.degrees(pull * kepler * math.cos(math.radians(self.inclination_deg)) * DAY_S)

    def position_km(self, mjd: ArrayLike) -> Vectors:
        """Return geocentric x, y, z in km, shape (..., 3), at MJD UTC of shape (...)."""
        days = np.asarray(mjd, dtype=np.float64) - self.epoch_mjd
        phase = math.radians(self.phase_deg) + self.mean_motion * DAY_S * days
        node = np.radians(self.node_deg + self.node_rate_deg_day * days)
        tilt = math.radians(self.inclination_deg)
        u, v = np.cos(phase), np.sin(phase)
        x = u * np.cos(node) - v * math.cos(tilt) * np.sin(node)
        y = u * np.sin(node) + v * math.cos(tilt) * np.cos(node)
        return self.radius_km * np.stack([x, y, v * math.sin(tilt)], axis=-1)


HST_ORBIT = CircularOrbit()


def hst_position(mjd: ArrayLike, orbit: CircularOrbit = HST_ORBIT) -> Vectors:
    """Return the geocentric position of HST in km, shape (..., 3), on a model orbit (phase by convention)."""
    return orbit.position_km(mjd)


def earth_position(mjd: ArrayLike) -> Vectors:
    """Return the heliocentric position of the Earth's centre in au, shape (..., 3), good to about 5 km (erfa.epv00)."""
    first, second = _tdb(mjd)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", erfa.ErfaWarning)
        heliocentric, _ = erfa.epv00(first, second)
    return np.asarray(heliocentric["p"], dtype=np.float64)


def observer_position(mjd: ArrayLike, orbit: CircularOrbit | None = HST_ORBIT) -> Vectors:
    """Return the heliocentric position of HST in au, shape (..., 3); of the Earth's centre for ``orbit`` None."""
    earth = earth_position(mjd)
    return earth if orbit is None else earth + orbit.position_km(mjd) / AU_KM


def tdb_mjd(mjd: ArrayLike) -> NDArray[np.float64]:
    """Return MJD TDB of MJD UTC, to 2 ms (TT is taken for TDB)."""
    first, second = _tdb(mjd)
    return np.asarray((first - MJD_ZERO) + second)


def _tdb(mjd: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    utc = np.asarray(mjd, dtype=np.float64)
    with warnings.catch_warnings():
        # erfa calls years beyond its leap second table dubious; a second there moves nothing here.
        warnings.simplefilter("ignore", erfa.ErfaWarning)
        first, second = erfa.taitt(*erfa.utctai(np.full_like(utc, MJD_ZERO), utc))
    return np.asarray(first), np.asarray(second)


def above_limb(position_km: Vectors, direction: Vectors, *, margin_deg: float = 10.0) -> NDArray[np.bool_]:
    """Say where a target in ``direction`` (unit vector) stands at least ``margin_deg`` above the Earth's limb."""
    radius = np.linalg.norm(position_km, axis=-1)
    zenith_deg = np.degrees(np.arccos(np.clip(position_km @ direction / radius, -1.0, 1.0)))
    dip_deg = np.degrees(np.arccos(np.clip(EARTH_RADIUS_KM / radius, -1.0, 1.0)))
    return np.asarray(zenith_deg <= 90.0 + dip_deg - margin_deg)
