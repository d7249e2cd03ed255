"""The votes themselves as a file, one row each, from which the batch methods can be run again; and reading it back as columns of numbers."""

import csv
from array import array
from collections.abc import Iterable, Iterator, Sequence
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
    """What a file of votes holds for the methods: the same columns that `selectors.votes_of` reads from the database."""

    answers: list[str]
    table: VoteTable
    known: NDArray[np.int64]
    public_ids: NDArray[np.int64]
    names: list[str]


class _Vote(NamedTuple):
    subject: int
    volunteer: str
    answer: str
    known: str


def read_votes(lines: Iterable[str], answers: Sequence[str]) -> Read:
    """Return the votes that are used, of a CSV file as `vote_rows` gives it; `answers` in the order in which they are asked.

    Raises BadVotes for a missing column, a subject that is no number, and a subject with two known answers.
    """
    subjects, people, said, known = array("q"), array("l"), array("b"), dict[int, str]()
    codes, names = {answer: i for i, answer in enumerate(answers)}, dict[str, int]()
    for vote in _used(lines):
        if vote.answer not in codes:
            continue
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
    sizes = {"n_subjects": len(public_ids), "n_people": len(names), "n_answers": len(answers)}
    table = vote_table(subject, person, np.array(said, dtype=np.int64), **sizes)
    held = np.array([codes.get(known.get(number, ""), UNKNOWN) for number in public_ids.tolist()], dtype=np.int64)
    return Read(list(answers), table, held, public_ids, ordered)


def _used(lines: Iterable[str]) -> Iterator[_Vote]:
    reader = csv.reader(lines)
    header = next(reader, [])
    if missing := [name for name in _READ if name not in header]:
        raise BadVotes(f"{missing[0]}: there is no such column.")
    subject, volunteer, answer, used, known = (header.index(name) for name in _READ)
    for number, row in enumerate(reader, start=2):
        if len(row) != len(header) or not row[subject].isdecimal():
            raise BadVotes(f"line {number}: not {len(header)} columns with the number of a subject.")
        if row[used] == "true":
            yield _Vote(int(row[subject]), row[volunteer], row[answer], row[known])
