"""Tracks agree with JPL's, and bend as much as HST's orbit makes them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sky.observer import AU_KM, CircularOrbit, hst_position, observer_position
from sky.parallax import SUN_MU, TwoBodyOrbit, apparent_track, orbit_through, unit_vector

# (1) Ceres: osculating elements and geocentric astrometric places by JPL Horizons (DE441; queried 2022-06-10).
CERES = TwoBodyOrbit.from_elements(
    a_au=2.766380805878023, e=7.857509431507990e-02, incl_deg=1.058712597794349e01, node_deg=8.026775296710701e01,
    peri_deg=7.356968535036279e01, mean_anomaly_deg=3.214371287399738e02, epoch_mjd_tdb=59740.0,
)  # fmt: skip
CERES_SEEN = [(59740.0, 101.73343, 26.78554), (59750.0, 106.56175, 26.59903), (59760.0, 111.42655, 26.26772)]


def offset_arcsec(track, ra_deg, dec_deg):
    """Tangent-plane offsets (n, 2) in arcseconds of a short track from a place."""
    x = (track[:, 0] - ra_deg + 180) % 360 - 180
    return np.column_stack([x * np.cos(np.radians(dec_deg)), track[:, 1] - dec_deg]) * 3600


@pytest.mark.parametrize(("mjd", "ra", "dec", "tolerance"), [(*CERES_SEEN[0], 0.06), (*CERES_SEEN[1], 0.15), (*CERES_SEEN[2], 0.5)])
def test_ceres_stands_where_horizons_says(mjd, ra, dec, tolerance):
    track = apparent_track(CERES, [mjd], None)
    assert np.abs(offset_arcsec(track, ra, dec)).max() < tolerance


def test_the_state_of_ceres_is_that_of_horizons():
    obliquity = np.radians(84381.448 / 3600)
    x, y, z = CERES.position_au
    ecliptic = (x, y * np.cos(obliquity) + z * np.sin(obliquity), z * np.cos(obliquity) - y * np.sin(obliquity))
    assert ecliptic == pytest.approx((-8.354726583796999e-01, 2.455132459520164, 2.314862198331841e-01), abs=2e-8)


@given(
    st.floats(0.5, 6.0), st.floats(0.0, 0.9), st.floats(0, 170), st.floats(0, 360), st.floats(0, 360), st.floats(0, 360), st.floats(-400, 400)
)  # fmt: skip
@settings(max_examples=60)
def test_kepler_motion_comes_back_and_agrees_with_its_elements(a, e, incl, node, peri, mean, days):
    elements = {"a_au": a, "e": e, "incl_deg": incl, "node_deg": node, "peri_deg": peri}
    orbit = TwoBodyOrbit.from_elements(**elements, mean_anomaly_deg=mean, epoch_mjd_tdb=59000.0)
    later = mean + np.degrees(np.sqrt(SUN_MU / a**3) * days)
    expected = TwoBodyOrbit.from_elements(**elements, mean_anomaly_deg=later, epoch_mjd_tdb=59000.0 + days)
    assert orbit.at([59000.0 + days])[0] == pytest.approx(expected.position_au, abs=1e-8)
    assert orbit.at(59000.0) == pytest.approx(orbit.position_au, abs=1e-12)


@pytest.mark.parametrize("distance_au", [0.8, 1.3, 2.5, 4.0])
def test_the_orbit_of_hst_bends_a_track_by_nine_and_a_half_arcsec_over_distance(distance_au):
    """The track from HST minus the track from the Earth's centre is the orbit's radius over the distance, by plain geometry."""
    hst = CircularOrbit(node_deg=80.0)
    orbit = orbit_through(ra_deg=170.0, dec_deg=4.0, distance_au=distance_au, mjd=58000.0)
    times = 58000.0 + np.linspace(0, hst.period_min / 1440, 400)
    shift = offset_arcsec(apparent_track(orbit, times, hst), 0, 4.0) - offset_arcsec(apparent_track(orbit, times, None), 0, 4.0)
    amplitude = np.linalg.norm(shift, axis=1).max()
    assert amplitude == pytest.approx(9.54 / distance_au, rel=0.01)
    sight = unit_vector(170.0, 4.0)
    east = np.array([-np.sin(np.radians(170.0)), np.cos(np.radians(170.0)), 0.0])
    north = np.cross(sight, east)
    plane = -hst_position(times, hst) @ np.column_stack([east, north]) / (distance_au * AU_KM)
    assert shift == pytest.approx(np.degrees(plane) * 3600, abs=0.03 / distance_au)


def test_an_orbit_goes_through_the_place_asked_for():
    orbit = orbit_through(ra_deg=33.0, dec_deg=10.0, distance_au=1.7, mjd=56000.0, heading_deg=8.0, eccentricity=0.1, radial=0.05)
    late = 1.7 / 173.14
    track = apparent_track(orbit, [56000.0 + late], None)
    assert np.abs(offset_arcsec(track, 33.0, 10.0)).max() < 60
    assert np.linalg.norm(np.array(orbit.position_au) - observer_position(56000.0, None)) == pytest.approx(1.7)


def test_main_belt_asteroids_move_as_fast_as_in_the_catalogue():
    """Kruk+ 2022: the middle 90 % of trails move at 12-74 arcsec per hour."""
    orbit = orbit_through(ra_deg=10.0, dec_deg=4.0, distance_au=1.8, mjd=57300.0)
    track = offset_arcsec(apparent_track(orbit, 57300.0 + np.array([0.0, 1 / 24]), None), 10.0, 4.0)
    assert 12 < np.linalg.norm(track[1] - track[0]) < 74


def test_another_observer_may_be_given_as_a_function():
    orbit = orbit_through(ra_deg=10.0, dec_deg=4.0, distance_au=1.8, mjd=57300.0)
    given_function = apparent_track(orbit, [57300.0, 57300.01], lambda mjd: observer_position(mjd))
    assert given_function == pytest.approx(apparent_track(orbit, [57300.0, 57300.01]))


def test_unbound_and_radial_orbits_are_followed_too():
    fast = TwoBodyOrbit((1.0, 0.0, 0.0), (0.01, 0.03, 0.0), 59000.0)
    steps = fast.at(59000.0 + np.linspace(0, 100, 2001))
    acceleration = np.diff(steps, 2, axis=0) / 0.05**2
    gravity = -SUN_MU * steps[1:-1] / np.linalg.norm(steps[1:-1], axis=1)[:, None] ** 3
    assert acceleration == pytest.approx(gravity, rel=1e-3, abs=1e-8)
