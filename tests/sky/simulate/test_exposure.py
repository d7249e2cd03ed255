"""Simulated exposures hold what their truth says, as bright as it says, and survive the way through a file."""

import json
from dataclasses import replace

import numpy as np
import pytest

from sky import trails
from sky.cutouts import plan
from sky.instruments import load_wcs, read, read_plane, wcs_file
from sky.observer import AU_KM
from sky.parallax import apparent_track, orbit_through
from sky.simulate import Asteroid, Satellite, SimulationSpec, sample_sky, simulate_exposure, truth_in_box, write_fits
from sky.simulate.movers import asteroid_path, pixel_to_sky, sky_to_pixel
from sky.stretch import measure_sky

QUIET = {"size": 400, "stars": 0, "galaxies": 0, "cosmic_rays": 0, "roll_deg": 0.0}


def ridge(pixels, line):
    """Brightest of three pixels across at each point of a line, a list of values."""
    height, width = pixels.shape
    values = []
    for x, y in trails.resample(line, 1.0):
        col, row = round(float(x)), round(float(y))
        if 1 <= col < width - 1 and 1 <= row < height - 1:
            values.append(float(np.nanmax(pixels[row - 1 : row + 2, col - 1 : col + 2])))
    return values


@pytest.fixture(scope="module")
def busy():
    """One exposure with a bit of everything, small enough to be quick."""
    spec = SimulationSpec(
        size=700,
        galaxies=80,
        cluster=True,
        arcs=2,
        cosmic_rays=300,
        gradient_sigma=1.0,
        members=2,
        asteroids=(Asteroid(x=400, y=300, snr=9.0, spin=0.2),),
        satellites=(Satellite(x=300, y=350, angle_deg=20, snr=12.0, width_px=4.0, member=1, blink_px=60),),
    )
    return simulate_exposure(spec, 7)


def test_the_same_seed_gives_the_same_sky(busy):
    again = simulate_exposure(busy.spec, 7)
    assert np.array_equal(again.pixels, busy.pixels, equal_nan=True)
    assert [item.as_json() for item in again.truth] == [item.as_json() for item in busy.truth]
    other = simulate_exposure(busy.spec, 8)
    assert not np.array_equal(other.pixels, busy.pixels, equal_nan=True)


def test_everything_put_in_is_told(busy):
    klasses = [item.klass for item in busy.truth]
    assert klasses.count("asteroid") == 1
    assert klasses.count("satellite") == 1
    assert klasses.count("arc") == 2
    assert json.loads(json.dumps([item.as_json() for item in busy.truth]))[0]["klass"] == "arc"


def test_the_noise_is_as_told():
    exposure = simulate_exposure(SimulationSpec(**QUIET), 1)
    sky = measure_sky(exposure.pixels[150:190, 60:340])
    assert sky.sigma == pytest.approx(exposure.sky_sigma, rel=0.05)
    assert sky.level == pytest.approx(0.0, abs=0.1 * sky.sigma)
    assert exposure.pixels.dtype == np.float32


def test_borders_and_a_chip_gap_without_dither_hold_no_data():
    pixels = simulate_exposure(SimulationSpec(**QUIET, dither_px=0.0), 1).pixels
    assert np.isnan(pixels[0]).all()
    assert np.isnan(pixels[:, 0]).all()
    assert np.isnan(pixels[199:201]).all()
    assert np.isfinite(pixels[100, 100:300]).all()


def test_fewer_members_are_noisier():
    spec = SimulationSpec(**QUIET, members=2, dither_px=60.0)
    pixels = simulate_exposure(spec, 3).pixels
    noise = np.nanstd(pixels[40:360, 100:300], axis=1)
    assert noise.max() > 1.25 * np.median(noise)


