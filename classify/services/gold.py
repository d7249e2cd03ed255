"""Gold: subjects whose answer is known. Keys are written here, and read only once a vote on the subject is stored (classify.feedback)."""

import random
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from classify import steps
from classify.models import GoldKey, Subject, SubjectSet, Workflow
from classify.services import tallies, totals
from classify.services.pool import open_subjects
from classify.services.sets import add_to_set, make_set

TOLERANCE_PX = 12.0  # about 1.2 seconds of arc: what a careful person reaches without zooming


@transaction.atomic
def add_gold(
    *,
    workflow: Workflow | str,
    subject: Subject,
    answer: str,
    marks: Sequence[Mapping[str, float]],
    explanation: str,
    source: str,
    now: datetime,
    explanations: dict[str, str] | None = None,
    guide: str = "",
    tolerance_px: float = TOLERANCE_PX,
    rng: random.Random | None = None,
) -> GoldKey:
    """Give a subject a known answer in a workflow (overwriting an earlier key) and open it there. Votes on it never count.

    `workflow` is the row or its slug; `marks` are the true ends [{"x1", "y1", "x2", "y2"}] in pixels of the first frame. Raises BadField
    for an answer that the workflow does not have. `explanations`: the explanation in other languages, {language: text}; `guide`: the
    entry of the field guide about what is to be seen; `tolerance_px`: how far from its place an end may be marked.
    """
    flow = Workflow.objects.select_related("current_version").get(slug=workflow) if isinstance(workflow, str) else workflow
    steps.clean_answer(tallies.current_version(flow).steps, answer)
    ends: list[dict[str, Any]] = [{name: float(mark[name]) for name in ("x1", "y1", "x2", "y2")} for mark in marks]
    said = {"answer": answer, "marks": ends, "explanation": explanation, "explanations": explanations or {}}
    more = {"guide": guide, "tolerance_px": tolerance_px, "source": source}
    key, new = GoldKey.objects.update_or_create(workflow=flow, subject=subject, defaults={**said, **more})
    if new:
        totals.learn_gold(workflow_id=flow.pk, subject_id=subject.pk)
    add_to_set(subject_set=gold_set(flow, now=now), subject_ids=[subject.pk])
    open_subjects(workflow=flow, subject_ids=[subject.pk], now=now, rng=rng or random.Random())
    return key


def gold_set(workflow: Workflow, *, now: datetime) -> SubjectSet:
    """The set of a workflow's subjects with a known answer, made if there is none."""
    name = f"Known answers: {workflow.name}"
    return make_set(slug=f"gold-{workflow.slug}", name=name, purpose=SubjectSet.Purpose.GOLD, now=now, workflows=[workflow])
