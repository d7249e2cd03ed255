import numpy as np
import pytest

from ml.detector.trace import measure, trace
from sky import trails
from sky.simulate import draw_trail


def curve():
    t = np.linspace(0, 1, 40)
    return np.column_stack([40 + 150 * t, 60 + 90 * t - 70 * t * (1 - t)])


def noisy(points, brightness, width=1.8, seed=1):
    rng = np.random.default_rng(seed)
    return draw_trail((256, 256), points, width, brightness=brightness) + rng.standard_normal((256, 256), dtype=np.float32)


def test_a_mark_of_two_ends_is_bent_onto_a_curved_trail():
    truth = curve()

    traced = trace(noisy(truth, 5.0), truth[0] + [1.0, -1.0], truth[-1] + [-1.0, 2.0])

    assert trails.distance_to(truth, truth[[0, -1]]).max() > 10  # the chord is far off
    assert trails.distance_to(traced, truth).max() < 2.5


def test_a_mark_where_there_is_no_light_stays_a_chord():
    ends = np.array([[40.0, 60.0], [190.0, 150.0]])

    assert trace(noisy(curve(), 0.0), *ends).tolist() == ends.tolist()


@pytest.mark.parametrize("off", [-10.0, -4.0, 0.0, 4.0, 10.0])
def test_the_ends_are_found_where_the_light_ends(off):
    truth = np.array([[50.0, 70.0], [180.0, 120.0]])
    unit = (truth[1] - truth[0]) / np.hypot(*(truth[1] - truth[0]))

    measured = measure(noisy(truth, 6.0), np.array([truth[0] - off * unit, truth[1] + off * unit]))

    assert trails.end_distance(measured.points, truth) < 2.5


def test_width_and_contrast_are_measured():
    truth = np.array([[50.0, 70.0], [180.0, 120.0]])

    measured = measure(noisy(truth, 6.0, width=2.5), truth)

    assert measured.width_px == pytest.approx(2.9, abs=0.7)  # blurred a little by the sampling
    assert measured.contrast == pytest.approx(5.0, abs=1.2)  # the mean over three pixels is below the ridge


def test_without_light_the_line_is_returned_as_it_is():
    ends = np.array([[50.0, 70.0], [180.0, 120.0]])

    assert measure(noisy(ends, 0.0), ends).points.tolist() == ends.tolist()


def test_missing_pixels_do_no_harm():
    truth = np.array([[50.0, 70.0], [180.0, 120.0]])
    image = noisy(truth, 6.0)
    image[90:100] = np.nan

    assert trails.end_distance(measure(image, truth).points, truth) < 3


def test_light_that_fades_along_a_line_is_uneven():
    line = np.linspace([50.0, 70.0], [180.0, 120.0], 60)

    steady = measure(noisy(line, 6.0), line)
    fading = measure(noisy(line, 40.0 * np.exp(-np.arange(59) / 12)), line)

    assert steady.unevenness < 0.4
    assert fading.unevenness > 0.8
