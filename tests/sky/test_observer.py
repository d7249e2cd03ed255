"""The model of HST's orbit has the shape of the real one; the Earth is where JPL says."""

import os
from pathlib import Path

import numpy as np
import pytest
from sgp4.api import Satrec

from sky.observer import AU_KM, HST_ORBIT, CircularOrbit, above_limb, earth_position, hst_position, observer_position, tdb_mjd

SHARED = Path(os.environ.get("HUNTER_SHARED_DATA", Path(__file__).resolve().parents[2].parent / "shared" / "data"))
TLES = SHARED / "hst_orbit" / "HST_TLE.txt"
needs_tles = pytest.mark.skipif(not TLES.is_file(), reason=f"Real elements of HST are not at {TLES} (HUNTER_SHARED_DATA).")


def real_orbit(number: int) -> tuple[Satrec, np.ndarray, np.ndarray]:
    """Positions (n, 3) km over one day every 20 s from one real set of elements, by SGP4."""
    lines = TLES.read_text().splitlines()
    satellite = Satrec.twoline2rv(lines[2 * number], lines[2 * number + 1])
    days = satellite.jdsatepochF + np.arange(0, 1, 20 / 86400)
    _, positions, _ = satellite.sgp4_array(np.full_like(days, satellite.jdsatepoch), days)
    return satellite, satellite.jdsatepoch + days - 2400000.5, positions


def node_to_node_min(mjd: np.ndarray, positions: np.ndarray) -> float:
    """Mean time between northward crossings of the equator."""
    z = positions[:, 2]
    north = np.flatnonzero((z[:-1] < 0) & (z[1:] >= 0))
    crossings = mjd[north] - z[north] / (z[north + 1] - z[north]) * (mjd[1] - mjd[0])
    return float((crossings[-1] - crossings[0]) / (len(crossings) - 1) * 1440)


@needs_tles
@pytest.mark.parametrize("number", [0, 700, 1400, 2100])
def test_radius_period_and_tilt_agree_with_real_elements(number):
    _, mjd, positions = real_orbit(number)
    radius = np.linalg.norm(positions, axis=1)
    assert HST_ORBIT.radius_km == pytest.approx(radius.mean(), abs=25)
    model = CircularOrbit(radius_km=float(radius.mean()))
    assert model.period_min == pytest.approx(node_to_node_min(mjd, positions), abs=0.01)
    pole = np.cross(positions[0], positions[60])
    assert np.degrees(np.arccos(pole[2] / np.linalg.norm(pole))) == pytest.approx(HST_ORBIT.inclination_deg, abs=0.03)


@needs_tles
def test_the_model_follows_a_real_orbit_through_a_day_within_a_minute_of_flight():
    satellite, mjd, positions = real_orbit(1000)
    radius = float(np.linalg.norm(positions, axis=1).mean())
    phase = np.degrees(satellite.argpo + satellite.mo)
    model = CircularOrbit(radius, np.degrees(satellite.inclo), np.degrees(satellite.nodeo), phase, mjd[0])
    off = np.linalg.norm(hst_position(mjd, model) - positions, axis=1)
    assert off[:300].max() < 60
    assert off.max() < 400


@needs_tles
def test_the_node_precesses_as_in_real_elements():
    lines = TLES.read_text().splitlines()
    first, last = (Satrec.twoline2rv(lines[2 * i], lines[2 * i + 1]) for i in (0, 20))
    days = last.jdsatepoch + last.jdsatepochF - first.jdsatepoch - first.jdsatepochF
    turned = np.degrees(last.nodeo - first.nodeo)
    expected = HST_ORBIT.node_rate_deg_day * days
    assert (turned - expected + 180) % 360 - 180 == pytest.approx(0, abs=0.02 * abs(expected))


def test_the_shape_of_the_orbit_as_published():
    assert HST_ORBIT.period_min == pytest.approx(95.4, abs=0.3)
    assert HST_ORBIT.node_rate_deg_day == pytest.approx(-6.5, abs=0.2)
    track = hst_position(55000 + np.linspace(0, 0.3, 999))
    assert np.linalg.norm(track, axis=1) == pytest.approx(6918.137)
    assert np.degrees(np.arcsin(track[:, 2].max() / 6918.137)) == pytest.approx(28.47, abs=0.01)


@pytest.mark.parametrize(
    ("jd_tdb", "hst_au"),
    [  # JPL Horizons, target -48, centre 500@10, ICRF geometric
        (2458337.5, (7.072406603204043e-01, -6.670186802941361e-01, -2.891679366364408e-01)),
        (2458338.5, (7.191882705213363e-01, -6.559509062537210e-01, -2.843896913347406e-01)),
    ],
)
def test_horizons_places_hst_on_its_shell_around_our_earth(jd_tdb, hst_au):
    utc = jd_tdb - 2400000.5 - 69.184 / 86400
    assert tdb_mjd(utc) == pytest.approx(jd_tdb - 2400000.5, abs=1e-9)
    distance = np.linalg.norm(np.array(hst_au) - earth_position(utc)) * AU_KM
    assert distance == pytest.approx(6915, abs=15)


def test_hst_is_one_orbit_radius_from_the_earth():
    times = 57000 + np.linspace(0, 1, 50)
    offset = (observer_position(times) - observer_position(times, None)) * AU_KM
    assert np.linalg.norm(offset, axis=1) == pytest.approx(6918.137, abs=0.01)


def test_targets_behind_the_earth_are_hidden():
    here = np.array([[7000.0, 0, 0]])
    assert above_limb(here, np.array([1.0, 0, 0])).all()
    assert not above_limb(here, np.array([-1.0, 0, 0])).any()
    track = hst_position(55000 + np.linspace(0, 1, 2000))
    assert 0.5 < above_limb(track, np.array([1.0, 0, 0])).mean() < 0.7


def test_years_beyond_the_leap_second_table_work():
    assert np.isfinite(observer_position(np.array([80000.0]))).all()
