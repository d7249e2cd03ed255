"""Named sets of subjects: made and filled by the team, chosen by workflows, which then ask about their subjects."""

import random
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from classify.models import SubjectSet, SubjectSetMember, Workflow
from classify.services.pool import BATCH, open_subjects
from classify.services.workflows import LabError
from core.services import audit


class Filled(NamedTuple):
    """How many subjects are new in a set, and how many of all that were named are new in the workflows that use it."""

    added: int
    opened: int


def make_set(*, slug: str, name: str, purpose: str, now: datetime, workflows: Iterable[Workflow] = ()) -> SubjectSet:
    """Return the set of this slug, made if there is none, attached to these workflows besides those it has."""
    made, _made = SubjectSet.objects.get_or_create(slug=slug, defaults={"name": name, "purpose": purpose, "created_at": now})
    made.workflows.add(*workflows)
    return made


def add_to_set(*, subject_set: SubjectSet, subject_ids: Iterable[int]) -> int:
    """Put subjects (primary keys) into a set; returns how many were new."""
    added = 0
    for ids in _batches(subject_ids):
        known = set(SubjectSetMember.objects.filter(subject_set=subject_set, subject_id__in=ids).values_list("subject_id", flat=True))
        new = [SubjectSetMember(subject_set=subject_set, subject_id=pk) for pk in ids if pk not in known]
        SubjectSetMember.objects.bulk_create(new, ignore_conflicts=True)
        added += len(new)
    return added


# --- what the team does --------------------------------------------------------------------------


@transaction.atomic
def create_set(*, slug: str, name: str, purpose: str, subject_ids: Iterable[int] = (), actor: Any, now: datetime) -> SubjectSet:
    """Make a set with these subjects (primary keys). Raises LabError where the slug is taken."""
    made, created = SubjectSet.objects.get_or_create(slug=slug, defaults={"name": name, "purpose": purpose, "created_at": now})
    if not created:
        raise LabError(
            _("There is a set at the address %(slug)s already, called %(name)s. Choose another name; nothing was stored.")
            % {"slug": slug, "name": made.name}
        )
    added = add_to_set(subject_set=made, subject_ids=subject_ids)
    _note(made, "make set", actor, now, name=name, purpose=purpose, added=added)
    return made


def fill_set(*, subject_set: SubjectSet, subject_ids: Iterable[int], actor: Any, now: datetime, rng: random.Random) -> Filled:
    """Put subjects (primary keys) into a set, and open them in the workflows that use it, those too that were in it. Raises LabError."""
    wanted = list(subject_ids)
    with transaction.atomic():
        held = _held(subject_set)
        added = add_to_set(subject_set=held, subject_ids=wanted)
        if added:
            _note(held, "fill set", actor, now, added=added)
    return Filled(added, sum(_open(flow, wanted, now, rng) for flow in held.workflows.all()))


@transaction.atomic
def take_from_set(*, subject_set: SubjectSet, subject_ids: Iterable[int], actor: Any, now: datetime) -> int:
    """Take subjects out of a set; workflows that opened them keep them. Returns how many were in it. Raises LabError."""
    held = _held(subject_set)
    taken = sum(SubjectSetMember.objects.filter(subject_set=held, subject_id__in=ids).delete()[0] for ids in _batches(subject_ids))
    if taken:
        _note(held, "take from set", actor, now, taken=taken)
    return taken


@transaction.atomic
def rename_set(*, subject_set: SubjectSet, name: str, actor: Any, now: datetime) -> None:
    """Give a set another name; its slug stays. Raises LabError."""
    held = _held(subject_set)
    if held.name != name:
        SubjectSet.objects.filter(pk=held.pk).update(name=name)
        _note(held, "rename set", actor, now, before=held.name, after=name)


@transaction.atomic
def delete_set(*, subject_set: SubjectSet, actor: Any, now: datetime) -> None:
    """Delete a set that no workflow uses; its subjects stay. Raises LabError."""
    held = _held(subject_set)
    if users := list(held.workflows.values_list("name", flat=True)):
        raise LabError(
            _("Workflows use this set: %(names)s. Take it away there first, under Subjects; nothing was deleted.") % {"names": ", ".join(users)}
        )
    _note(held, "delete set", actor, now, name=held.name, size=held.members.count())
    held.delete()


def choose_sets(*, workflow: Workflow, slugs: Sequence[str], actor: Any, now: datetime, rng: random.Random) -> int:
    """Tie these sets (and the gold ones that are tied) to a workflow and open their subjects in it; returns how many are new there.

    A set that is taken away leaves its subjects as they are: somebody may have voted on them.
    """
    with transaction.atomic():
        wanted = list(SubjectSet.objects.select_for_update().filter(slug__in=slugs).exclude(purpose=SubjectSet.Purpose.GOLD))
        free = workflow.subject_sets.exclude(purpose=SubjectSet.Purpose.GOLD)
        before = set(free.values_list("slug", flat=True))
        workflow.subject_sets.remove(*free.exclude(pk__in=[row.pk for row in wanted]))
        workflow.subject_sets.add(*wanted)
        after = {row.slug for row in wanted}
        if after != before:
            detail = {"added": sorted(after - before), "taken": sorted(before - after)}
            audit(actor=actor, verb="choose sets", object_type="workflow", object_id=workflow.slug, now=now, detail=detail)
    ids = SubjectSetMember.objects.filter(subject_set__in=wanted).order_by("pk").values_list("subject_id", flat=True)
    return _open(workflow, ids, now, rng)


def _open(workflow: Workflow, subject_ids: Iterable[int], now: datetime, rng: random.Random) -> int:
    """In batches, each a transaction of its own: a large set keeps nobody waiting who votes."""
    return sum(open_subjects(workflow=workflow, subject_ids=ids, now=now, rng=rng) for ids in _batches(subject_ids))


def _batches(subject_ids: Iterable[int]) -> Iterator[list[int]]:
    """Each subject once, some hundreds at a time."""
    ids = list(dict.fromkeys(subject_ids))
    return (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))


def _held(subject_set: SubjectSet) -> SubjectSet:
    """The row, held against others until the transaction ends. Raises LabError where it is gone, or goes with known answers."""
    held = SubjectSet.objects.select_for_update().filter(pk=subject_set.pk).first()
    if held is None:
        raise LabError(_("This set was deleted meanwhile. Nothing was stored."))
    if held.purpose == SubjectSet.Purpose.GOLD:
        raise LabError(_("A set of known answers is made with their keys and changes only with them. Nothing was stored."))
    return held


def _note(subject_set: SubjectSet, verb: str, actor: Any, now: datetime, **detail: Any) -> None:
    audit(actor=actor, verb=verb, object_type="subject set", object_id=subject_set.slug, now=now, detail=detail)
