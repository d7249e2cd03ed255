"""The way that an answer takes through the steps."""

import pytest

from classify.drawing import CleanMark
from classify.seeds import SEEDS
from classify.steps import BadField, check_steps
from classify.walking import walk
from tests.factories import STEPS

TRAIL = SEEDS[1].steps  # a trail? its ends; another one? its ends, up to five in all
LINES = [CleanMark("", 0, 10.0 * n, 20.0, 90.0, 60.0, "") for n in range(1, 7)]
SAID = [line.said() for line in LINES]


def asks(question, *answers):
    """A question with answers (key, next)."""
    return {"type": "single", "question": question, "answers": [{"key": key, "label": key, "next": leads} for key, leads in answers]}


def draws(leads, **more):
    return {"type": "segment", "instruction": "Mark it.", "next": leads, **more}


# Five answers, two kinds of things to mark that may alternate, and a question at the end that no drawing follows.
KINDS = {
    "first": "A",
    "steps": {
        "A": asks("What?", ("trail", "B"), ("ghost", "E"), ("ray", ""), ("star", ""), ("none", "")),
        "B": draws("C", max=2, repeat=2),
        "C": asks("More?", ("trail", "B"), ("satellite", "D"), ("done", "E")),
        "D": draws("C", max=2, repeat=2),
        "E": asks("Sure?", ("sure", ""), ("unsure", "")),
    },
}


def names(drawn):
    return [mark.step for mark in drawn]


def refused(data, answer, marks, annotations):
    with pytest.raises(BadField) as caught:
        walk(data, answer, marks, annotations)
    return caught.value.field


@pytest.mark.parametrize(
    ("n", "drawn", "another"), [(0, [], ["no"]), (1, ["T1"], ["no"]), (2, ["T1", "T3"], ["yes", "no"]), (5, ["T1"] + ["T3"] * 4, ["yes"] * 4)]
)
def test_what_is_left_out_follows_from_the_marks(n, drawn, another):
    marks, said = walk(TRAIL, "yes", LINES[:n], {})
    assert names(marks) == drawn
    assert said["T0"] == "yes"
    assert said["T2"] == another
    assert said["T1"] + said.get("T3", []) == SAID[:n]


def test_what_was_said_is_kept_as_it_was_said():
    full = {"T0": "yes", "T1": SAID[:1], "T2": ["yes", "no"], "T3": SAID[1:2]}
    assert walk(TRAIL, "yes", LINES[:2], full)[1] == full
    assert walk(TRAIL, "no", [], {"T0": ["no"], "T2": None, "T1": []})[1] == {"T0": "no"}
    assert walk(TRAIL, "yes", LINES[:5], {"T2": ["yes"] * 4 + ["no"]})[1]["T2"] == ["yes"] * 4 + ["no"]
    assert walk(TRAIL, "yes", LINES[:1], {"T2": "no"})[1]["T2"] == ["no"]
    assert walk(TRAIL, "yes", LINES[:1], {"T2": ["yes", "no"]})[1]["T3"] == []  # another one, but nothing was marked


def test_other_tasks_are_kept_verbatim():
    assert walk(TRAIL, "no", [], {"T9": {"value": [1]}})[1] == {"T0": "no", "T9": {"value": [1]}}
    assert walk(STEPS, "yes", LINES[:2], {})[1] == {"T0": "yes", "T1": SAID[:2]}


@pytest.mark.parametrize(
    ("answer", "n", "annotations", "field"),
    [
        ("yes", 2, {"T2": ["no"]}, "annotations.T2"),  # no other one, but two marks
        ("yes", 1, {"T2": ["maybe"]}, "annotations.T2"),
        ("yes", 1, {"T2": [["yes"]]}, "annotations.T2"),
        ("yes", 1, {"T2": ["no", "yes"]}, "annotations.T2"),
        ("yes", 5, {"T2": ["yes"] * 5}, "annotations.T2"),  # a sixth one
        ("no", 0, {"T2": ["no"]}, "annotations.T2"),  # never asked
        ("yes", 1, {"T0": "no"}, "annotations.T0"),
        ("yes", 1, {"T1": {"x1": 1}}, "annotations.T1"),
        ("yes", 1, {"T1": SAID[1:2]}, "annotations.T1"),  # another line
        ("yes", 1, {"T1": SAID[:2]}, "annotations.T1"),
        ("yes", 1, {"T3": SAID[1:2]}, "annotations.T3"),
        ("yes", 6, {}, "marks"),
    ],
)
def test_what_contradicts_is_refused_by_name(answer, n, annotations, field):
    assert refused(TRAIL, answer, LINES[:n], annotations) == field


def test_any_steps_and_keys_can_be_walked():
    check_steps(KINDS)
    told = {"B": [SAID[0], SAID[2]], "C": ["satellite", "trail", "done"], "D": [SAID[1]], "E": ["sure"]}
    marks, said = walk(KINDS, "trail", LINES[:3], told)
    assert names(marks) == ["B", "D", "B"]
    assert said == {"A": "trail", **told}
    assert walk(KINDS, "ray", [], {})[1] == {"A": "ray"}
    assert walk(KINDS, "ghost", [], {"E": "unsure"})[1] == {"A": "ghost", "E": ["unsure"]}


def test_an_answer_that_nobody_gave_is_not_made_up():
    assert walk(KINDS, "ghost", [], {})[1] == {"A": "ghost"}  # sure or not: nobody said
    assert walk(KINDS, "trail", LINES[:2], {})[1] == {"A": "trail", "B": SAID[:2], "C": ["done"]}
    assert refused(KINDS, "trail", LINES[:3], {}) == "annotations.C"  # the third is a trail or a satellite
