import numpy as np
import pytest

from ml.detector.evaluate import at_threshold, judge, lies_on, measures
from ml.detector.samples import LabelledTrail

TRAIL = np.array([[0.0, 0.0], [100.0, 0.0]])
OTHER = np.array([[0.0, 50.0], [100.0, 50.0]])
NOWHERE = np.array([[0.0, 140.0], [100.0, 140.0]])


def truth(*lines):
    return [LabelledTrail("asteroid", line) for line in lines]


@pytest.mark.parametrize(
    ("find", "right"),
    [
        ([[0, 3], [100, 3]], True),
        ([[100, 0], [0, 0]], True),
        ([[10, 0], [40, 0]], True),
        ([[10, 0], [22, 0]], False),  # too small a part of the trail
        ([[60, 0], [200, 0]], False),  # most of it lies beyond the end
        ([[0, 12], [100, 12]], False),
        ([[50, -50], [50, 50]], False),
    ],
)
def test_a_find_is_right_when_it_lies_on_the_trail_and_is_long_enough(find, right):
    assert lies_on(np.array(find, float), TRAIL) is right


def test_a_second_fragment_is_neither_right_nor_wrong():
    finds = [(0.9, "asteroid", TRAIL[[0, 1]] * 0.5), (0.8, "asteroid", TRAIL), (0.7, "asteroid", NOWHERE)]

    report = measures([judge(finds, truth(TRAIL, OTHER))])

    assert (report["trails"], report["finds"]) == (2, 2)
    assert report["curve"] == [[0.5, 1.0, 0.9], [0.5, 0.5, 0.7]]


def test_average_precision_is_the_area_under_the_best_precision():
    right_wrong_right = [(0.9, "asteroid", TRAIL), (0.8, "asteroid", NOWHERE), (0.7, "asteroid", OTHER)]

    report = measures([judge(right_wrong_right, truth(TRAIL, OTHER))])

    assert report["ap"] == pytest.approx((1 + 2 / 3) / 2)
    assert (report["precision"], report["recall"], report["threshold"]) == (pytest.approx(2 / 3), 1.0, 0.7 * 0.95)
    assert report["end_error_median_px"] == 0.0


def test_another_class_is_another_trail():
    assert measures([judge([(0.9, "satellite", TRAIL)], truth(TRAIL))])["recall"] == 0.0


def test_no_finds_and_no_trails_give_plain_numbers():
    empty = measures([])

    assert (empty["ap"], empty["precision"], empty["recall"], empty["curve"]) == (None, None, 0.0, [])
    assert measures([judge([], truth(TRAIL))])["ap"] == 0.0


def test_figures_at_a_given_threshold():
    finds = [(0.9, "asteroid", TRAIL), (0.4, "asteroid", NOWHERE)]
    results = [judge(finds, truth(TRAIL, OTHER)), judge([], [])]

    assert at_threshold(results, 0.5) == {
        "threshold": 0.5,
        "trails": 2,
        "precision": 1.0,
        "recall": 0.5,
        "false_per_cutout": 0.0,
    }
    assert at_threshold(results, 0.1) == {
        "threshold": 0.1,
        "trails": 2,
        "precision": 0.5,
        "recall": 0.5,
        "false_per_cutout": 0.5,
    }


def test_faint_trails_count_neither_way_when_only_evident_ones_are_asked_for():
    finds = [(0.9, "asteroid", TRAIL), (0.4, "asteroid", OTHER)]
    result = judge(finds, truth(TRAIL, OTHER), [0.8, 5.0])

    evident = measures([result], from_contrast=2.0)

    assert (evident["trails"], evident["finds"], evident["recall"], evident["precision"]) == (1, 1, 1.0, 1.0)


def test_the_threshold_lies_between_the_last_right_find_and_the_next_wrong_one():
    finds = [(0.9, "asteroid", TRAIL), (0.5, "asteroid", NOWHERE)]

    assert measures([judge(finds, truth(TRAIL))])["threshold"] == 0.7
