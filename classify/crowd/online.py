"""A posterior that moves with every vote, from what is known of each person's skill at that moment.

SWAP (Marshall et al. 2016, MNRAS 455, 1171) with K answers instead of two: each answer is a possible truth, "cannot tell" among them.
A vote adds the vector log P(answer | truth) of its person to what the subject has; the posterior is prior * exp(sum). The vote only
reads skill, so that two votes of one person wait for nothing; a task learns it, and the prior, from all votes so far (`learn`).

Three things keep it honest. Rows are shrunk to those of the pooled crowd (Paun et al. 2018, TACL 6, 571), since nobody has seen many
rare subjects. The vectors are tempered (multiplied by an exponent below one), since errors on hard subjects are not independent and
the plain product is too sure (`calibration.fit_temper` finds the exponent on known subjects). And skill is learnt from open subjects
too, each weighing with its posterior: those that settled first are those on which people agreed, and learning from them alone makes
everybody look too good.

Vectors are whole multiples of 2^-20, whose sums are exact in float64: taking a vote back leaves what was there before. Each per-vote
function has a twin for whole tables, which gives the same numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp, log

import numpy as np
from numpy.typing import ArrayLike, NDArray

from classify.crowd.table import Floats, VoteTable, cells

GRAIN = float(1 << 20)
POOLED_WEIGHT = 60.0  # so many votes of the pooled crowd are added to each row of each person
TEMPER = 0.9
_FLOOR = 1e-9  # no answer is impossible
_START_RIGHT = 0.7  # P(answer = truth) before anything is known
_START_WEIGHT = 10.0  # votes that this start is worth, per truth


@dataclass(frozen=True, eq=False)
class Skill:
    """What is known of the crowd. `counts` float64 (P, K, K), [p, t, a]: how often p is thought to have said a of a subject that is t.

    `pooled` float64 (K, K): P(a | t) of everybody together, which stands in for who is new; `prior` float64 (K,). Each person's row is
    (counts + weight * pooled) normalised; `temper` multiplies its logarithm.
    """

    counts: Floats
    pooled: Floats
    prior: Floats
    weight: float = POOLED_WEIGHT
    temper: float = TEMPER


def start(n_people: int, n_answers: int, *, prior: Sequence[float] = (), weight: float = POOLED_WEIGHT, temper: float = TEMPER) -> Skill:
    """Return the skill of people of whom nothing is known yet. A `prior` that is not given is flat.

    Raises ValueError for a prior that is no distribution over the answers, a weight that is not above 0, a temper outside (0, 1].
    """
    chances = np.asarray(prior if len(prior) else np.full(n_answers, 1 / n_answers), dtype=np.float64)
    if chances.shape != (n_answers,) or not (chances > 0).all() or abs(chances.sum() - 1) > 1e-6:
        raise ValueError(f"prior: {n_answers} chances above 0 that sum to 1.")
    if not 0 < weight < np.inf or not 0 < temper <= 1:
        raise ValueError("weight: above 0; temper: above 0, at most 1.")
    return Skill(np.zeros((n_people, n_answers, n_answers)), _start_rows(n_answers), chances, weight, temper)


def _start_rows(n_answers: int) -> Floats:
    wrong = (1 - _START_RIGHT) / (n_answers - 1)
    return np.asarray(np.full((n_answers, n_answers), wrong) + (_START_RIGHT - wrong) * np.eye(n_answers))


# One vote ---------------------------------------------------------------------------------------------------------------------------


def vector(counts: Sequence[Sequence[float]], pooled: Sequence[Sequence[float]], answer: int, *, weight: float, temper: float) -> list[float]:
    """Return the vector of one vote: for each truth t, log P(answer | t) of a person with these counts ([t][a]; empty: nobody we know)."""
    added = []
    for truth, shared in enumerate(pooled):
        row = counts[truth] if counts else ()
        chance = ((row[answer] if row else 0.0) + weight * shared[answer]) / (sum(row) + weight)
        added.append(round(temper * log(max(chance, _FLOOR)) * GRAIN) / GRAIN)
    return added


def posterior(evidence: Sequence[float], prior: Sequence[float]) -> list[float]:
    """Return the posterior of one subject from the sum of its votes' vectors."""
    joint = [sum_ + log(chance) for sum_, chance in zip(evidence, prior, strict=True)]
    top = max(joint)
    weights = [exp(value - top) for value in joint]
    total = sum(weights)
    return [value / total for value in weights]