@pytest.mark.parametrize("snr", [3.0, 10.0])
def test_the_ridge_of_an_asteroid_stands_at_its_snr(snr):
    spec = SimulationSpec(**QUIET, members=1, exposure_s=2000.0, asteroids=(Asteroid(x=200, y=110, snr=snr, distance_au=1.2),))
    exposure = simulate_exposure(spec, 5)
    (asteroid,) = exposure.truth
    assert trails.length(asteroid.points) > 20
    blank = simulate_exposure(replace(spec, asteroids=()), 5).pixels
    height = np.median(ridge(exposure.pixels - blank, asteroid.points)) / exposure.sky_sigma
    assert height == pytest.approx(snr, rel=0.15)


def test_the_light_of_an_asteroid_is_its_magnitude():
    spec = SimulationSpec(**QUIET, members=1, asteroids=(Asteroid(x=200, y=120, snr=30.0),))
    exposure, blank = simulate_exposure(spec, 5), simulate_exposure(SimulationSpec(**QUIET, members=1), 5)
    light = np.nansum(exposure.pixels - blank.pixels)
    assert 25.94 - 2.5 * np.log10(light) == pytest.approx(exposure.truth[0].mag, abs=0.03)


def test_several_members_make_dashes():
    spec = SimulationSpec(**QUIET, members=3, gap_s=400.0, asteroids=(Asteroid(x=200, y=110, snr=20.0),))
    exposure = simulate_exposure(spec, 5)
    mover = asteroid_path(spec, spec.asteroids[0], sigma=exposure.sky_sigma, zero_point=25.94)
    gaps = [np.vstack([mover.dashes[k][1][-1], mover.dashes[k + 1][1][0]]) for k in (0, 1)]
    for gap in gaps:
        assert trails.length(gap) > 8
        middle = gap.mean(axis=0)
        assert np.mean(ridge(exposure.pixels, [middle - 1, middle + 1])) < 6 * exposure.sky_sigma
    assert np.median(ridge(exposure.pixels, mover.dashes[1][1])) > 12 * exposure.sky_sigma


def test_trails_bend_by_the_parallax_of_hst():
    """Half an orbit: the path minus that seen from the Earth's centre is up to 9.5 arcsec over the distance off."""
    spec = SimulationSpec(**QUIET, members=1, exposure_s=2800.0, asteroids=(Asteroid(x=200, y=200, snr=5.0, distance_au=1.5),))
    path = asteroid_path(spec, spec.asteroids[0], sigma=1.0, zero_point=25.0).dashes[0][1]
    times = spec.start_mjd + np.linspace(0, 2800 / 86400, len(path))
    ra, dec = pixel_to_sky(spec, 200, 200)
    orbit = orbit_through(ra_deg=ra, dec_deg=dec, distance_au=1.5, mjd=(spec.start_mjd + spec.end_mjd) / 2)
    from_centre = sky_to_pixel(spec, apparent_track(orbit, times, None))
    off = (path - path[0]) - (from_centre - from_centre[0])
    chord = np.linalg.norm(spec.hst.position_km(times[-1]) - spec.hst.position_km(times[0])) / AU_KM
    most = np.degrees(chord / 1.5) * 3600 / 0.1
    assert 0.3 * most < np.hypot(*off[-1]) <= 1.01 * most
    assert trails.distance_to(path, path[[0, -1]]).max() > 1.0


def test_pixels_and_sky_agree_with_the_wcs(busy):
    place = busy.wcs.all_pix2world([[10.0, 650.0]], 0)
    assert pixel_to_sky(busy.spec, 10.0, 650.0) == pytest.approx(tuple(place[0]), abs=1e-9)
    assert sky_to_pixel(busy.spec, place) == pytest.approx(np.array([[10.0, 650.0]]), abs=1e-6)


def test_satellites_run_from_edge_to_edge_of_the_data(busy):
    (satellite,) = [item for item in busy.truth if item.klass == "satellite"]
    assert trails.length(satellite.points) > 600
    for x, y in satellite.points:
        beyond = np.rint([y, x] + 20 * np.sign([y - 350, x - 350])).astype(int).clip(0, 699)
        assert np.isnan(busy.pixels[tuple(beyond)])


