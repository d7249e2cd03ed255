"""When a subject has been seen by enough people. Settings of a workflow in, a decision out; nothing here knows what "yes" means."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

RULES = ("count", "consensus", "hand")
MOST_VOTES = 10_000
NOT_YET, COUNT, CONSENSUS, EMPTY, FLAGGED = range(5)
REASONS = ("", "classification_count", "consensus", "nothing_here", "flagged")  # words of the subject's status, by code


class BadRetirement(ValueError):
    """A policy that cannot be followed, never ends or contradicts itself; the message begins with the field."""


@dataclass(frozen=True)
class Retirement:
    """One policy. `rule` "count": after `max_votes` votes; "consensus": sooner, when the posterior is sure; "hand": only people end it.

    `sure` {answer: P}: the subject ends as this answer at P or more; `default_sure` for answers without one. `excluded` {answer: P}: it
    ends when this answer's chance is P or less, whatever it is instead (the search is for that answer). Both only from `min_votes` on.
    `empties`: it ends when these many votes have come and all are `negative` (0: not). `flags`: it ends when so many votes are
    `flagging`: a broken image, say (0: not).
    `markers`: a subject heading for one of `positive` stays open until so many people said so and marked it, or `max_votes`.
    """

    rule: str = "count"
    max_votes: int = 10
    min_votes: int = 3
    default_sure: float = 0.99
    sure: Mapping[str, float] = field(default_factory=dict)
    excluded: Mapping[str, float] = field(default_factory=dict)
    empties: int = 0
    negative: tuple[str, ...] = ()
    flags: int = 0
    flagging: tuple[str, ...] = ()
    markers: int = 0
    positive: tuple[str, ...] = ()


class Outcome(NamedTuple):
    """Whether the subject is done, and why (a word of REASONS; empty while it is not)."""

    retire: bool
    reason: str


def retirement_from(data: Mapping[str, Any], answers: Sequence[str] | None = None) -> Retirement:
    """Read a policy from its JSON form. Raises BadRetirement for what is not understood, never ends or contradicts itself.

    Without `answers` (of a policy that was checked before) nothing is looked at but the form.
    """
    if unknown := sorted(set(data) - set(Retirement.__dataclass_fields__)):
        raise BadRetirement(f"{unknown[0]}: no such setting of retirement.")
    lists = {name: _answers(name, data[name]) for name in _LISTS if name in data}
    maps = {name: _chances(name, data[name]) for name in ("sure", "excluded") if name in data}
    policy = Retirement(**{**data, **lists, **maps})
    if answers is not None:
        check(policy, answers)
    return policy


def _answers(name: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(key, str) for key in value):
        raise BadRetirement(f"{name}: a list of answers.")
    return tuple(value)


def _chances(name: str, value: Any) -> dict[str, float]:
    if not isinstance(value, Mapping) or not all(isinstance(key, str) and _is_number(chance) for key, chance in value.items()):
        raise BadRetirement(f"{name}: a chance for each answer named.")
    return {key: float(chance) for key, chance in value.items()}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def check(policy: Retirement, answers: Sequence[str]) -> None:
    """Raise BadRetirement, naming the field, for a policy that makes no sense for these answers."""
    if policy.rule not in RULES:
        raise BadRetirement(f"rule: {policy.rule!r} is not one of {', '.join(RULES)}.")
    for name, (least, most) in _WHOLE.items():
        value = getattr(policy, name)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise BadRetirement(f"{name}: a whole number from {least} to {most}.")
    for name in ("sure", "excluded", *_LISTS):
        if foreign := sorted(set(getattr(policy, name)) - set(answers)):
            raise BadRetirement(f"{name}: {foreign[0]!r} is not an answer of this workflow.")
    _check_ends(policy)
    _check_chances(policy, answers)


_LISTS = ("negative", "positive", "flagging")
_WHOLE = {
    "max_votes": (0, MOST_VOTES),
    "min_votes": (1, MOST_VOTES),
    "empties": (0, MOST_VOTES),
    "flags": (0, MOST_VOTES),
    "markers": (0, MOST_VOTES),
}

_NEEDS = {
    "empties": ("negative", "which answers say that there is nothing?"),
    "flags": ("flagging", "which answers report an image?"),
    "markers": ("positive", "which answers are marked?"),
}


def _check_ends(policy: Retirement) -> None:
    most = policy.max_votes
    if policy.rule != "hand" and not most:
        raise BadRetirement("max_votes: without a limit a subject on which people differ never ends; give one, or the rule 'hand'.")
    if policy.rule == "consensus" and policy.min_votes > most:
        raise BadRetirement("min_votes: more than max_votes, so consensus would never be asked.")
    for name, (answers, question) in _NEEDS.items():
        if getattr(policy, name) and not getattr(policy, answers):
            raise BadRetirement(f"{answers}: {question} {name} needs them.")
    if both := sorted(set(policy.positive) & set(policy.negative)):
        raise BadRetirement(f"negative: {both[0]!r} cannot say that there is something and that there is nothing.")
    for name in ("empties", "flags", "markers"):
        if policy.rule != "hand" and getattr(policy, name) > most:
            raise BadRetirement(f"{name}: more than max_votes, which ends the subject before.")


def _check_chances(policy: Retirement, answers: Sequence[str]) -> None:
    for name, chance in [("default_sure", policy.default_sure), *(("sure", chance) for chance in policy.sure.values())]:
        if not _is_number(chance) or not 0.5 < chance < 1:
            raise BadRetirement(f"{name}: above 0.5, or two answers could both be sure, and below 1, which is never reached.")
    for answer, chance in policy.excluded.items():
        if not 0 < chance < 1 / len(answers):
            raise BadRetirement(f"excluded: for {answer!r} above 0, which is never reached, and below 1/{len(answers)}, where nothing is known.")


def fewest(policy: Retirement) -> int:
    """Return with how many votes a subject can end at the soonest, reports and people aside."""
    ends = [policy.max_votes or MOST_VOTES]
    if policy.rule == "consensus":
        ends.append(policy.min_votes)
    if policy.empties:
        ends.append(policy.empties)
    return MOST_VOTES if policy.rule == "hand" else min(ends)


# One subject ------------------------------------------------------------------------------------------------------------------------


def decide(policy: Retirement, answers: Sequence[str], *, tally: Mapping[str, int], posterior: Sequence[float] = (), n_markers: int = 0) -> Outcome:
    """Say whether these counted votes {answer: n} end the subject. `posterior` is in the order of `answers`; "consensus" needs it."""
    code = _code(policy, answers, tally, posterior, n_markers)
    return Outcome(code != NOT_YET, REASONS[code])


def _code(policy: Retirement, answers: Sequence[str], tally: Mapping[str, int], posterior: Sequence[float], n_markers: int) -> int:
    total = sum(tally.values())
    if policy.flags and sum(tally.get(answer, 0) for answer in policy.flagging) >= policy.flags:
        return FLAGGED
    if policy.rule == "hand":
        return NOT_YET
    if policy.empties and total >= policy.empties and total == sum(tally.get(answer, 0) for answer in policy.negative):
        return EMPTY
    if policy.rule == "consensus" and total >= policy.min_votes and _is_sure(policy, answers, posterior, n_markers):
        return CONSENSUS
    return COUNT if total >= policy.max_votes else NOT_YET


def _is_sure(policy: Retirement, answers: Sequence[str], posterior: Sequence[float], n_markers: int) -> bool:
    best = max(range(len(answers)), key=posterior.__getitem__)
    if answers[best] in policy.positive and n_markers < policy.markers:
        return False
    chances = dict(zip(answers, posterior, strict=True))
    return chances[answers[best]] >= policy.sure.get(answers[best], policy.default_sure) or any(
        chances[answer] <= least for answer, least in policy.excluded.items()
    )


# Many subjects ----------------------------------------------------------------------------------------------------------------------


def decide_all(
    policy: Retirement,
    answers: Sequence[str],
    *,
    tally: NDArray[np.integer],
    posterior: NDArray[np.float64],
    n_markers: NDArray[np.integer] | int = 0,
) -> NDArray[np.int8]:
    """Return the code of the reason (a place in REASONS; 0: not yet) of each subject: what `decide` says, one by one. Arrays are (S, K)."""
    total = tally.sum(axis=1)
    code = np.where(total >= policy.max_votes, COUNT, NOT_YET)
    if policy.rule == "consensus":
        code = np.where((total >= policy.min_votes) & _are_sure(policy, answers, posterior, n_markers), CONSENSUS, code)
    if policy.empties:
        no = _votes_for(policy.negative, answers, tally)
        code = np.where((total >= policy.empties) & (no == total), EMPTY, code)
    if policy.rule == "hand":
        code[:] = NOT_YET
    if policy.flags:
        code = np.where(_votes_for(policy.flagging, answers, tally) >= policy.flags, FLAGGED, code)
    return code.astype(np.int8)


def _votes_for(some: Sequence[str], answers: Sequence[str], tally: NDArray[np.integer]) -> NDArray[np.integer]:
    return np.asarray(tally[:, [answers.index(answer) for answer in some]].sum(axis=1))


def _are_sure(policy: Retirement, answers: Sequence[str], posterior: NDArray[np.float64], n_markers: NDArray[np.integer] | int) -> NDArray[np.bool_]:
    limits = np.array([policy.sure.get(answer, policy.default_sure) for answer in answers])
    best = posterior.argmax(axis=1)
    sure = posterior[np.arange(len(posterior)), best] >= limits[best]
    for answer, least in policy.excluded.items():
        sure |= posterior[:, answers.index(answer)] <= least
    if policy.markers:
        marked = np.isin(best, [answers.index(answer) for answer in policy.positive])
        sure &= ~marked | (np.broadcast_to(n_markers, len(best)) >= policy.markers)
    return np.asarray(sure)