# Whole tables -----------------------------------------------------------------------------------------------------------------------


def vectors(skill: Skill) -> Floats:
    """Return the vectors of all people and answers, float64 (P, K, K), [p, a, t]: what `vector` gives, one by one."""
    chance = (skill.counts + skill.weight * skill.pooled) / (skill.counts.sum(axis=2, keepdims=True) + skill.weight)
    logs = skill.temper * np.log(np.maximum(chance, _FLOOR))
    return np.ascontiguousarray((np.rint(logs * GRAIN) / GRAIN).transpose(0, 2, 1))


def evidence_of(table: VoteTable, vectors: Floats) -> Floats:
    """Return for each subject the sum of its votes' vectors, float64 (S, K); zeros without votes. Exact, in whatever order."""
    added = vectors.reshape(-1, table.n_answers)[cells(table)]
    columns = [np.bincount(table.subject, added[:, truth], table.n_subjects) for truth in range(table.n_answers)]
    return np.stack(columns, axis=1)


def posteriors(evidence: Floats, prior: ArrayLike) -> Floats:
    """Return the posteriors, float64 (S, K), of subjects with this evidence."""
    joint = evidence + np.log(np.asarray(prior, dtype=np.float64))
    weights = np.exp(joint - joint.max(axis=1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def learn(skill: Skill, table: VoteTable, posterior: Floats, *, known: NDArray[np.bool_] | None = None) -> Skill:
    """Return what these votes teach of the crowd and of the prior, each subject weighing with its posterior (S, K).

    One step of expectation and maximisation; take another with the new posteriors, now or when more votes have come. Rows of zeros
    leave a subject out. Known subjects (`known`, with a one in their row) teach skill but stay out of the prior: they were chosen.
    """
    n_answers = table.n_answers
    column = cells(table)
    said = [np.bincount(column, posterior[table.subject, truth], table.n_people * n_answers) for truth in range(n_answers)]
    counts = np.stack(said, axis=1).reshape(table.n_people, n_answers, n_answers).transpose(0, 2, 1)
    pooled = counts.sum(axis=0) + _START_WEIGHT * _start_rows(n_answers)
    prior = posterior[slice(None) if known is None else ~known].sum(axis=0) + 1.0
    return Skill(np.ascontiguousarray(counts), pooled / pooled.sum(axis=1, keepdims=True), prior / prior.sum(), skill.weight, skill.temper)


def informativeness(skill: Skill) -> Floats:
    """Return how much the answer of each person tells of a subject about which nothing is known, in nats, float64 (P,): who should be asked."""
    chance = np.exp(vectors(skill) / skill.temper)
    overall = chance.mean(axis=2, keepdims=True)
    return np.asarray((chance * np.log(chance / overall)).sum(axis=1).mean(axis=1))


# The detector as one more voter -----------------------------------------------------------------------------------------------------


def bins_of(scores: ArrayLike, edges: Sequence[float]) -> NDArray[np.intp]:
    """Return the bin (0 .. len(edges)) of each score; a score on an edge is above it. Raises ValueError for edges that do not rise."""
    if any(high <= low for low, high in pairwise(edges)):
        raise ValueError("edges: each above the one before.")
    return np.searchsorted(np.asarray(edges, dtype=np.float64), np.asarray(scores, dtype=np.float64), side="right")


def score_vectors(bins: NDArray[np.integer], posterior: Floats, n_bins: int, *, weight: float = 10.0, temper: float = TEMPER) -> Floats:
    """Return what a score in each bin adds, float64 (B, K): log P(bin | truth), learnt from subjects with these posteriors (n, K).

    Shrunk with `weight` subjects to how often the bin comes at all, so that a bin never seen says nothing. The posteriors must be
    those of people alone, or the detector would confirm itself. Keep the sum apart from the votes' evidence too: the posterior of
    people alone remains, and is what is published.
    """
    seen = np.stack([np.bincount(bins, posterior[:, truth], n_bins) for truth in range(posterior.shape[1])], axis=1)
    overall = (seen.sum(axis=1) + 1.0) / (seen.sum() + n_bins)
    chance = (seen + weight * overall[:, None]) / (seen.sum(axis=0) + weight)
    return np.asarray(np.rint(temper * np.log(chance) * GRAIN) / GRAIN)
