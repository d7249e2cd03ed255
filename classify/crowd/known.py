"""How a crowd does on subjects whose answer is known, as it would have done had nobody known it.

Skill is learnt on four fifths of these subjects and tried on the last, five times over, so that no chance is made with the help of its
own answer. The weighing is that of the vote (`classify.crowd.online`); the prior is how often each answer is true among the others,
since known subjects are not drawn like those that are asked about.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from classify.crowd import online
from classify.crowd.table import Floats, VoteTable, arrival, counts, first_votes

FOLDS = 5
Truth = NDArray[np.integer]


class Learning(NamedTuple):
    """How votes are weighed: see `online.Skill`."""

    weight: float = online.POOLED_WEIGHT
    temper: float = online.TEMPER


USUAL = Learning()


class Recall(NamedTuple):
    """After so many votes: how many subjects were found, by plain majority and by the chance, of how many that have so many votes."""

    votes: int
    by_majority: int
    by_chance: int
    subjects: int


def chances(table: VoteTable, truth: Truth, *, n_votes: int, learning: Learning = USUAL) -> Floats:
    """Return the posterior (S, K) of each known subject after its first `n_votes`; that of the prior where it has none.

    `truth` int (S,): the known answer of each. Raises ValueError for one that is none of the answers.
    """
    return _foretold(first_votes(table, n_votes), _lessons(table, truth, learning))


def recall(table: VoteTable, truth: Truth, positive: list[int], *, most: int, fewest: int = 10, learning: Learning = USUAL) -> list[Recall]:
    """Return how many of the subjects that are truly positive are found after 1, 2, ... votes, as long as `fewest` have so many.

    By majority: more than half of the votes say one of the positive answers. By the chance: these together are likelier than not.
    """
    wanted, lessons = np.isin(truth, positive), _lessons(table, truth, learning)
    n_votes = np.bincount(table.subject, minlength=table.n_subjects)
    rows = []
    for n in range(1, most + 1):
        here = wanted & (n_votes >= n)
        if here.sum() < fewest:
            break
        first = first_votes(table, n)
        said = counts(first)[here][:, positive].sum(axis=1)
        chance = _foretold(first, lessons)[here][:, positive].sum(axis=1)
        rows.append(Recall(n, int((2 * said > n).sum()), int((chance > 0.5).sum()), int(here.sum())))
    return rows


class _Lesson(NamedTuple):
    """Which subjects were left out (S,), and what the others teach of the people (P, K, K) and of the prior (K,)."""

    left_out: NDArray[np.bool_]
    vectors: Floats
    prior: Floats


def _lessons(table: VoteTable, truth: Truth, learning: Learning) -> list[_Lesson]:
    if table.n_subjects and not (len(truth) == table.n_subjects and 0 <= truth.min() <= truth.max() < table.n_answers):
        raise ValueError(f"truth: not {table.n_subjects} answers from 0 to {table.n_answers - 1}.")
    start = online.start(table.n_people, table.n_answers, weight=learning.weight, temper=learning.temper)
    fold, certain, lessons = np.arange(table.n_subjects) % FOLDS, np.eye(table.n_answers)[truth], []
    for number in range(FOLDS):
        here = fold == number
        taught = online.learn(start, table.take(~here[table.subject]), certain * ~here[:, None])
        prior = (certain[~here].sum(axis=0) + 1.0) / (np.sum(~here) + table.n_answers)
        lessons.append(_Lesson(here, online.vectors(taught), prior))
    return lessons


def _foretold(first: VoteTable, lessons: list[_Lesson]) -> Floats:
    found = np.zeros((first.n_subjects, first.n_answers))
    for left_out, vectors, prior in lessons:
        evidence = online.evidence_of(first.take(left_out[first.subject]), vectors)
        found[left_out] = online.posteriors(evidence[left_out], prior)
    return found


def said_of(table: VoteTable, truth: Truth) -> NDArray[np.int64]:
    """Return how many votes said each answer of subjects that are each, int64 (K, K): [truth, said]."""
    cell = truth[table.subject].astype(np.int64) * table.n_answers + table.answer
    return np.bincount(cell, minlength=table.n_answers**2).reshape(table.n_answers, table.n_answers)


def enough(table: VoteTable, n_votes: int) -> NDArray[np.bool_]:
    """Return which subjects have at least so many votes (S,)."""
    return np.asarray(np.bincount(table.subject[arrival(table) < n_votes], minlength=table.n_subjects) >= n_votes)
