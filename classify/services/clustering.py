"""The trails of a consensus. A vote links marks at once, by a simple rule; a task looks again with more care, by density.

What the task found stands until the marks behind it change: each consensus keeps a checksum of them.
"""

import hashlib
from collections.abc import Iterator, Sequence

from django.db import transaction
from django.db.models import F, QuerySet

from classify.crowd import consensus
from classify.crowd.consensus import MarkRow, Policy, TrailRow
from classify.models import Consensus, ConsensusTrail, Mark, SubjectStatus, Workflow

LEAST_MARKS = 2  # for density: of one mark nothing more can be said


def positive_marks(workflow_id: int, subject_id: int, policy: Policy) -> QuerySet[Mark]:
    """Marks of those whose standing, counted votes say that there is something."""
    return Mark.objects.filter(
        classification__subject_id=subject_id,
        classification__workflow_id=workflow_id,
        classification__superseded_by__isnull=True,
        classification__counted=True,
        classification__answer__in=policy.positive,
    ).order_by()


def link(row: Consensus, policy: Policy) -> None:
    """Group the marks by the quick rule, unless its trails are of these very marks. The caller holds the subject's lock."""
    marks = _marks(row, policy)
    if (checksum := _checksum(marks, policy)) != row.trails_of:
        _write(row, consensus.cluster_marks(marks, policy), by=Consensus.TrailsBy.LINKED if marks else "", checksum=checksum)


def unrefined() -> Iterator[int]:
    """Consensus rows whose trails only the quick rule has found."""
    for workflow in Workflow.objects.filter(current_version__isnull=False).select_related("current_version").order_by("pk"):
        if workflow.current_version and consensus.policy_from(workflow.current_version.policy).min_marks >= LEAST_MARKS:
            rows = Consensus.objects.filter(workflow=workflow, trails_by=Consensus.TrailsBy.LINKED, method__in=consensus.RULES).order_by()
            yield from list(rows.values_list("pk", flat=True))


def refine(*, consensus_id: int) -> bool:
    """Find the trails of one subject by density and put them in the place of the linked ones; False where its marks changed meanwhile."""
    from classify.crowd import marks as density  # noqa: PLC0415 - scikit-learn stays out of the web process

    row = Consensus.objects.select_related("workflow__current_version").filter(pk=consensus_id).first()
    if row is None or row.workflow.current_version is None:
        return False
    policy = consensus.policy_from(row.workflow.current_version.policy)
    marks = _marks(row, policy)
    found = density.cluster(marks, tolerance_px=policy.tolerance_px, share=policy.mark_share)
    checksum = _checksum(marks, policy)
    with transaction.atomic():
        SubjectStatus.objects.select_for_update(no_key=True).filter(workflow_id=row.workflow_id, subject_id=row.subject_id).first()
        if _checksum(_marks(row, policy), policy) != checksum:  # somebody voted; the next run looks again
            return False
        enough = [trail for trail in found if trail.n_markers >= policy.min_marks]
        _write(row, enough, by=Consensus.TrailsBy.DENSITY if marks else "", checksum=checksum)
        Consensus.objects.filter(pk=row.pk).update(revision=F("revision") + 1)
    return True


def _marks(row: Consensus, policy: Policy) -> list[MarkRow]:
    marks = positive_marks(row.workflow_id, row.subject_id, policy).order_by("classification_id", "position")
    return [MarkRow(*mark) for mark in marks.values_list("classification__volunteer_id", "frame", "x1", "y1", "x2", "y2")]


def _checksum(marks: Sequence[MarkRow], policy: Policy) -> str:
    """Of the marks and of all settings that say how they are grouped; empty without marks."""
    settings = (policy.min_marks, policy.mark_share, policy.tolerance_px)
    return hashlib.sha256(repr((settings, [tuple(mark) for mark in marks])).encode()).hexdigest()[:16] if marks else ""


def _write(row: Consensus, found: Sequence[TrailRow], *, by: str, checksum: str) -> None:
    ConsensusTrail.objects.filter(consensus=row).delete()
    ConsensusTrail.objects.bulk_create(
        ConsensusTrail(
            consensus=row, position=position, frame=trail.frame, x1=trail.x1, y1=trail.y1, x2=trail.x2, y2=trail.y2,
            scatter_px=trail.scatter_px, n_markers=trail.n_markers,
        )
        for position, trail in enumerate(found)
    )  # fmt: skip
    row.trails_by, row.trails_of = by, checksum
    Consensus.objects.filter(pk=row.pk).update(trails_by=by, trails_of=checksum)
