"""The votes themselves as a file, one row each, from which the batch methods can be run again; and reading it back as columns of numbers."""

import csv
from array import array
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any, NamedTuple

import numpy as np
from django.db.models import OuterRef, Q, Subquery
from numpy.typing import NDArray

from classify.crowd.table import VoteTable, vote_table
from classify.models import Classification, GoldKey, Workflow

SCHEMA = "votes-1"
COLUMNS = (
    "subject_id", "workflow", "version", "volunteer", "volunteer_kind", "answer", "at", "counted", "used", "known_answer", "blind", "late",
    "left_out", "arm", "p", "repeat",
)  # fmt: skip
_READ = ("subject_id", "volunteer", "answer", "used", "known_answer")
UNKNOWN = -1
MOST_SUBJECT = 2**63 - 1


class BadVotes(ValueError):
    """A file of votes that cannot be read; the message names line and column."""


def vote_rows(workflow: Workflow) -> Iterator[dict[str, Any]]:
    """Yield the standing votes of a workflow in the order in which they came: name -> value, times as ISO 8601 in UTC."""
    known = GoldKey.objects.filter(workflow_id=OuterRef("workflow_id"), subject_id=OuterRef("subject_id")).order_by().values("answer")[:1]
    rows = Classification.objects.filter(workflow=workflow, superseded_by__isnull=True).exclude(answer="").order_by("created_at", "id")
    left_out = ~Q(flag="") & ~Q(verdict=Classification.Verdict.COUNTED)
    values = rows.annotate(known_answer=Subquery(known), is_left_out=left_out).values_list(
        "subject__public_id", "version__major", "version__minor", "volunteer__public_id", "volunteer__kind", "answer", "created_at", "counted",
        "known_answer", "blind", "late", "is_left_out", "arm", "p", "repeat",
    )  # fmt: skip
    for subject, major, minor, who, kind, answer, at, counted, told, blind, late, out, arm, p, repeat in values.iterator(chunk_size=5000):
        used = counted or (told is not None and not out and (blind or not workflow.blind))
        seen = (answer, at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"), counted, used, told)
        yield dict(zip(COLUMNS, (subject, workflow.slug, f"{major}.{minor}", who, kind, *seen, blind, late, out, arm, p, repeat), strict=True))


@dataclass(frozen=True, eq=False)
class Read:
    """What a file of votes holds for the methods: the same columns that `selectors.votes_of` reads from the database.

    `foreign` {answer: line}: what stands there, as a vote or as a known answer, and is not among the answers; it is left out.
    """

    answers: list[str]
    table: VoteTable
    known: NDArray[np.int64]
    public_ids: NDArray[np.int64]
    names: list[str]
    foreign: dict[str, int]


class _Vote(NamedTuple):
    line: int
    subject: int
    volunteer: str
    answer: str
    known: str
    repeat: str


def read_votes(lines: Iterable[str], answers: Sequence[str]) -> Read:
    """Return the votes that are used, of a CSV file as `vote_rows` gives it; `answers` in the order in which they are asked.

    Raises BadVotes for a missing column, a subject that is no number, a subject with two known answers, a person who stands beside a
    subject twice (imported repeats have numbers of their own), and what is no CSV.
    """
    subjects, people, said, repeats, known = array("q"), array("l"), array("b"), array("l"), dict[int, str]()
    codes, names, repeat, foreign = {answer: i for i, answer in enumerate(answers)}, dict[str, int](), dict[str, int](), dict[str, int]()
    for vote in _asked(_used(lines), codes, foreign):
        repeats.append(repeat.setdefault(vote.repeat, len(repeat)))
        subjects.append(vote.subject)
        people.append(names.setdefault(vote.volunteer, len(names)))
        said.append(codes[vote.answer])
        if vote.known and known.setdefault(vote.subject, vote.known) != vote.known:
            raise BadVotes(f"known_answer: subject {vote.subject} has two.")
    public_ids, subject = np.unique(np.array(subjects, dtype=np.int64), return_inverse=True)
    ordered = sorted(names)
    rank = np.empty(len(names), dtype=np.int64)
    rank[[names[name] for name in ordered]] = np.arange(len(names))
    person = rank[np.array(people, dtype=np.int64)]
    _check_once(public_ids[subject], person, np.array(repeats, dtype=np.int64), ordered)
    sizes = {"n_subjects": len(public_ids), "n_people": len(names), "n_answers": len(answers)}
    table = vote_table(subject, person, np.array(said, dtype=np.int64), **sizes)
    held = np.array([codes.get(known.get(number, ""), UNKNOWN) for number in public_ids.tolist()], dtype=np.int64)
    return Read(list(answers), table, held, public_ids, ordered, foreign)


def _asked(votes: Iterable[_Vote], answers: Container[str], foreign: dict[str, int]) -> Iterator[_Vote]:
    """Yield the votes for one of the answers; note in `foreign` what else is said, and where first."""
    for vote in votes:
        for word in (vote.answer, vote.known):
            if word and word not in answers:
                foreign.setdefault(word, vote.line)
        if vote.answer in answers:
            yield vote


def _check_once(subject: NDArray[np.int64], person: NDArray[np.int64], repeat: NDArray[np.int64], names: Sequence[str]) -> None:
    order = np.lexsort((repeat, person, subject))
    rows = np.stack((subject, person, repeat))[:, order]
    twice = np.flatnonzero((rows[:, 1:] == rows[:, :-1]).all(axis=0))
    if len(twice):
        raise BadVotes(f"volunteer: {names[rows[1, twice[0]]]} stands beside subject {rows[0, twice[0]]} twice; only one vote can count.")


def _used(lines: Iterable[str]) -> Iterator[_Vote]:
    reader = csv.reader(lines)
    try:
        yield from _rows(reader, next(reader, []))
    except csv.Error as error:
        raise BadVotes(f"line {reader.line_num}: {error}.") from None


def _rows(reader: Iterable[list[str]], header: list[str]) -> Iterator[_Vote]:
    if missing := [name for name in _READ if name not in header]:
        raise BadVotes(f"{missing[0]}: there is no such column.")
    subject, volunteer, answer, used, known = (header.index(name) for name in _READ)
    repeat = header.index("repeat") if "repeat" in header else None
    for number, row in enumerate(reader, start=2):
        if len(row) != len(header) or not row[subject].isdecimal() or not _is_small(row[subject]):
            raise BadVotes(f"line {number}: not {len(header)} columns with the number of a subject.")
        if (told := row[used].strip().lower()) not in {"true", "false"}:
            raise BadVotes(f"line {number}: used is {row[used]!r}, not true or false.")
        if told == "true":
            yield _Vote(number, int(row[subject]), row[volunteer], row[answer], row[known], "" if repeat is None else row[repeat])


def _is_small(digits: str) -> bool:
    return len(digits) < len(str(MOST_SUBJECT)) or (len(digits) == len(str(MOST_SUBJECT)) and int(digits) <= MOST_SUBJECT)
