"""How votes become a label, and a label ends the voting. Pure functions of plain data; nothing here knows what "yes" means.

The rule `fractions` follows the original Hubble Asteroid Hunter (Kruk et al. 2022, A&A 661, A85: ten or more people per
cutout, a fraction of the answers decides), with each threshold as a setting of the workflow's version.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, log
from typing import Any, NamedTuple

from sky import trails

METHOD = "fractions"
# Log-likelihoods are stored in steps of 2^-20. Sums of such numbers are exact in float64 (below 2^33), so that taking a vote
# back leaves exactly what was there before.
_GRAIN = 1 << 20
_DEFAULT_SKILL = 0.8  # P(answer = truth) of somebody we know nothing about


class BadPolicy(ValueError):
    """A policy that cannot be followed; the message names the field."""


@dataclass(frozen=True)
class LabelRule:
    """`answer` becomes the label when its fraction of the votes is `above` (strictly) or `at_least` the given share."""

    answer: str
    above: float | None = None
    at_least: float | None = None

    def holds(self, fraction: float) -> bool:
        """Say whether a fraction (0-1) reaches the threshold."""
        return (self.above is not None and fraction > self.above) or (self.at_least is not None and fraction >= self.at_least)


@dataclass(frozen=True)
class Policy:
    """What a workflow version does with votes. Made of JSON by `policy_from`."""

    rule: str = "fractions"
    count: int = 10  # votes that retire a subject; 0: only people retire it
    min_votes: int = 3  # fewer votes give no label
    majority: float = 0.5  # for answers without a rule of their own: strictly more than this share
    labels: tuple[LabelRule, ...] = ()  # tried in this order; the first that holds gives the label
    positive: tuple[str, ...] = ()  # answers that say "there is something", whose marks are clustered
    negative: tuple[str, ...] = ()  # answers that say "there is none": what the detector learns the empty sky from
    min_marks: int = 2  # fewer marks make no trail
    mark_share: float = 0.5  # ... nor do marks of less than this share of the people who marked the frame
    tolerance_px: float = 20.0  # both ends of two marks agree within this distance (cutout pixels)


class Decision(NamedTuple):
    """What the votes say now. `label` is empty without consensus; `agreement` is the share of the most frequent answer."""

    label: str
    fractions: dict[str, float]
    agreement: float | None
    retire: bool
    reason: str


class MarkRow(NamedTuple):
    """One drawn line: who drew it, on which frame, both ends in cutout pixels."""

    person: int
    frame: int
    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True)
class TrailRow:
    """A trail that several people marked, on one frame."""

    frame: int
    x1: float
    y1: float
    x2: float
    y2: float
    scatter_px: float
    n_markers: int = field(default=0)


def policy_from(data: Mapping[str, Any], answers: Sequence[str] | None = None) -> Policy:
    """Read a policy from its JSON form. Raises BadPolicy on unknown fields, foreign answers and rules that make no sense."""
    unknown = set(data) - set(Policy.__dataclass_fields__)
    if unknown:
        raise BadPolicy(f"{sorted(unknown)[0]}: no such setting of a policy.")
    try:
        labels = tuple(_label_rule(rule) for rule in data.get("labels", ()))
        policy = Policy(**{**data, "labels": labels, "positive": tuple(data.get("positive", ())), "negative": tuple(data.get("negative", ()))})
        _check(policy, answers)
    except TypeError as error:
        raise BadPolicy(f"A setting has the wrong type: {error}.") from None
    return policy


def _label_rule(data: Mapping[str, Any]) -> LabelRule:
    unknown = set(data) - set(LabelRule.__dataclass_fields__)
    if unknown or "answer" not in data:
        raise BadPolicy("labels: each rule has an answer, and above or at_least.")
    rule = LabelRule(**data)
    limits = [limit for limit in (rule.above, rule.at_least) if limit is not None]
    if len(limits) != 1 or not 0 <= limits[0] <= 1:
        raise BadPolicy(f"labels: {rule.answer!r} needs either above or at_least, between 0 and 1.")
    return rule


def _check(policy: Policy, answers: Sequence[str] | None) -> None:
    if policy.rule != METHOD:
        raise BadPolicy(f"rule: {policy.rule!r} is not known; there is {METHOD!r}.")
    if policy.count < 0 or policy.min_votes < 1 or (policy.count and policy.min_votes > policy.count):
        raise BadPolicy("count: at least min_votes (or 0 for never), and min_votes at least 1.")
    if not (0 <= policy.majority < 1 and 0 < policy.mark_share <= 1 and policy.min_marks >= 1 and policy.tolerance_px > 0):
        raise BadPolicy("majority, mark_share, min_marks or tolerance_px is out of range.")
    if both := set(policy.positive) & set(policy.negative):
        raise BadPolicy(f"negative: {sorted(both)[0]!r} cannot say that there is something and that there is nothing.")
    named = {*policy.positive, *policy.negative, *(rule.answer for rule in policy.labels)}
    if answers is not None and (foreign := named - set(answers)):
        raise BadPolicy(f"{sorted(foreign)[0]!r} is not an answer of this workflow.")


def decide(tally: Mapping[str, int], policy: Policy) -> Decision:
    """Return the label that these counted votes {answer: n} give, and whether they retire the subject.

    The label is the first of `policy.labels` that holds; after them, any answer without a rule of its own that has strictly more
    than `policy.majority` of the votes. Nothing is labelled below `policy.min_votes`. Exact: n/d is compared as the correctly
    rounded quotient, so 3 of 10 is not above 0.3 and is at least 0.3.
    """
    total = sum(tally.values())
    fractions = {answer: n / total for answer, n in sorted(tally.items()) if n} if total else {}
    retire = bool(policy.count) and total >= policy.count
    return Decision(
        label=_label(fractions, policy) if total >= policy.min_votes else "",
        fractions=fractions,
        agreement=max(fractions.values(), default=None),
        retire=retire,
        reason="classification_count" if retire else "",
    )


def _label(fractions: Mapping[str, float], policy: Policy) -> str:
    for rule in policy.labels:
        if rule.holds(fractions.get(rule.answer, 0.0)):
            return rule.answer
    ruled = {rule.answer for rule in policy.labels}
    free = {answer: fraction for answer, fraction in fractions.items() if answer not in ruled and fraction > policy.majority}
    best = sorted(free.items(), key=lambda item: -item[1])
    tied = len(best) > 1 and best[0][1] == best[1][1]
    return best[0][0] if best and not tied else ""


def log_likelihood(answer: str, answers: Sequence[str], skill: float = _DEFAULT_SKILL) -> dict[str, float]:
    """Return log P(answer | truth) for each possible truth, in multiples of 2^-20, so that sums and take-backs are exact.

    One-coin model: right with probability `skill`, else any other answer alike. Per-volunteer confusion matrices replace it
    where they are known.
    """
    wrong = (1.0 - skill) / max(1, len(answers) - 1)
    return {truth: round(log(skill if truth == answer else wrong) * _GRAIN) / _GRAIN for truth in answers}


def add_vector(total: Mapping[str, float], vector: Mapping[str, float], sign: int) -> dict[str, float]:
    """Return total + sign * vector, key by key; zeros are left out, so that nothing voted means an empty vector."""
    keys = sorted({*total, *vector})
    summed = {key: total.get(key, 0.0) + sign * vector.get(key, 0.0) for key in keys}
    return {key: value for key, value in summed.items() if value != 0.0}


def cluster_marks(marks: Iterable[MarkRow], policy: Policy) -> list[TrailRow]:
    """Group people's marks into trails, frame by frame; ends in any order, several trails per frame, largest groups first.

    A group makes a trail when it has at least `min_marks` marks and at least `mark_share` of the people who marked the frame.
    """
    frames: dict[int, list[MarkRow]] = {}
    for mark in marks:
        frames.setdefault(mark.frame, []).append(mark)
    found: list[TrailRow] = []
    for frame, rows in sorted(frames.items()):
        people = len({row.person for row in rows})
        needed = max(policy.min_marks, ceil(policy.mark_share * people))
        segments = [(row.x1, row.y1, row.x2, row.y2) for row in rows]
        for group in trails.cluster_segments(segments, policy.tolerance_px, needed):
            found.append(TrailRow(frame, group.x1, group.y1, group.x2, group.y2, group.scatter_px, group.n))
    return found


def lies_on(mark: Sequence[float], line: Sequence[Sequence[float]], policy: Policy) -> bool:
    """Say whether a mark (x1, y1, x2, y2) lies on a suggested line [[x, y], ...].

    Half of each must lie within the policy's tolerance of the other: people mark a piece of a long trail, or a little more.
    """
    x1, y1, x2, y2 = mark
    return trails.matches([(x1, y1), (x2, y2)], line, tolerance_px=policy.tolerance_px, coverage=0.5)
