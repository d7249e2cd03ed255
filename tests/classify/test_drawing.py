"""Which lines can be stored."""

import math

import pytest

from classify import drawing
from classify.steps import BadField

SIZES = [(256, 128), (64, 64)]
LINE = {"frame": 0, "x1": 1.0, "y1": 2.0, "x2": 50.0, "y2": 60.0}


def marks(*drawn, suggestions=()):
    return drawing.clean_marks(list(drawn), most=5, sizes=SIZES, suggestions=suggestions)


def refused(*drawn, **more):
    with pytest.raises(BadField) as caught:
        marks(*drawn, **more)
    return caught.value.field


def test_a_good_mark_is_kept_with_its_step():
    assert marks(LINE) == [("", 0, 1.0, 2.0, 50.0, 60.0, "")]
    assert marks({**LINE, "suggestion": None, "key": 3}) == [("", 0, 1.0, 2.0, 50.0, 60.0, "")]


def test_ends_may_lie_a_little_outside_the_frame():
    assert marks({**LINE, "x1": -16, "x2": 271})[0].x2 == 271.0
    assert refused({**LINE, "x1": -16.1}) == "marks[0].x1"
    assert refused({**LINE, "x2": 271.1}) == "marks[0].x2"


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, None, "3", True, [1], 10**400])
def test_an_end_that_is_no_place_is_refused_by_name(value):
    assert refused(LINE, {**LINE, "y2": value}) == "marks[1].y2"


@pytest.mark.parametrize("frame", [2, -1, "0", 0.0, True])
def test_a_frame_that_the_subject_has_not_is_refused(frame):
    assert refused({**LINE, "frame": frame}) == "marks[0].frame"


def test_the_frame_decides_how_large_it_is():
    assert refused({**LINE, "frame": 1, "x2": 90}) == "marks[0].x2"


def test_more_marks_than_the_step_takes_are_refused():
    assert len(marks(*[LINE] * 5)) == 5
    assert refused(*[LINE] * 6) == "marks"


def test_nothing_is_marked_after_an_answer_without_a_drawing_step():
    assert drawing.clean_marks([], most=0, sizes=SIZES, suggestions=()) == []
    with pytest.raises(BadField, match="Nothing is marked"):
        drawing.clean_marks([LINE], most=0, sizes=SIZES, suggestions=())


def test_other_shapes_of_marks_are_refused():
    with pytest.raises(BadField):
        drawing.clean_marks({"x1": 1}, most=5, sizes=SIZES, suggestions=())
    assert refused([1, 2, 3, 4]) == "marks[0]"
    assert refused({**LINE, "x2": 1.0, "y2": 2.0}) == "marks[0]"


def test_only_what_was_suggested_can_be_kept():
    assert marks({**LINE, "suggestion": "t1"}, suggestions=["t1"])[0].suggestion == "t1"
    assert refused({**LINE, "suggestion": "t2"}, suggestions=["t1"]) == "marks[0].suggestion"
