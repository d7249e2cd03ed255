"""What a workflow asks and whether a body answers it."""

import math

import pytest

from classify import steps
from classify.seeds import SEEDS
from classify.steps import BadField
from tests.factories import STEPS

SIZES = [(256, 128), (64, 64)]
LINE = {"frame": 0, "x1": 1.0, "y1": 2.0, "x2": 50.0, "y2": 60.0}


def marks(*drawn, answer="yes", suggestions=()):
    return steps.clean_marks(STEPS, answer, list(drawn), SIZES, suggestions)


def refused(*drawn, **more):
    with pytest.raises(BadField) as caught:
        marks(*drawn, **more)
    return caught.value.field


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.slug)
def test_the_seeds_can_be_walked(seed):
    steps.check_steps(seed.steps)


def test_steps_that_cannot_be_walked_are_refused():
    for bad in (
        {"first": "T9", "steps": STEPS["steps"]},
        {"first": "T1", "steps": STEPS["steps"]},
        {"first": "T0", "steps": {"T0": {"type": "single", "answers": [{"key": "yes"}]}}},
        {"first": "T0", "steps": {"T0": {"type": "single", "answers": [{"key": "a"}, {"key": "a"}]}}},
        {"first": "T0", "steps": {"T0": {"type": "single", "answers": [{"key": "a", "next": "T5"}, {"key": "b"}]}}},
    ):
        with pytest.raises(BadField):
            steps.check_steps(bad)


def test_a_good_mark_is_kept_with_its_step():
    assert marks(LINE) == [("T1", 0, 1.0, 2.0, 50.0, 60.0, "")]
    assert marks({**LINE, "suggestion": None, "key": 3}) == [("T1", 0, 1.0, 2.0, 50.0, 60.0, "")]


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


def test_nothing_is_marked_after_no():
    assert steps.clean_marks(STEPS, "no", [], SIZES, ()) == []
    assert refused(LINE, answer="no") == "marks"


def test_other_shapes_of_marks_are_refused():
    with pytest.raises(BadField):
        steps.clean_marks(STEPS, "yes", {"x1": 1}, SIZES, ())
    assert refused([1, 2, 3, 4]) == "marks[0]"
    assert refused({**LINE, "x2": 1.0, "y2": 2.0}) == "marks[0]"


def test_only_what_was_suggested_can_be_kept():
    assert marks({**LINE, "suggestion": "t1"}, suggestions=["t1"])[0].suggestion == "t1"
    assert refused({**LINE, "suggestion": "t2"}, suggestions=["t1"]) == "marks[0].suggestion"


def test_an_answer_must_be_one_of_the_workflows():
    assert steps.clean_answer(STEPS, "impossible") == "impossible"
    with pytest.raises(BadField, match="yes, no, impossible"):
        steps.clean_answer(STEPS, "maybe")


def test_objects_are_kept_verbatim_within_limits():
    said = {"T7": {"value": ["x", 1, None]}}
    assert steps.clean_object("annotations", said, 100) == said
    assert steps.clean_object("annotations", None, 100) == {}
    for bad in ([1], "text", {"a": "x" * 200}, {"a": math.nan}, {"a": "\x00"}):
        with pytest.raises(BadField):
            steps.clean_object("annotations", bad, 100)
