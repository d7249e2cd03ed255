"""A trail of known place, length and light is put into a real image and measured again: what comes out is what went in."""

import math

import numpy as np
import pytest

from sky import trails
from sky.simulate.draw import profile_integral
from sky.simulate.known import EDGE_PX, KnownTrail, bent_line, fits_in, put_in, star_width_px


def trail(**fields):
    return KnownTrail(**{"x": 200.0, "y": 190.0, "length_px": 150.0, "angle_deg": 30.0, "curvature": 0.1, "flux": 4000.0, "width_px": 1.65} | fields)


def noise(seed=1, size=400):
    return np.random.default_rng(seed).standard_normal((size, size)).astype(np.float32)


@pytest.mark.parametrize("curvature", [0.0, 0.08, -0.2])
def test_a_bent_line_has_its_length_its_bow_and_its_middle(curvature):
    line = bent_line(50.0, 60.0, length_px=120.0, angle_deg=25.0, curvature=curvature)
    chord = math.dist(line[0], line[-1])
    assert trails.length(line) == pytest.approx(120.0, abs=0.02)
    assert line[32] == pytest.approx((50.0, 60.0))
    middle = (line[0] + line[-1]) / 2
    assert math.dist(line[32], middle) / chord == pytest.approx(abs(curvature), abs=1e-4)


@pytest.mark.parametrize(("pieces", "curvature", "scale"), [(1, 0.0, 0.1), (3, 0.12, 0.1), (4, -0.08, 0.05)])
def test_what_was_put_in_is_measured_again(pieces, curvature, scale):
    """Flux within 3 %, middle within 0.8 px, length within 3 px, width of a star: of the difference to the image before."""
    sky = noise()
    made = trail(pieces=pieces, curvature=curvature, width_px=star_width_px(scale))
    added = (put_in(sky, made, electrons_per_sigma=20.0, rng=np.random.default_rng(2)) - sky).astype(float)

    assert added.sum() == pytest.approx(made.flux, rel=0.03)
    rows, cols = np.mgrid[:400, :400]
    light = np.clip(added, 0, None)
    middle = np.array([(cols * light).sum(), (rows * light).sum()]) / light.sum()
    bow = trails.resample(made.points, 1.0).mean(axis=0)  # the light's middle lies inside of the bow
    assert math.dist(middle, bow) < 0.8
    at = np.column_stack([cols[added > 0.5 * made.snr], rows[added > 0.5 * made.snr]])
    along = (at - at.mean(axis=0)) @ np.linalg.svd(at - at.mean(axis=0), full_matrices=False)[2][0]
    assert np.ptp(along) == pytest.approx(math.dist(made.points[0], made.points[-1]), abs=3.0)
    assert trails.distance_to(at, made.points).max() < 2.5


def test_the_light_is_found_by_a_strip_over_the_noise():
    """The same without knowing the image before: the light in a strip of 13 px, its sky subtracted, within three of its errors."""
    made = trail(curvature=0.0, angle_deg=0.0, flux=3000.0)
    seen = put_in(noise(5), made, electrons_per_sigma=15.0, rng=np.random.default_rng(6))
    x0, x1, y0 = round(made.x - 82), round(made.x + 82), round(made.y) - 6
    strip, beside = seen[y0 : y0 + 13, x0:x1], seen[y0 - 40 : y0 - 14, x0:x1]
    flux, error = strip.sum() - beside.mean() * strip.size, math.sqrt(strip.size * (1 + 1 / 2) + made.flux / 15.0)
    assert flux == pytest.approx(made.flux, abs=3 * error)


def test_ridge_and_gaps_are_as_bright_as_they_say():
    made = trail(curvature=0.0, pieces=2, gap=0.5)
    assert made.lit.mean() == pytest.approx(2 / 2.5, abs=0.02)
    assert made.snr * profile_integral(made.width_px) * made.length_px * made.lit.mean() == pytest.approx(made.flux)
    clean = put_in(np.zeros((400, 400), np.float32), made, electrons_per_sigma=1e9, rng=np.random.default_rng(1))
    x, y = made.points[16]
    assert clean[round(y) - 1 : round(y) + 2, round(x) - 1 : round(x) + 2].max() == pytest.approx(made.snr, rel=0.12)
    x, y = made.points[32]
    assert clean[round(y), round(x)] < 0.02 * made.snr


def test_nothing_changes_where_no_light_falls_and_no_data_stay_no_data():
    sky = noise(3)
    sky[300:] = np.nan
    seen = put_in(sky, trail(), electrons_per_sigma=10.0, rng=np.random.default_rng(4))
    assert np.isnan(seen[300:]).all()
    far = np.ones_like(sky, bool)
    far[90:290, 100:300] = False
    assert np.array_equal(seen[far & np.isfinite(sky)], sky[far & np.isfinite(sky)])


def test_its_own_noise_is_that_of_its_electrons():
    made = trail(flux=60000.0, curvature=0.0, angle_deg=0.0)
    blank = np.zeros((400, 400), np.float32)
    clean = put_in(blank, made, electrons_per_sigma=1e12, rng=np.random.default_rng(1))
    noisy = put_in(blank, made, electrons_per_sigma=10.0, rng=np.random.default_rng(1))
    bright = clean > 0.5 * made.snr
    spread = ((noisy - clean)[bright] / np.sqrt(clean[bright] / 10.0)).std()
    assert spread == pytest.approx(1.0, abs=0.12)


def test_a_trail_fits_where_all_of_it_lies_on_data():
    assert fits_in(noise(), trail())
    assert not fits_in(noise(), trail(x=EDGE_PX + 10))
    holed = noise()
    holed[180:200] = np.nan
    assert not fits_in(holed, trail(angle_deg=80.0))
