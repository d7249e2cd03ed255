"""The votes as three arrays, in the order in which they came. Everything else in `classify.crowd` starts from this table."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

MIN_ANSWERS, MAX_ANSWERS = 2, 8

Codes = NDArray[np.int32]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class VoteTable:
    """n votes in order of arrival; make it with `vote_table` or `from_labels`, which check it.

    `subject` int32 (n,), `person` int32 (n,) and `answer` int8 (n,) are codes below `n_subjects`, `n_people` and `n_answers`. Codes
    without a vote are allowed. A person may stand beside a subject more than once: whether a repeat counts is decided before.
    """

    subject: Codes
    person: Codes
    answer: NDArray[np.int8]
    n_subjects: int
    n_people: int
    n_answers: int

    def __len__(self) -> int:
        return len(self.subject)

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_] | slice) -> "VoteTable":
        """Return the table of these rows (positions in the order given, a mask, or a slice); the code lists stay as they are."""
        return VoteTable(self.subject[rows], self.person[rows], self.answer[rows], self.n_subjects, self.n_people, self.n_answers)


def vote_table(subject: ArrayLike, person: ArrayLike, answer: ArrayLike, *, n_subjects: int, n_people: int, n_answers: int) -> VoteTable:
    """Return the checked table of these codes.

    Raises ValueError that names what is wrong: columns that are not flat lists of whole numbers, of different lengths or out of range,
    sizes below zero, fewer than 2 or more than 8 answers.
    """
    if not MIN_ANSWERS <= n_answers <= MAX_ANSWERS:
        raise ValueError(f"n_answers: {n_answers} is not from {MIN_ANSWERS} to {MAX_ANSWERS}.")
    table = VoteTable(
        _column("subject", subject, n_subjects).astype(np.int32),
        _column("person", person, n_people).astype(np.int32),
        _column("answer", answer, n_answers).astype(np.int8),
        n_subjects,
        n_people,
        n_answers,
    )
    if not len(table.subject) == len(table.person) == len(table.answer):
        raise ValueError(f"subject, person, answer: {len(table.subject)}, {len(table.person)} and {len(table.answer)} rows.")
    return table


def _column(name: str, values: ArrayLike, n_codes: int) -> NDArray[np.integer]:
    if not 0 <= n_codes <= np.iinfo(np.int32).max:
        raise ValueError(f"{name}: there cannot be {n_codes} of them.")
    column = np.asarray(values)
    if column.ndim != 1 or (len(column) and column.dtype.kind not in "iu"):
        raise ValueError(f"{name}: not a flat list of whole numbers.")
    if len(column) and not 0 <= column.min() <= column.max() < n_codes:
        wrong = column[(column < 0) | (column >= n_codes)][0]
        raise ValueError(f"{name}: {wrong} is not from 0 to {n_codes - 1}.")
    return column.astype(np.int64) if column.dtype.kind not in "iu" else column


def from_labels(
    subjects: ArrayLike, people: ArrayLike, answers: ArrayLike, *, subject_list: ArrayLike, person_list: ArrayLike, answer_list: Sequence[str]
) -> VoteTable:
    """Return the table of votes given as labels (keys, numbers); the code of a label is its place in its list.

    Raises ValueError for a label that is not in its list, a label that stands there twice, and what `vote_table` refuses.
    """
    return vote_table(
        _codes("subject", subjects, subject_list),
        _codes("person", people, person_list),
        _codes("answer", answers, answer_list),
        n_subjects=len(np.asarray(subject_list)),
        n_people=len(np.asarray(person_list)),
        n_answers=len(answer_list),
    )


def _codes(name: str, labels: ArrayLike, known: ArrayLike) -> NDArray[np.intp]:
    asked, listed = np.asarray(labels), np.asarray(known)
    if len(asked) == 0:
        return np.zeros(0, dtype=np.intp)
    if len(listed) == 0 or (asked.dtype.kind in "iu") != (listed.dtype.kind in "iu"):
        raise ValueError(f"{name}: {asked[0]!s} is not in the list.")
    order = np.argsort(listed, kind="stable")
    ordered = listed[order]
    if (twice := ordered[1:] == ordered[:-1]).any():
        raise ValueError(f"{name}: {ordered[1:][twice][0]!s} stands in the list twice.")
    place = np.minimum(np.searchsorted(ordered, asked), len(ordered) - 1)
    if (missing := ordered[place] != asked).any():
        raise ValueError(f"{name}: {asked[missing][0]!s} is not in the list.")
    return order[place]


def counts(table: VoteTable) -> NDArray[np.int32]:
    """Return how many votes each subject has for each answer, int32 (S, K)."""
    cell = table.subject.astype(np.int64) * table.n_answers + table.answer
    tally = np.bincount(cell, minlength=table.n_subjects * table.n_answers)
    return tally.reshape(table.n_subjects, table.n_answers).astype(np.int32)


def cells(table: VoteTable) -> NDArray[np.int64]:
    """Return for each vote its column in a table of people x answers, int64 (n,): person * K + answer."""
    return table.person.astype(np.int64) * table.n_answers + table.answer


def arrival(table: VoteTable) -> Codes:
    """Return for each vote how many votes of its subject came before it, int32 (n,)."""
    order = np.argsort(table.subject, kind="stable")
    n_votes = np.bincount(table.subject, minlength=table.n_subjects)
    first = np.cumsum(n_votes) - n_votes
    place = np.empty(len(table), dtype=np.int32)
    place[order] = np.arange(len(table)) - np.repeat(first, n_votes)
    return place


def first_votes(table: VoteTable, n: int) -> VoteTable:
    """Return the table of the first `n` votes of each subject, still in order of arrival. Raises ValueError for n below 0."""
    if n < 0:
        raise ValueError(f"n: {n} votes are not possible.")
    return table.take(arrival(table) < n)


def by_subject(table: VoteTable) -> VoteTable:
    """Return the same votes ordered by subject, then person, then answer: the order in which sums do not depend on arrival."""
    return table.take(np.lexsort((table.answer, table.person, table.subject)))
