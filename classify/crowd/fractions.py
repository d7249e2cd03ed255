"""The rules of `classify.crowd.consensus` over whole columns of counts, and the original project's thresholds as ready-made policies.

Kruk et al. 2022 (A&A 661, A85) and Kruk et al. 2023 (Nature Astronomy 7, 262) decided by the fraction of each answer.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from classify.crowd.consensus import LabelRule, Policy

NONE = -1
# Below one, as a policy wants it; only a unanimous answer has more.
_UNANIMOUS = float(np.nextafter(1.0, 0.0))


def labels(counts: ArrayLike, policy: Policy, answers: Sequence[str]) -> NDArray[np.int8]:
    """Return the label of each row of counts (S, K) as the place of its key in `answers`, int8 (S,); -1 where there is no consensus.

    Row by row what `classify.crowd.consensus.decide` says. Raises ValueError for counts of another shape, below zero, or not whole, and for
    a rule whose answer is not among `answers`.
    """
    tally = np.asarray(counts)
    if tally.ndim != 2 or tally.shape[1] != len(answers) or tally.dtype.kind not in "iu":
        raise ValueError(f"counts: not whole numbers of shape (subjects, {len(answers)}).")
    if tally.size and tally.min() < 0:
        raise ValueError("counts: below zero.")
    if foreign := {rule.answer for rule in policy.labels} - set(answers):
        raise ValueError(f"labels: {min(foreign)!r} is not an answer.")
    total = tally.sum(axis=1)
    share = np.divide(tally, total[:, None], out=np.zeros(tally.shape), where=total[:, None] > 0)
    found = _by_rules(share, policy.labels, answers)
    found = np.where(found == NONE, _by_majority(share, policy, answers), found)
    return np.where(total >= policy.min_votes, found, NONE).astype(np.int8)


def _by_rules(share: NDArray[np.float64], rules: Sequence[LabelRule], answers: Sequence[str]) -> NDArray[np.int8]:
    """Return the answer of the first rule that holds, or -1."""
    found = np.full(len(share), NONE, dtype=np.int8)
    for rule in rules:
        fraction = share[:, (code := answers.index(rule.answer))]
        holds = np.zeros(len(share), dtype=bool)
        if rule.above is not None:
            holds |= fraction > rule.above
        if rule.at_least is not None:
            holds |= fraction >= rule.at_least
        found[holds & (found == NONE)] = code
    return found


def _by_majority(share: NDArray[np.float64], policy: Policy, answers: Sequence[str]) -> NDArray[np.int8]:
    """Return the answer without a rule of its own that alone has the most votes, more than the majority; or -1."""
    ruled = [answers.index(rule.answer) for rule in policy.labels]
    free = share.copy()
    free[:, ruled] = -1.0
    best = free.max(axis=1)
    alone = (free == best[:, None]).sum(axis=1) == 1
    return np.where((best > policy.majority) & alone, free.argmax(axis=1), NONE).astype(np.int8)


def original_first_look(*, found: str, unclear: str) -> Policy:
    """Return the thresholds of the original asteroid hunt (Kruk et al. 2022; its analysis of 2019).

    More than 0.3 of the answers `found` were looked at by an expert (the dip of the histogram), more than 0.2 `unclear` were set aside;
    any other answer by majority. Twenty votes retired a subject of its blind set.
    """
    rules = (LabelRule(found, above=0.3), LabelRule(unclear, above=0.2))
    return Policy(count=20, min_votes=10, labels=rules, positive=(found,))


def original_ten_votes(*, found: str, empty: str) -> Policy:
    """Return the thresholds of the original's later run of ten votes (Kruk et al. 2023, satellites).

    At least 5 of 10 `found` are a find; 10 of 10 `empty` are an empty image; all else stays without a label.
    """
    rules = (LabelRule(found, at_least=0.5), LabelRule(empty, at_least=1.0))
    return Policy(count=10, min_votes=10, majority=_UNANIMOUS, labels=rules, positive=(found,), negative=(empty,))
