"""Named sets of subjects."""

import random
from collections.abc import Iterable
from datetime import datetime

from classify.models import SubjectSet, SubjectSetMember, Workflow
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
