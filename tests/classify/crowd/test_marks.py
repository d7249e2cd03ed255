"""Marks of simulated people on frames whose trails are known; benchmarks/marks.py counts over more of them."""

import subprocess
import sys

import numpy as np
import pytest

from benchmarks.marks import SCENES, score
from classify.crowd.consensus import MarkRow, Policy, cluster_marks
from classify.crowd.marks import cluster

MEASURED = {scene.name: scene for scene in SCENES}


@pytest.mark.parametrize(
    ("scene", "at_least"),
    [
        ("one trail, 3 of 10 swap ends", 1.0),
        ("two crossing trails", 0.95),
        ("two parallel trails 30 px apart", 0.9),
        ("one trail, 20 % outliers", 1.0),
        ("only two markers", 1.0),
        ("only two markers, one elsewhere: no trail", 1.0),
        ("careless ends (12 px), five markers", 0.75),
        ("nobody agrees: no trail", 0.95),
    ],
)
def test_it_finds_the_trails_that_there_are(scene, at_least):
    right, too_many, _ = score(MEASURED[scene], cluster, 20)
    assert right >= at_least
    assert too_many <= 0.05


def test_it_is_better_than_linking_where_hands_are_unsteady():
    careless = MEASURED["careless ends (12 px), five markers"]
    assert score(careless, cluster, 40)[0] > 1.3 * score(careless, lambda rows: cluster_marks(rows, Policy()), 40)[0]


def line(person, x=100.0, frame=0, jitter=0.0):
    return MarkRow(person, frame, x + jitter, 100.0 - jitter, x + 200, 300.0 + jitter)


def swapped(row):
    return MarkRow(row.person, row.frame, row.x2, row.y2, row.x1, row.y1)


def test_ends_are_medians_in_one_direction_with_their_scatter():
    trail, *others = cluster([line(1), swapped(line(2, jitter=3)), line(3, jitter=-1)])
    assert others == []
    assert (trail.x1, trail.y1, trail.x2, trail.y2) == (100.0, 100.0, 300.0, 300.0)
    assert 0 < trail.scatter_px < 5
    assert trail.n_markers == 3


def test_one_person_is_one_marker_however_often():
    assert cluster([line(1), line(1, jitter=1), line(1, jitter=2)]) == []
    assert [trail.n_markers for trail in cluster([line(1), line(1, jitter=1), line(2)])] == [2]


def test_half_of_those_who_marked_the_frame_are_needed():
    rows = [line(person) for person in range(5)] + [line(person, x=600.0) for person in range(4, 9)]
    assert [trail.n_markers for trail in cluster(rows)] == [5, 5]
    assert [round(trail.x1) for trail in cluster([*rows, line(9, x=600.0)])] == [600, 100]
    assert [round(trail.x1) for trail in cluster([*rows, line(9, x=600.0), line(10, x=600.0)])] == [600]


def test_frames_stand_for_themselves_and_the_order_of_people_changes_nothing():
    rows = [line(person, frame=frame, jitter=float(person)) for frame in (1, 0) for person in range(4)] + [line(9, x=700, frame=1)]
    shuffled = [rows[i] for i in np.random.default_rng(1).permutation(len(rows))]
    assert [(trail.frame, trail.n_markers) for trail in cluster(rows)] == [(0, 4), (1, 4)]
    assert cluster(shuffled) == cluster(rows)


def test_the_wildest_mark_moves_nothing():
    rows = [line(person) for person in range(4)]
    assert cluster([*rows, MarkRow(9, 0, 0, 900, 40, 20)]) == cluster(rows)
    assert cluster([]) == []


@pytest.mark.parametrize("wrong", [{"tolerance_px": 0.0}, {"share": 0.0}, {"share": 1.1}])
def test_settings_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ValueError, match="tolerance_px: above 0"):
        cluster([line(1), line(2)], **wrong)
    with pytest.raises(ValueError, match="finite"):
        cluster([line(1)._replace(x1=float("nan"))])


def test_the_library_is_loaded_only_when_people_disagree():
    code = "import sys, classify.crowd.marks; sys.exit('sklearn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
