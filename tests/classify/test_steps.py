"""What a workflow asks, and whether its steps can be walked."""

import copy

import pytest

from classify import steps
from classify.seeds import SEEDS
from classify.steps import BadField
from tests.factories import STEPS

TRAIL = SEEDS[1].steps  # a trail? its ends; another one? its ends, up to five in all
LABELLED = {"key": "a", "label": "A"}


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.slug)
def test_the_seeds_can_be_walked(seed):
    steps.check_steps(seed.steps)


def changed(path, value):
    """The original's steps with one thing changed; `path` as in T2.answers[0].next."""
    data = copy.deepcopy(TRAIL)
    names = path.replace("]", "").replace("[", ".").split(".")
    place = data if names[0] in data else data["steps"]
    for name in names[:-1]:
        place = place[int(name)] if isinstance(place, list) else place[name]
    place[int(names[-1]) if isinstance(place, list) else names[-1]] = value
    return data


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        ("first", "T9", "first"),
        ("first", "T1", "first"),
        ("first", None, "first"),
        ("steps", {}, "steps"),
        ("steps", [], "steps"),
        ("T 5", TRAIL["steps"]["T1"], "steps"),
        ("T1.type", "circle", "T1"),
        ("T0.question", "", "T0.question"),
        ("T0.question", "x" * 301, "T0.question"),
        ("T0.help", 5, "T0.help"),
        ("T0.answers", [LABELLED], "T0.answers"),
        ("T0.answers", [{"key": f"a{n}", "label": "A"} for n in range(9)], "T0.answers"),
        ("T0.answers", [LABELLED, LABELLED], "T0.answers"),
        ("T0.answers", [LABELLED, "no"], "T0.answers[1]"),
        ("T0.answers[1].key", "", "T0.answers[1].key"),
        ("T0.answers[1].key", "x" * 41, "T0.answers[1].key"),
        ("T0.answers[1].label", " ", "T0.answers[1].label"),
        ("T0.answers[1].next", "T9", "T0"),
        ("T2.answers[0].next", "T0", "T2"),
        ("T2.answers[1].next", "T2", "T2"),
        ("T1.instruction", "", "T1.instruction"),
        ("T1.max", 0, "T1.max"),
        ("T1.max", 2.0, "T1.max"),
        ("T3.repeat", 51, "T3.repeat"),
        ("T3.max", 20, "T3.repeat"),
        ("T2.answers[0].next", "", "T3"),
    ],
)
def test_steps_that_cannot_be_walked_are_refused_by_name(path, value, field):
    with pytest.raises(BadField) as caught:
        steps.check_steps(changed(path, value))
    assert caught.value.field == field


def test_questions_that_lead_to_each_other_go_round_for_ever():
    data = changed("T2.answers[1].next", "T4")
    data["steps"]["T4"] = {"type": "single", "question": "Sure?", "answers": [{**LABELLED, "next": "T2"}, {"key": "b", "label": "B", "next": ""}]}
    with pytest.raises(BadField, match="without anything being drawn"):
        steps.check_steps(data)
    data["steps"]["T4"]["answers"][0]["next"] = "T3"  # through a drawing step they come to an end
    steps.check_steps(data)


def test_steps_that_are_no_object_or_too_long_are_refused():
    for bad in (None, [], "T0", {"first": "T0"}, {"first": "T0", "steps": {"T0": None}}):
        with pytest.raises(BadField):
            steps.check_steps(bad)
    with pytest.raises(BadField, match="too long"):
        steps.check_steps(changed("extra", "x" * 64_000))


def test_the_most_marks_are_those_of_all_drawing_steps_on_the_way():
    assert steps.room_after(TRAIL, "yes") == 5
    assert steps.room_after(TRAIL, "no") == 0
    assert steps.room_after(STEPS, "yes") == 5


def test_an_answer_must_be_one_of_the_workflows():
    assert steps.clean_answer(STEPS, "impossible") == "impossible"
    with pytest.raises(BadField, match="yes, no, impossible"):
        steps.clean_answer(STEPS, "maybe")
