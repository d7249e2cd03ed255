"""Subjects, their pixels, and the sets they are in."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import QuerySet

from archive import selectors as archive
from classify.models import Consensus, Subject, SubjectFrame, SubjectSet


def subject_by_public_id(public_id: int) -> Subject | None:
    """The subject of this public number with its root, or None."""
    if not 0 <= public_id < 2**63:
        return None
    return Subject.objects.select_related("root").filter(public_id=public_id).first()


def roots_by_public_ids(public_ids: Iterable[int]) -> dict[int, int]:
    """{public number: primary key of its root} of those that exist; one query for each thousand."""
    wanted = [number for number in dict.fromkeys(public_ids) if 0 <= number < 2**63]
    found: dict[int, int] = {}
    for start in range(0, len(wanted), 1000):
        rows = Subject.objects.filter(public_id__in=wanted[start : start + 1000]).order_by().values_list("public_id", "pk", "root_id")
        found |= {number: root or pk for number, pk, root in rows}
    return found


def subjects_by_ids(ids: Iterable[int]) -> dict[int, Subject]:
    """Subjects by primary key."""
    return Subject.objects.in_bulk(list(ids))


def _frames() -> QuerySet[SubjectFrame]:
    rows = SubjectFrame.objects.select_related("cutout__plane__exposure").order_by("subject_id", "position")
    return rows.defer("cutout__plane__exposure__headers", "cutout__plane__exposure__orbit")


def cutouts_of(subject: Subject) -> list[Any]:
    """The cutouts of a subject in order, with plane and exposure."""
    return [frame.cutout for frame in _frames().filter(subject=subject)]


def first_cutouts(subject_ids: Iterable[int]) -> dict[int, Any]:
    """The first cutout of each of these subjects (primary keys), for thumbnails; one query."""
    return {frame.subject_id: frame.cutout for frame in _frames().filter(subject_id__in=list(subject_ids), position=0)}


def registrations(subject_ids: Iterable[int]) -> dict[tuple[int, int], Any]:
    """{(subject, position): [a, b, c, d, e, f], how its pixels lie on the first frame} of later frames that do not simply lie on top of it."""
    rows = SubjectFrame.objects.filter(subject_id__in=list(subject_ids), position__gt=0, to_first__isnull=False).order_by()
    return {(subject, position): matrix for subject, position, matrix in rows.values_list("subject_id", "position", "to_first")}


def subject_of_cutout(cutout_id: int) -> Subject | None:
    """The pool subject of which a cutout is a frame."""
    return subjects_of_cutouts([cutout_id]).get(cutout_id)


def subjects_of_cutouts(cutout_ids: Iterable[int]) -> dict[int, Subject]:
    """Pool subjects by the cutouts that are their frames; cutouts without one are left out. One query."""
    frames = SubjectFrame.objects.filter(cutout_id__in=list(cutout_ids), subject__kind=Subject.Kind.POOL)
    return {frame.cutout_id: frame.subject for frame in frames.select_related("subject").order_by("-subject_id")}


def queue_item(served: Any) -> dict[str, Any]:
    """One item of a queue answer from a `Served`: only opaque ids, frames, suggestions if shown, and what stands under the image."""
    maps = zip(served.frames, served.to_first, strict=True)
    frames = [{**archive.frame_payload(cutout), "to_first": to_first} for cutout, to_first in maps]
    first = frames[0] if frames else {"credit": "", "licence": ""}
    return {
        "id": served.subject.public_id,
        "serve": served.serve,
        "version": served.version,
        "lease_until": served.lease_until.isoformat().replace("+00:00", "Z"),
        "frames": frames,
        "suggestions": served.suggestions,
        "credit": first["credit"],
        "licence": first["licence"],
    }


def sets_by_purpose(purpose: str) -> QuerySet[SubjectSet]:
    """Sets of a purpose (serve, gold, evaluation, negative, label)."""
    return SubjectSet.objects.filter(purpose=purpose)


def cutouts_in_sets(*purposes: str) -> set[tuple[int, int]]:
    """(cutout id, exposure id) of all frames whose subject is in any set of these purposes."""
    frames = SubjectFrame.objects.filter(subject__memberships__subject_set__purpose__in=purposes)
    return set(frames.order_by().values_list("cutout_id", "cutout__plane__exposure_id"))


def subjects_with_cutouts(workflow: str, *, survey: str = "") -> Iterator[tuple[Subject, Any]]:
    """(subject, first cutout with plane and exposure) of all subjects in a workflow, of one survey if given."""
    rows = _frames().select_related("cutout__plane__exposure", "subject").filter(subject__statuses__workflow__slug=workflow, position=0)
    if survey:
        rows = rows.filter(cutout__plane__exposure__survey=survey)
    for frame in rows.iterator(chunk_size=500):
        yield frame.subject, frame.cutout


def consensus_of(subject: Subject) -> list[Consensus]:
    """Consensus rows of a subject with workflow and trails, in the order of the workflows. The caller asks `may_see` first."""
    rows = Consensus.objects.filter(subject=subject).select_related("workflow").order_by("workflow__position", "method")
    return list(rows.prefetch_related("trails"))
