import numpy as np

from ml.detector import targets
from ml.detector.config import DetectorConfig
from ml.detector.samples import LabelledTrail
from sky import trails

CONFIG = DetectorConfig()


def arc():
    t = np.linspace(0, 1, 30)
    return np.column_stack([20 + 80 * t, 30 + 60 * t**2])


def test_cells_on_the_line_are_trail_and_the_ring_is_not_judged():
    drawn = targets.draw([LabelledTrail("asteroid", arc())], (128, 128), CONFIG)

    y, x = np.nonzero(drawn.ridge[0])
    centres = np.column_stack([x, y]) * 2 + 0.5
    off = trails.distance_to(centres, arc())
    assert off.max() < CONFIG.ridge_half_width + 0.2
    assert trails.covered(arc(), centres, tolerance_px=2.0) == 1.0
    ring = np.column_stack(np.nonzero(drawn.weight[0] == 0)[::-1]) * 2 + 0.5
    assert trails.distance_to(ring, arc()).max() < CONFIG.ridge_half_width + CONFIG.ignore_px + 0.2


def test_other_classes_and_far_cells_are_judged_as_empty():
    drawn = targets.draw([LabelledTrail("asteroid", arc())], (128, 128), CONFIG)

    assert drawn.ridge[1].sum() == 0
    assert drawn.weight[1].min() == 1
    assert drawn.weight[0, -1].min() == 1


def test_the_direction_is_that_of_the_trail_and_not_of_its_sense():
    points = np.array([[10.0, 10.0], [50.0, 50.0]])

    one = targets.draw([LabelledTrail("asteroid", points)], (64, 64), CONFIG).orientation
    two = targets.draw([LabelledTrail("asteroid", points[::-1])], (64, 64), CONFIG).orientation

    np.testing.assert_allclose(one, two, atol=1e-5)
    np.testing.assert_allclose(one[:, 15, 15], [0, 1], atol=1e-5)


def test_a_trail_outside_leaves_no_mark_and_one_across_the_edge_is_cut():
    outside = LabelledTrail("asteroid", np.array([[-90.0, -50.0], [-40.0, -20.0]]))
    across = LabelledTrail("satellite", np.array([[-30.0, 20.0], [200.0, 20.0]]))

    drawn = targets.draw([outside, across], (64, 64), CONFIG)

    assert drawn.ridge[0].sum() == 0
    assert drawn.ridge[1].any(axis=0).all()


def test_weights_and_asked_classes_are_kept():
    trail = LabelledTrail("asteroid", np.array([[10.0, 10.0], [50.0, 10.0]]), weight=0.5)

    drawn = targets.draw([trail], (64, 64), CONFIG, asked=("asteroid",))

    assert set(drawn.weight[0][drawn.ridge[0] > 0]) == {0.5}
    assert drawn.asked.tolist() == [1.0, 0.0]
