"""Geometry of trails: identities that must hold for any line, and clusters that people's marks make."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sky import trails

coordinate = st.floats(-500, 2500, allow_nan=False, width=32)
polyline = st.lists(st.tuples(coordinate, coordinate), min_size=2, max_size=8).map(np.array)


@given(polyline)
def test_a_line_is_at_no_distance_from_itself_in_either_direction(line):
    assert trails.distance(line, line[::-1]) == pytest.approx(0.0, abs=1e-3)
    assert trails.end_distance(line, line[::-1]) == 0.0
    assert trails.matches(line, line[::-1], tolerance_px=0.01, coverage=1.0)


@given(polyline, polyline)
def test_distances_are_symmetric_and_ignore_direction(a, b):
    assert trails.distance(a, b) == pytest.approx(trails.distance(b, a[::-1]), abs=1e-6)
    assert trails.end_distance(a, b) == pytest.approx(trails.end_distance(b[::-1], a))


@given(polyline, st.floats(0.5, 50.0))
def test_resampling_keeps_the_ends_and_stays_on_the_line(line, step):
    points = trails.resample(line, step)
    assert points[0] == pytest.approx(line[0], abs=1e-6)
    if trails.length(line) > 0:
        assert points[-1] == pytest.approx(line[-1], abs=1e-6)
        assert np.hypot(*np.diff(points, axis=0).T).max() <= step * (1 + 1e-9)
    assert trails.distance_to(points, line).max() == pytest.approx(0.0, abs=1e-6)


@given(polyline, st.floats(-100, 100), st.floats(0, 6.28))
def test_length_and_distance_do_not_depend_on_where_or_which_way_up(line, shift, angle):
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    moved = line @ turn.T + shift
    assert trails.length(moved) == pytest.approx(trails.length(line), abs=1e-6)


def test_a_fragment_is_near_the_whole_but_does_not_match_it():
    whole, fragment = [(0, 0), (100, 0)], [(20, 1), (40, 1)]
    assert trails.distance(whole, fragment) == pytest.approx(1.0)
    assert not trails.matches(whole, fragment, tolerance_px=3, coverage=0.5)
    assert trails.covered(fragment, whole, tolerance_px=3) == 1.0
    assert trails.covered(whole, fragment, tolerance_px=3) == pytest.approx(0.24, abs=0.03)


def test_crossing_lines_do_not_match():
    assert not trails.matches([(0, 0), (100, 100)], [(0, 100), (100, 0)], tolerance_px=5, coverage=0.3)


@given(polyline)
def test_what_is_clipped_lies_inside_and_on_the_line(line):
    inside = trails.clip(line, width=1000, height=800)
    if len(inside):
        assert inside.min() >= -0.5 - 1e-6
        assert (inside <= [999.5 + 1e-6, 799.5 + 1e-6]).all()
        assert trails.distance_to(inside, line).max() == pytest.approx(0.0, abs=1e-6)


def test_clipping_cuts_at_the_pixel_edges():
    assert trails.clip([(-10, 5), (30, 5)], width=20, height=10).tolist() == [[-0.5, 5], [19.5, 5]]
    assert len(trails.clip([(-10, 50), (30, 50)], width=20, height=10)) == 0
    assert trails.clip([(1, 1), (5, 5)], width=20, height=10).tolist() == [[1, 1], [5, 5]]


@given(st.integers(0, 2**32 - 1), st.integers(1, 3), st.integers(4, 12))
@settings(max_examples=40)
def test_marks_of_several_trails_come_apart_whatever_their_order(seed, count, people):
    rng = np.random.default_rng(seed)
    truth = [np.array([100.0 + 300 * i, 50.0, 200.0 + 300 * i, 700.0]) for i in range(count)]
    marks = np.vstack([line + rng.uniform(-3, 3, (people, 4)) for line in truth])
    flip = rng.random(len(marks)) < 0.5
    marks[flip] = marks[flip][:, [2, 3, 0, 1]]
    stray = rng.uniform(0, 1000, (2, 4)) + 5000
    found = trails.cluster_segments(rng.permutation(np.vstack([marks, stray])), 20.0, 3)
    assert [segment.n for segment in found] == [people] * count
    for line in truth:
        nearest = min(trails.end_distance(line.reshape(2, 2), [s[:2], s[2:4]]) for s in found)
        assert nearest < 4.5
    assert all(segment.scatter_px < 4.5 for segment in found)


def test_few_marks_make_no_trail():
    assert trails.cluster_segments([], 10, 2) == []
    assert trails.cluster_segments([(0, 0, 10, 10)], 10, 2) == []
    (one,) = trails.cluster_segments([(10, 10, 0, 0)], 10, 1)
    assert one == (0, 0, 10, 10, 0, 1)


def test_one_wild_mark_does_not_move_the_middle():
    marks = [(0, 0, 100, 0), (1, 0, 101, 0), (100, 0, 0, 0), (0, 1, 100, 1), (12, 9, 110, 9)]
    (one,) = trails.cluster_segments(marks, 15, 3)
    assert one.n == 5
    assert trails.end_distance([(0, 0), (100, 0)], [one[:2], one[2:4]]) <= 1.5


@pytest.mark.parametrize("bad", [[], [(1, 2, 3)], [(float("nan"), 1)], 5])
def test_what_is_no_line_is_refused(bad):
    with pytest.raises(ValueError, match="trail"):
        trails.Trail(bad, "asteroid")