def test_the_truth_of_a_cutout_is_clipped_to_it(busy):
    boxes = plan(700, 700, 0.1, target=350, small=100)
    assert len(boxes) == 4
    parts = [item for box in boxes for item in truth_in_box(busy.truth, box) if item.klass == "satellite"]
    assert 2 <= len(parts) <= 4
    for part in parts:
        assert part.points.min() >= -0.5
        assert part.points.max() <= boxes[0].width
    whole = next(item for item in busy.truth if item.klass == "satellite")
    total = sum(trails.length(part.points) for part in parts)
    assert trails.length(whole.points) <= total <= trails.length(whole.points) + 4 * 40


def test_a_written_file_reads_back_as_a_simulated_exposure(busy, tmp_path):
    path = tmp_path / "sim0001_drz.fits"
    told = write_fits(busy, path)
    assert json.loads(json.dumps(told))["rootname"] == "sim0001"
    record = read(path)
    assert (record.survey, record.observation_id, record.product, record.kind) == ("sim", "sim0001", "drz", "composite")
    assert (record.simulated, record.credit, record.licence) == (True, "Simulated by Hunter", "CC0-1.0")
    assert (record.instrument, record.detector, record.filter) == ("ACS", "WFC", "F814W")
    assert record.members == ("sim0001a", "sim0001b")
    assert record.exposure_time_s == 1000.0
    assert record.start_mjd == busy.spec.start_mjd
    assert record.end_mjd == pytest.approx(busy.spec.start_mjd + 1130 / 86400)
    assert record.zero_point_ab_mag == pytest.approx(25.94, abs=1e-6)
    assert record.pixel_scale_arcsec == pytest.approx(0.1)
    assert (record.ra_deg, record.dec_deg) == (pytest.approx(150.0), pytest.approx(12.0))
    assert record.orbit["POSTNSTX"] == pytest.approx(busy.spec.hst.position_km(busy.spec.start_mjd)[0])
    assert not any("truth" in str(card).lower() for header in record.headers for card in header)
    plane = record.planes[0]
    pixels = read_plane(path, plane.index)
    assert np.array_equal(np.isnan(pixels), np.isnan(busy.pixels))
    assert np.nanmax(np.abs(pixels - busy.pixels)) < busy.sky_sigma
    assert np.nanstd(pixels - busy.pixels) < busy.sky_sigma / 8
    again = load_wcs(wcs_file(path), plane.index)
    assert again.all_pix2world([[3.0, 4.0]], 0) == pytest.approx(busy.wcs.all_pix2world([[3.0, 4.0]], 0))
    assert path.stat().st_size < 1.1 * 700 * 700


def test_the_sample_sky_holds_what_the_demo_needs():
    specs = sample_sky(40, 1)
    assert specs == sample_sky(40, 1)
    assert specs != sample_sky(40, 2)
    assert len({spec.rootname for spec in specs}) == 40
    assert {spec.members for spec in specs} == {1, 2, 3, 4}
    boxes = plan(2100, 2100, 0.1)
    trails_seen, satellites_seen = 0, 0
    for spec in specs:
        truth = [item for item in (asteroid.snr >= 1.5 and asteroid for asteroid in spec.asteroids) if item]
        trails_seen += sum(any(b.x0 <= a.x < b.x0 + 1050 and b.y0 <= a.y < b.y0 + 1050 for a in truth) for b in boxes)
        satellites_seen += bool(spec.satellites)
    assert 0.3 <= trails_seen / 160 <= 0.55
    assert 4 <= satellites_seen <= 14
    assert sum(spec.arcs > 0 for spec in specs) >= 5


def test_one_frame_of_the_sample_sky_is_whole():
    spec = sample_sky(3, 4, size=600)[2]
    exposure = simulate_exposure(spec, 3)
    assert exposure.pixels.shape == (600, 600)
    assert 0.3 < np.isfinite(exposure.pixels).mean() < 0.99
    assert all(len(item.points) >= 2 for item in exposure.truth)
