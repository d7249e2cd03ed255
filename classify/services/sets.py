"""Named sets of subjects, and gold: subjects with a known answer."""

import random
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from classify import steps
from classify.models import GoldKey, Subject, SubjectSet, SubjectSetMember, Workflow
from classify.services import tallies, totals
from classify.services.pool import open_subjects


def make_set(*, slug: str, name: str, purpose: str, now: datetime, workflows: Iterable[Workflow] = ()) -> SubjectSet:
    """Return the set of this slug, made if there is none, attached to these workflows besides those it has."""
    made, _ = SubjectSet.objects.get_or_create(slug=slug, defaults={"name": name, "purpose": purpose, "created_at": now})
    made.workflows.add(*workflows)
    return made


def add_to_set(*, subject_set: SubjectSet, subject_ids: Iterable[int]) -> int:
    """Put subjects (primary keys) into a set; returns how many were new."""
    wanted = set(subject_ids)
    new = wanted - set(SubjectSetMember.objects.filter(subject_set=subject_set, subject_id__in=wanted).values_list("subject_id", flat=True))
    SubjectSetMember.objects.bulk_create(
        [SubjectSetMember(subject_set=subject_set, subject_id=pk) for pk in sorted(new)], ignore_conflicts=True, batch_size=500
    )
    return len(new)


def open_set(*, subject_set: SubjectSet, now: datetime, rng: random.Random) -> int:
    """Make all subjects of a set active in the workflows that it is attached to; returns the number of new pairs."""
    ids = list(SubjectSetMember.objects.filter(subject_set=subject_set).values_list("subject_id", flat=True))
    return sum(open_subjects(workflow=flow, subject_ids=ids, now=now, rng=rng) for flow in subject_set.workflows.all())


@transaction.atomic
def add_gold(
    *,
    workflow: Workflow | str,
    subject: Subject,
    answer: str,
    marks: Sequence[dict[str, float]],
    explanation: str,
    source: str,
    now: datetime,
    explanations: dict[str, str] | None = None,
    rng: random.Random | None = None,
) -> GoldKey:
    """Give a subject a known answer in a workflow (overwriting an earlier key) and open it there. Votes on it never count.

    `workflow` is the row or its slug; `marks` are the true ends [{"x1", "y1", "x2", "y2"}] in cutout pixels. Raises BadField for an answer
    that the workflow does not have. `explanations`: the explanation in other languages, {language: text}.
    """
    flow = Workflow.objects.select_related("current_version").get(slug=workflow) if isinstance(workflow, str) else workflow
    steps.clean_answer(tallies.current_version(flow).steps, answer)
    ends: list[dict[str, Any]] = [{name: float(mark[name]) for name in ("x1", "y1", "x2", "y2")} for mark in marks]
    words = {"explanation": explanation, "explanations": explanations or {}}
    key, new = GoldKey.objects.update_or_create(workflow=flow, subject=subject, defaults={**words, "answer": answer, "marks": ends, "source": source})
    if new:
        totals.learn_gold(workflow_id=flow.pk, subject_id=subject.pk)
    gold = make_set(slug=f"gold-{flow.slug}", name=f"Known answers: {flow.name}", purpose=SubjectSet.Purpose.GOLD, now=now, workflows=[flow])
    add_to_set(subject_set=gold, subject_ids=[subject.pk])
    open_subjects(workflow=flow, subject_ids=[subject.pk], now=now, rng=rng or random.Random())
    return key
