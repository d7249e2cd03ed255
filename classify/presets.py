"""Policies to begin with. Which answers they speak of is the workflow's own: those that say there is something, nothing, or neither."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from classify.crowd import fractions
from classify.steps import answer_keys

FIRST_LOOK, TEN_VOTES, CERTAINTY = NAMES = ("first-look", "ten-votes", "certainty")
SURE_NEGATIVE, SURE_POSITIVE, SURE_OTHER = 0.9975, 0.99, 0.97  # benchmarks/retirement.py: 3.8 votes, 0.35 % error, F1 0.97
MARKERS = 5
_UNANIMOUS = 0.999  # of ten votes only ten are more


class Answers(NamedTuple):
    """Answers by what they mean. `marked`: those that say there is something are marked in the image."""

    positive: Sequence[str]
    negative: Sequence[str]
    others: Sequence[str]
    marked: bool


def answers_from(steps: Mapping[str, Any], policy: Mapping[str, Any]) -> Answers:
    """Sort the answers of a version by what its policy says that they mean."""
    keys = answer_keys(steps)
    positive, negative = (tuple(policy.get(word, ())) for word in ("positive", "negative"))
    drawing = any(step["type"] == "segment" for step in steps["steps"].values())
    return Answers(positive, negative, [key for key in keys if key not in {*positive, *negative}], drawing)


def preset(name: str, answers: Answers) -> dict[str, Any]:
    """Return a policy's JSON. Raises LookupError for a name there is not, and where no answer says that there is something."""
    if name not in NAMES:
        raise LookupError(name)
    if not answers.positive:
        raise LookupError("positive")
    shared = {"positive": list(answers.positive), "negative": list(answers.negative)}
    return {**_MAKE[name](answers), **shared}


def _first_look(answers: Answers) -> dict[str, Any]:
    """The original asteroid hunt: more than 0.3 found, else more than 0.2 unclear; any other answer by majority."""
    base = fractions.original_first_look(found=answers.positive[0], unclear="")
    found, unclear = (rule.above for rule in base.labels)
    labels = [{"answer": key, "above": found} for key in answers.positive] + [{"answer": key, "above": unclear} for key in answers.others]
    return {"rule": base.rule, "count": base.count, "min_votes": base.min_votes, "majority": base.majority, "labels": labels}


def _ten_votes(answers: Answers) -> dict[str, Any]:
    """The original's run of ten votes: at least 5 of 10 found, or 10 of 10 empty; all else stays without a label."""
    base = fractions.original_ten_votes(found=answers.positive[0], empty="")
    found, empty = (rule.at_least for rule in base.labels)
    labels = [{"answer": key, "at_least": found} for key in answers.positive] + [{"answer": key, "at_least": empty} for key in answers.negative]
    return {"rule": base.rule, "count": base.count, "min_votes": base.min_votes, "majority": _UNANIMOUS, "labels": labels}


def _certainty(answers: Answers) -> dict[str, Any]:
    """As soon as the posterior is sure, with 3 to 15 votes."""
    sure = dict.fromkeys(answers.negative, SURE_NEGATIVE) | dict.fromkeys(answers.positive, SURE_POSITIVE)
    ends: dict[str, Any] = {"rule": "consensus", "sure": sure | dict.fromkeys(answers.others, SURE_OTHER)}
    if answers.marked:
        ends["markers"] = MARKERS
    return {"rule": "bayes", "count": 15, "min_votes": 3, "labels": [], "retirement": ends}


_MAKE = {FIRST_LOOK: _first_look, TEN_VOTES: _ten_votes, CERTAINTY: _certainty}
