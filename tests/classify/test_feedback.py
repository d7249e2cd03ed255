"""How an answer compares with a known one, in words and lines. No database."""

from types import SimpleNamespace

import pytest

from classify.crowd.consensus import Policy
from classify.feedback import ELSEWHERE, ENDS_OFF, FALSE_ALARM, MISSED, OTHER, RIGHT, UNMARKED, feedback_of, judge_marks
from classify.models import Classification, GoldKey, Subject

TRAIL, OTHER_TRAIL = (100, 100, 220, 160), (400, 300, 470, 420)
HUNT = Policy(positive=("yes",))
REVIEW = Policy(positive=("asteroid", "satellite"))


def key(answer="yes", *truths, **fields):
    marks = [dict(zip(("x1", "y1", "x2", "y2"), truth, strict=True)) for truth in truths]
    return GoldKey(answer=answer, marks=marks, guide="asteroid-trail", **fields)


def drawn(*lines, frame=0):
    return [SimpleNamespace(frame=frame, x1=x1, y1=y1, x2=x2, y2=y2) for x1, y1, x2, y2 in lines]


def told(answer, gold, marks=(), policy=HUNT, subject=None):
    vote = Classification(answer=answer, subject=subject or Subject(kind=Subject.Kind.POOL))
    return feedback_of(vote, gold, list(marks), policy=policy)


@pytest.mark.parametrize(
    ("answer", "gold", "marks", "policy", "outcome"),
    [
        ("no", key("no"), [], HUNT, RIGHT),
        ("yes", key("no"), [], HUNT, FALSE_ALARM),
        ("impossible", key("no"), [], HUNT, OTHER),
        ("no", key("yes", TRAIL), [], HUNT, MISSED),
        ("impossible", key("yes", TRAIL), [], HUNT, MISSED),
        ("yes", key("yes"), [], HUNT, RIGHT),
        ("yes", key("yes", TRAIL), [], HUNT, UNMARKED),
        ("yes", key("yes", TRAIL), drawn(TRAIL), HUNT, RIGHT),
        ("yes", key("yes", TRAIL), drawn((219, 161, 102, 99)), HUNT, RIGHT),  # the other end first
        ("yes", key("yes", TRAIL), drawn((100, 100, 190, 145)), HUNT, ENDS_OFF),
        ("yes", key("yes", TRAIL), drawn((600, 600, 640, 700)), HUNT, ELSEWHERE),
        ("yes", key("yes", TRAIL), drawn(TRAIL, frame=1), HUNT, ELSEWHERE),  # on an image that shows none
        ("yes", key("yes", TRAIL, OTHER_TRAIL), drawn(OTHER_TRAIL, TRAIL), HUNT, RIGHT),
        ("yes", key("yes", TRAIL, OTHER_TRAIL), drawn(OTHER_TRAIL), HUNT, UNMARKED),
        ("yes", key("yes", TRAIL, OTHER_TRAIL), drawn((600, 600, 640, 700), (9, 9, 90, 9)), HUNT, ELSEWHERE),
        ("yes", key("yes", TRAIL, OTHER_TRAIL), drawn(TRAIL, (9, 9, 90, 9)), HUNT, UNMARKED),
        ("yes", key("yes", TRAIL, OTHER_TRAIL), drawn(TRAIL, TRAIL), HUNT, UNMARKED),  # one line twice is one
        ("yes", key("yes", TRAIL), drawn(TRAIL, (9, 9, 90, 9)), HUNT, RIGHT),  # one more may be real
        ("satellite", key("asteroid", TRAIL), drawn(TRAIL), REVIEW, OTHER),
        ("arc", key("nothing"), [], REVIEW, OTHER),
        ("arc", key("asteroid", TRAIL), [], REVIEW, MISSED),
        ("asteroid", key("arc"), drawn(TRAIL), REVIEW, FALSE_ALARM),
    ],
)
def test_every_outcome(answer, gold, marks, policy, outcome):
    got = told(answer, gold, marks, policy)
    assert got["outcome"] == outcome
    assert got["right"] == (answer == gold.answer)
    assert len(got["message"]) > 10


def test_each_key_has_its_own_tolerance():
    off = drawn((104, 103, 216, 157))  # 5 px
    assert told("yes", key("yes", TRAIL, tolerance_px=6.0), off)["outcome"] == RIGHT
    assert told("yes", key("yes", TRAIL, tolerance_px=4.0), off)["outcome"] == ENDS_OFF
    assert judge_marks(key("yes", TRAIL, tolerance_px=4.0), off, HUNT) == (1, 1, 1, 0)


def test_what_is_missing_is_counted_in_words():
    gold = key("yes", TRAIL, OTHER_TRAIL, (10, 400, 60, 480))
    assert told("yes", gold, drawn(TRAIL))["message"] == "That is right, and well marked. There are 2 more."
    assert told("yes", gold, drawn(TRAIL))["marks_found"] == 1
    assert told("no", gold)["marks_found"] is None


def test_an_injected_trail_is_disclosed():
    made = {"length_px": 120.0, "curvature": 0.05, "magnitude": 23.14, "snr": 2.0}
    subject = Subject(kind=Subject.Kind.INJECTED, metadata={"injection": made})
    got = told("yes", key("yes", TRAIL), drawn(TRAIL), subject=subject)
    assert got["injected"] == {"length_px": 120.0, "curvature": 0.05, "magnitude": 23.14}
    words = "We drew this trail into an image that had none, so that we learn how faint a trail people can see."
    assert got["explanation"] == f"{words} It is of magnitude 23.1."
    assert told("yes", key("yes", TRAIL))["injected"] is None
    assert got["guide"] == "asteroid-trail"
