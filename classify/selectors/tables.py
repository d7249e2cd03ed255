"""The votes of a workflow as columns of numbers, for what looks at all of them at once. Not rows: two million take a few seconds."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.db.models import BigIntegerField, Case, Q, QuerySet, When
from django.db.models.functions import Cast
from numpy.typing import NDArray

from classify import steps
from classify.crowd.table import VoteTable
from classify.models import Classification, GoldKey, Subject, SubjectStatus, Volunteer, Workflow
from core import bulk

UNKNOWN = -1
_BATCH = 5_000
_DENSE = 20_000_000  # keys in so narrow a range are looked up in an array of it

Keys = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Votes:
    """Standing votes in the order in which they came.

    `table` holds codes: an answer's place in `answers`, a subject's in `subjects`, a person's in `people`. Both are primary keys of those
    with a vote here, by their public ids, so that an export of the same votes gives the same codes. `known` int64 (S,) is the code of
    a known answer, -1 elsewhere; `public_ids` and `names` are the public ids themselves.
    """

    workflow: Workflow
    answers: list[str]
    table: VoteTable
    subjects: Keys
    people: Keys
    known: Keys
    public_ids: Keys
    names: list[str]

    def __len__(self) -> int:
        return len(self.table)


def votes_of(workflow: Workflow, *, gold: bool = True, demo: bool = True, ordered: bool = True) -> Votes:
    """Return the standing votes that count, and with `gold` those on known answers that would count if the answer were not known.

    Without `gold` nothing is known either. `demo`: with those of simulated and imported people. Answers that the current version does not
    ask for are left out. `ordered=False` saves the sorting where the order plays no role. Raises LookupError without a version.
    """
    if workflow.current_version is None:
        raise LookupError(f"The workflow {workflow.slug} has no version yet.")
    answers = steps.answer_keys(workflow.current_version.steps)
    wanted = _rows(workflow, answers, gold=gold, demo=demo)
    rows = bulk.integers(wanted.order_by("created_at", "id") if ordered else wanted)
    subjects, public_ids, subject = _subjects(workflow, rows[:, 0])
    people, names, person = _people(rows[:, 1])
    there = (subject >= 0) & (person >= 0)  # else it was deleted between two of these queries
    table = VoteTable(subject[there], person[there], rows[there, 2].astype(np.int8), len(subjects), len(people), len(answers))
    known = _known(workflow, answers, subjects) if gold else np.full(len(subjects), UNKNOWN, dtype=np.int64)
    return Votes(workflow, answers, table, subjects, people, known, public_ids, names)


def _rows(workflow: Workflow, answers: Sequence[str], *, gold: bool, demo: bool) -> QuerySet[Classification, tuple[int, int, int]]:
    counts = Q(counted=True)
    if gold:
        known = GoldKey.objects.filter(workflow=workflow).order_by().values("subject_id")
        stands = Q(flag="") | Q(verdict=Classification.Verdict.COUNTED)
        counts |= Q(subject_id__in=known) & stands & (Q(blind=True) if workflow.blind else Q())
    code = Case(*(When(answer=answer, then=i) for i, answer in enumerate(answers)), output_field=BigIntegerField())
    rows = Classification.objects.filter(counts, workflow=workflow, superseded_by__isnull=True, answer__in=answers).order_by()
    if not demo:
        rows = rows.exclude(volunteer_id__in=Volunteer.objects.filter(kind__in=[Volunteer.Kind.DEMO, Volunteer.Kind.IMPORTED]).values("pk"))
    return rows.annotate(code=Cast(code, BigIntegerField())).values_list("subject_id", "volunteer_id", "code")


def _subjects(workflow: Workflow, keys: Keys) -> tuple[Keys, Keys, NDArray[np.int32]]:
    """Return the primary keys by public id, the public ids, and the code of each of these keys (-1: gone)."""
    pooled = SubjectStatus.objects.filter(workflow=workflow).order_by().values("subject_id")
    listed = bulk.integers(Subject.objects.filter(pk__in=pooled).order_by().values_list("pk", "public_id"))
    listed = listed[np.argsort(listed[:, 1])]
    codes = _codes(keys, listed[:, 0])
    voted = np.bincount(codes[codes >= 0], minlength=len(listed)) > 0
    place = np.where(voted, np.cumsum(voted) - 1, -1).astype(np.int32)
    return listed[voted, 0], listed[voted, 1], np.append(place, np.int32(-1))[codes]


def _people(keys: Keys) -> tuple[Keys, list[str], NDArray[np.int32]]:
    used = np.unique(keys)
    rows: list[tuple[str, int]] = []
    for start in range(0, len(used), _BATCH):
        found = Volunteer.objects.filter(pk__in=used[start : start + _BATCH].tolist()).order_by()
        rows += found.values_list("public_id", "pk")
    rows.sort()
    people = np.array([pk for _, pk in rows], dtype=np.int64)
    return people, [name for name, _ in rows], _codes(keys, people)


def _codes(keys: Keys, listed: Keys) -> NDArray[np.int32]:
    """Return the place of each key in the list; -1 where it is not there."""
    if not len(listed):
        return np.full(len(keys), -1, dtype=np.int32)
    least, most = int(listed.min()), int(listed.max())
    if most - least < _DENSE:
        places = np.full(most - least + 2, -1, dtype=np.int32)  # the last one: not from least to most
        places[listed - least] = np.arange(len(listed))
        return places[np.where((keys >= least) & (keys <= most), keys - least, -1)]
    order = np.argsort(listed)
    place = np.minimum(np.searchsorted(listed[order], keys), len(listed) - 1)
    return np.where(listed[order][place] == keys, order[place], -1).astype(np.int32)


def _known(workflow: Workflow, answers: Sequence[str], subjects: Keys) -> Keys:
    code = {answer: i for i, answer in enumerate(answers)}
    rows = GoldKey.objects.filter(workflow=workflow, answer__in=answers).order_by().values_list("subject_id", "answer")
    known = np.full(len(subjects), UNKNOWN, dtype=np.int64)
    keys = list(rows)
    place = _codes(np.array([pk for pk, _ in keys], dtype=np.int64), subjects)
    for i, (_, answer) in zip(place, keys, strict=True):
        if i >= 0:
            known[i] = code[answer]
    return known
