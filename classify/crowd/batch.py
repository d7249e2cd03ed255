"""One label for each subject from all votes at once, with checksums of what went in and what came out: whoever has the votes can run it again.

The method is `dawid_skene` with the interval of the answer that it finds most probable. Subjects and people stand in the order of their
public ids, answers in the order in which they are asked, so that equal votes are equal columns wherever they come from.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from classify.crowd.dawid_skene import MAX_ITERATIONS, POOLED_WEIGHT, TOLERANCE, UNKNOWN, Fit, dawid_skene
from classify.crowd.intervals import credible
from classify.crowd.table import VoteTable, counts

LEVEL = 0.95
SETTINGS: dict[str, float] = {"pooled_weight": POOLED_WEIGHT, "tolerance": TOLERANCE, "max_iterations": MAX_ITERATIONS, "level": LEVEL}

Keys = NDArray[np.int64]
Reals = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Labels:
    """What the votes say of each subject (S,): its most probable answer, that answer's chance with the ends of its interval, and how many
    votes there are. `fit` is all that was found; `pooled` (K, K) the confusion matrix of everybody together."""

    best: NDArray[np.intp]
    chance: Reals
    low: Reals
    high: Reals
    n_votes: NDArray[np.int64]
    pooled: Reals
    fit: Fit

    @cached_property
    def texts(self) -> list[str]:
        """For each subject the chances of all answers at nine decimals, with commas between."""
        form = ",".join(["%.9f"] * self.fit.posterior.shape[1])
        return [form % tuple(row) for row in self.fit.posterior.tolist()]


def label_all(table: VoteTable, known: Keys) -> Labels:
    """Return the labels by `SETTINGS`. `known` (S,): answers that are held true, -1 elsewhere; they teach skill, and are their own label."""
    fit = dawid_skene(table, known=known, pooled_weight=POOLED_WEIGHT, tolerance=TOLERANCE, max_iterations=MAX_ITERATIONS)
    best = fit.posterior.argmax(axis=1)
    chance = fit.posterior.max(axis=1)
    low, high = chance.copy(), chance.copy()
    for answer in range(table.n_answers):
        rows = (best == answer) & (known == UNKNOWN)
        found = credible(table.take(rows[table.subject]), fit, answer, level=LEVEL)
        low[rows], high[rows] = found.low[rows], found.high[rows]
    tally = counts(table)
    said = np.einsum("st,sa->ta", fit.posterior, tally) + 1e-10  # by subject, so that the order of the votes plays no role
    return Labels(best, chance, low, high, tally.sum(axis=1), said / said.sum(axis=1, keepdims=True), fit)


def votes_sha256(table: VoteTable, *, answers: Sequence[str], public_ids: Keys, names: Sequence[str], known: Keys) -> str:
    """Return the checksum of votes, in whatever order they came.

    It is taken over the answers and the names of the people (UTF-8, one a line), the public ids of the subjects and the codes of their
    known answers (-1: none), and for each vote, sorted, (subject * people + person) * answers + answer; numbers as little-endian int64.
    """
    cells = (table.subject.astype(np.int64) * table.n_people + table.person) * table.n_answers + table.answer
    digest = hashlib.sha256("".join(f"{word}\n" for word in [*answers, *names]).encode())
    for column in (public_ids, known, np.sort(cells)):
        digest.update(np.ascontiguousarray(column, dtype="<i8").data)
    return digest.hexdigest()


def labels_sha256(labels: Labels, *, answers: Sequence[str], public_ids: Keys) -> str:
    """Return the checksum of the lines `public id,answer,chance,chance,...` of all subjects, in their order, chances at nine decimals."""
    digest = hashlib.sha256()
    for number, best, chances in zip(public_ids.tolist(), labels.best.tolist(), labels.texts, strict=True):
        digest.update(f"{number},{answers[best]},{chances}\n".encode())
    return digest.hexdigest()
