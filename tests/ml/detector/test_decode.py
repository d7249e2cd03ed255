import numpy as np
import pytest

from ml.detector import targets
from ml.detector.config import DetectorConfig
from ml.detector.decode import decode
from ml.detector.samples import LabelledTrail
from sky import trails
from sky.simulate import draw_trail

CONFIG = DetectorConfig()


def perfect(found, shape=(256, 256)):
    return 0.02 + 0.96 * targets.draw(found, shape, CONFIG).ridge


def curve():
    t = np.linspace(0, 1, 61)
    return np.column_stack([30 + 180 * t, 60 + 120 * t - 60 * t * (1 - t)])


def dashes():
    points = curve()
    return [points[:18], points[21:38], points[41:]]


def test_a_curved_dashed_trail_is_one_find_with_its_ends():
    found = decode(perfect([LabelledTrail("asteroid", dash) for dash in dashes()]), CONFIG)

    assert [c.klass for c in found] == ["asteroid"]
    assert trails.end_distance(found[0].points, curve()) < 3
    assert trails.distance_to(found[0].points, curve()).max() < 3


def test_the_image_makes_the_ends_better():
    image = sum(draw_trail((256, 256), dash, 1.8, brightness=6.0) for dash in dashes())
    image += np.random.default_rng(1).standard_normal((256, 256), dtype=np.float32)
    short = curve()[3:-3]  # a map that misses 10 px at each end

    found = decode(perfect([LabelledTrail("asteroid", short)]), CONFIG, image=image)

    assert trails.end_distance(found[0].points, curve()) < 3


def test_a_hook_is_followed_round():
    t = np.linspace(0, np.pi, 40)
    hook = np.column_stack([128 + 60 * np.cos(t), 128 + 50 * np.sin(t)])

    found = decode(perfect([LabelledTrail("asteroid", hook)]), CONFIG)

    assert len(found) == 1
    assert trails.end_distance(found[0].points, hook) < 3


@pytest.mark.parametrize(("shift", "count"), [((0, 90), 2), ((140, 20), 2), ((30, 10), 1)])
def test_only_dashes_in_line_are_linked(shift, count):
    first = np.array([[20.0, 30.0], [80.0, 50.0]])
    second = np.array([[80.0, 50.0], [110.0, 60.0]]) + shift

    found = decode(perfect([LabelledTrail("asteroid", first), LabelledTrail("asteroid", second)]), CONFIG)

    assert len(found) == count


def test_two_trails_that_cross_are_two_finds():
    one, two = np.array([[20.0, 20.0], [230.0, 220.0]]), np.array([[20.0, 200.0], [230.0, 60.0]])

    found = decode(perfect([LabelledTrail("satellite", one), LabelledTrail("satellite", two)]), CONFIG)

    assert len(found) == 2
    assert all(min(trails.end_distance(c.points, one), trails.end_distance(c.points, two)) < 4 for c in found)


def test_one_trail_seen_in_two_classes_is_one_find_of_the_surer_class():
    ridge = perfect([LabelledTrail("asteroid", curve())])
    ridge[1] = ridge[0] * 0.8

    assert [c.klass for c in decode(ridge, CONFIG)] == ["asteroid"]


@pytest.mark.parametrize("value", [0.0, 0.3, 1.0])
def test_a_map_without_structure_is_no_trouble(value):
    found = decode(np.full((2, 64, 64), value, np.float32), CONFIG, image=np.zeros((128, 128), np.float32))

    assert len(found) <= CONFIG.max_finds


def test_nothing_is_found_where_nothing_rises_above_the_threshold():
    assert decode(np.full((2, 64, 64), 0.5, np.float32), CONFIG) == []


def test_what_bends_is_no_satellite():
    assert decode(perfect([LabelledTrail("satellite", curve())]), CONFIG) == []


@pytest.mark.parametrize(
    ("ends", "klass"), [([[60, 60], [190, 150]], "asteroid"), ([[0, 60], [255, 150]], "satellite"), ([[5, 60], [120, 100]], "satellite")]
)
def test_a_straight_trail_that_ends_inside_the_image_at_both_sides_is_no_satellite(ends, klass):
    found = decode(perfect([LabelledTrail("satellite", np.array(ends, float))]), CONFIG)

    assert [c.klass for c in found] == [klass]


def test_a_satellite_may_end_where_the_data_end():
    image = np.zeros((256, 256), np.float32)
    image[:, :55] = np.nan

    found = decode(perfect([LabelledTrail("satellite", np.array([[60.0, 60.0], [190.0, 150.0]]))]), CONFIG, image=image)

    assert [c.klass for c in found] == ["satellite"]
