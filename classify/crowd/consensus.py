"""How votes become a label, and a label ends the voting. Pure functions of plain data; nothing here knows what "yes" means.

The rule `fractions` follows the original Hubble Asteroid Hunter (Kruk et al. 2022, A&A 661, A85: ten or more people per
cutout, a fraction of the answers decides), with each threshold as a setting of the workflow's version. The rule `bayes` takes the most
probable answer, by the posterior that every vote moves (`classify.crowd.online`). When a subject ends is said apart (`crowd.policies`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import ceil
from typing import Any, NamedTuple

from classify.crowd import policies
from classify.crowd.policies import BadRetirement, Retirement
from sky import trails

FRACTIONS, BAYES = RULES = ("fractions", "bayes")  # of the one row per subject that every vote keeps up to date
MOST_MARKS, MOST_PX = 1000, 1000
_LISTS = ("labels", "positive", "negative")
_SHARED = ("min_votes", "positive", "negative")  # settings of a policy that its retirement has, too


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
    count: int = 10  # votes that retire a subject at the latest; 0: only people retire it
    min_votes: int = 3  # fewer votes give no label
    majority: float = 0.5  # fractions, for answers without a rule of their own: strictly more than this share
    certainty: float = 0.5  # bayes: strictly more than this chance
    labels: tuple[LabelRule, ...] = ()  # tried in this order; the first that holds gives the label
    positive: tuple[str, ...] = ()  # answers that say "there is something", whose marks are clustered
    negative: tuple[str, ...] = ()  # answers that say "there is none": what the detector learns the empty sky from
    min_marks: int = 2  # fewer marks make no trail
    mark_share: float = 0.5  # ... nor do marks of less than this share of the people who marked the frame
    tolerance_px: float = 20.0  # both ends of two marks agree within this distance (cutout pixels)
    machine: bool = False  # the detector's score, as one more vote, helps to say when a subject is done; its label stays that of people
    retirement: Mapping[str, Any] = field(default_factory=dict)  # how it may end sooner: {"rule", "default_sure", "sure", "empties", ...}

    @cached_property
    def ends(self) -> Retirement:
        """When a subject ends: what `retirement` says, with the limit, the fewest votes and the answers of the policy itself.

        Raises BadPolicy for settings that are not understood.
        """
        if not isinstance(self.retirement, Mapping):
            raise BadPolicy("retirement: not an object of settings.")
        if twice := sorted({*_SHARED, "max_votes"} & set(self.retirement)):
            raise BadPolicy(f"retirement: {twice[0]} stands in the policy itself.")
        shared = {name: getattr(self, name) for name in _SHARED}
        rule = "count" if self.count else "hand"
        return policies.retirement_from({"rule": rule, **self.retirement, "max_votes": self.count, **shared})


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
    """Read a policy from its JSON form. Raises BadPolicy on unknown fields, foreign answers and rules that make no sense.

    Without `answers` (a stored policy, which was checked when it was published) what depends on them is not looked at again.
    """
    if not isinstance(data, Mapping):
        raise BadPolicy("A policy is an object of settings.")
    unknown = set(data) - set(Policy.__dataclass_fields__)
    if unknown:
        raise BadPolicy(f"{sorted(unknown)[0]}: no such setting of a policy.")
    if answers is not None and (odd := [name for name in _LISTS if not isinstance(data.get(name, ()), list | tuple)]):
        raise BadPolicy(f"{odd[0]}: a list.")
    try:
        labels = tuple(_label_rule(rule) for rule in data.get("labels", ()))
        lists = {name: tuple(data.get(name, ())) for name in ("positive", "negative")}
        policy = Policy(**{**data, "labels": labels, **lists})
        _check(policy, answers)
        if answers is not None:
            policies.check(policy.ends, answers)
            _check_numbers(policy)
            _check_labels(policy.labels)
            _check_together(policy, answers)
    except (TypeError, OverflowError) as error:
        raise BadPolicy(f"A setting has the wrong type: {error}.") from None
    except BadRetirement as error:
        raise BadPolicy(f"retirement: {error}".replace(" max_votes:", " count:")) from None
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
    if policy.rule not in RULES:
        raise BadPolicy(f"rule: {policy.rule!r} is not one of {', '.join(RULES)}.")
    if policy.count < 0 or policy.min_votes < 1 or (policy.count and policy.min_votes > policy.count):
        raise BadPolicy("count: at least min_votes (or 0 for never), and min_votes at least 1.")
    if not isinstance(policy.machine, bool):
        raise BadPolicy("machine: true or false.")
    if not 0 <= policy.certainty < 1:
        raise BadPolicy("certainty: a chance from 0 to below 1.")
    if not (0 <= policy.majority < 1 and 0 < policy.mark_share <= 1 and policy.min_marks >= 1 and policy.tolerance_px > 0):
        raise BadPolicy("majority, mark_share, min_marks or tolerance_px is out of range.")
    if both := set(policy.positive) & set(policy.negative):
        raise BadPolicy(f"negative: {sorted(both)[0]!r} cannot say that there is something and that there is nothing.")
    named = {*policy.positive, *policy.negative, *(rule.answer for rule in policy.labels)}
    if answers is not None and (foreign := named - set(answers)):
        raise BadPolicy(f"{sorted(foreign)[0]!r} is not an answer of this workflow.")


def _check_numbers(policy: Policy) -> None:
    if type(policy.min_marks) is not int or policy.min_marks > MOST_MARKS:
        raise BadPolicy(f"min_marks: a whole number from 1 to {MOST_MARKS}.")
    if policy.tolerance_px > MOST_PX:
        raise BadPolicy(f"tolerance_px: above 0, and at most {MOST_PX}.")
    numbers = {name: getattr(policy, name) for name in ("majority", "certainty", "mark_share", "tolerance_px")}
    if flags := [name for name, value in numbers.items() if isinstance(value, bool)]:
        raise BadPolicy(f"{flags[0]}: a number.")


def _check_labels(rules: Sequence[LabelRule]) -> None:
    seen = set()
    for rule in rules:
        if isinstance(rule.above, bool) or isinstance(rule.at_least, bool):
            raise BadPolicy(f"labels: {rule.answer!r} needs a number.")
        if rule.at_least == 0 or rule.above == 1:
            raise BadPolicy(f"labels: for {rule.answer!r} at_least 0 always holds, and above 1 never.")
        if (kind := (rule.answer, rule.above is None)) in seen:
            raise BadPolicy(f"labels: {rule.answer!r} has two rules of one kind.")
        seen.add(kind)


def _check_together(policy: Policy, answers: Sequence[str]) -> None:
    """Refuse what would end a subject that cannot have a label by then."""
    if doubtful := unlabelled_sure(policy, answers):
        raise BadPolicy(f"certainty: more than makes {doubtful[0]!r} sure, so a subject would end without a label.")
    if few := ends_too_early(policy.ends):
        raise BadPolicy(f"retirement: {few[0]}: fewer than min_votes, so a subject would end without a label.")


def unlabelled_sure(policy: Policy, answers: Sequence[str]) -> list[str]:
    """Return the answers that would be sure enough to end a subject, and not certain enough to be its label."""
    ends = policy.ends
    if policy.rule != BAYES or ends.rule != "consensus":
        return []
    return [answer for answer in answers if ends.sure.get(answer, ends.default_sure) < policy.certainty]


def ends_too_early(ends: Retirement) -> list[str]:
    """Return the settings that would end a subject with fewer votes than a label needs."""
    names = ("flags",) if ends.rule == "hand" else ("empties", "flags")
    return [name for name in names if 0 < getattr(ends, name) < ends.min_votes]


def decide(
    tally: Mapping[str, int],
    policy: Policy,
    posterior: Mapping[str, float] | None = None,
    *,
    n_markers: int = 0,
    with_machine: Mapping[str, float] | None = None,
) -> Decision:
    """Return the label that these counted votes {answer: n} give, and whether they retire the subject.

    By `fractions` the label is the first of `policy.labels` that holds; after them, any answer without a rule of its own that has
    strictly more than `policy.majority` of the votes. Exact: n/d is compared as the correctly rounded quotient, so 3 of 10 is not
    above 0.3 and is at least 0.3. By `bayes` it is the most probable answer, if its chance is above `policy.certainty`. Nothing is
    labelled below `policy.min_votes`. `posterior` {answer: chance} holds every answer of the workflow; `n_markers`: so many people
    marked what they saw; `with_machine`: the posterior that ends the subject in the place of the one of people alone, which labels it.
    """
    total, chances = sum(tally.values()), posterior or {}
    fractions = {answer: n / total for answer, n in sorted(tally.items()) if n} if total else {}
    label = _most_probable(chances, policy) if policy.rule == BAYES else _label(fractions, policy)
    sure = with_machine or chances
    ends = policies.decide(policy.ends, list(sure), tally=tally, posterior=list(sure.values()), n_markers=n_markers)
    return Decision(
        label=label if total >= policy.min_votes else "",
        fractions=fractions,
        agreement=max(fractions.values(), default=None),
        retire=ends.retire,
        reason=ends.reason,
    )


def _most_probable(posterior: Mapping[str, float], policy: Policy) -> str:
    best = max(posterior, key=posterior.__getitem__, default="")
    return best if best and posterior[best] > policy.certainty else ""


def _label(fractions: Mapping[str, float], policy: Policy) -> str:
    for rule in policy.labels:
        if rule.holds(fractions.get(rule.answer, 0.0)):
            return rule.answer
    ruled = {rule.answer for rule in policy.labels}
    free = {answer: fraction for answer, fraction in fractions.items() if answer not in ruled and fraction > policy.majority}
    best = sorted(free.items(), key=lambda item: -item[1])
    tied = len(best) > 1 and best[0][1] == best[1][1]
    return best[0][0] if best and not tied else ""


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
