"""What this room holds about a person, as streams of rows, for a copy of their data.

Why an image was chosen (arm, chance, whether its answer is known) is left out: it is about the image, and would give known answers away.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from django.db.models import QuerySet

from classify.models import Classification, DailyTotal, Mark, Reveal, Serve, Volunteer, VolunteerSkill
from core.streaming import Records, records_of, value_rows

_BATCH = 500
_MARK = ("step", "position", "frame", "x1", "y1", "x2", "y2", "suggestion")
_VOTE = {
    "id": "id",
    "workflow": "workflow__slug",
    "version_major": "version__major",
    "version_minor": "version__minor",
    "subject": "subject__public_id",
    "serve": "serve_id",
    "answer": "answer",
    "annotations": "annotations",
    "viewer": "viewer",
    "started_at": "started_at",
    "finished_at": "finished_at",
    "created_at": "created_at",
    "blind": "blind",
    "late": "late",
    "counted": "counted",
    "flag": "flag",
    "verdict": "verdict",
    "superseded_by": "superseded_by_id",
    "superseded_reason": "superseded_reason",
}
_SERVE = {
    "id": "id",
    "subject": "subject__public_id",
    "workflow": "version__workflow__slug",
    "suggested": "suggested",
    "served_at": "served_at",
    "lease_until": "lease_until",
}
_SKILL = {"workflow": "workflow__slug"} | {name: name for name in ("confusion", "n_gold", "n_gold_right", "informativeness", "updated_at")}
_DAY = {"workflow": "workflow__slug", "day": "day", "answers": "n", "seconds": "seconds"}
_PERSON = ("public_id", "kind", "credit_name", "preferences", "source", "external_id", "created_at")


def same_person(volunteer_id: int | None) -> list[int]:
    """Return this volunteer and the visitors that were merged into it, however often."""
    found: list[int] = []
    new = [] if volunteer_id is None else [volunteer_id]
    while new:
        found += new
        new = list(Volunteer.objects.filter(merged_into_id__in=new).exclude(pk__in=found).order_by("pk").values_list("pk", flat=True))
    return found


def volunteer_by_pk(pk: int) -> Volunteer | None:
    """Return a volunteer."""
    return Volunteer.objects.filter(pk=pk).first()


def personal_records(volunteers: Collection[int]) -> list[Records]:
    """Return everything here that hangs on these volunteers; nothing is read before a stream is."""
    people = Volunteer.objects.filter(pk__in=volunteers).order_by("pk")
    votes = Classification.objects.filter(volunteer_id__in=volunteers).order_by("created_at", "pk")
    serves = Serve.objects.filter(volunteer_id__in=volunteers).order_by("served_at", "pk")
    reveals = Reveal.objects.filter(volunteer_id__in=volunteers).order_by("pk")
    skills = VolunteerSkill.objects.filter(volunteer_id__in=volunteers).order_by("pk")
    days = DailyTotal.objects.filter(volunteer_id__in=volunteers).order_by("day", "pk")
    return [
        records_of("volunteer", people, dict(zip(_PERSON, _PERSON, strict=True))),
        Records("classifications", [*_VOTE, "marks"], votes.count, lambda: _votes(votes)),
        records_of("images_shown", serves, _SERVE),
        records_of("reveals", reveals, {"subject": "root__public_id", "at": "at"}),
        records_of("skills", skills, _SKILL),
        records_of("days", days, _DAY),
    ]


def _votes(votes: QuerySet[Classification]) -> Iterator[dict[str, Any]]:
    """Yield votes with their marks: two queries for each batch."""
    batch: list[dict[str, Any]] = []
    for row in value_rows(votes, _VOTE):
        batch.append(row)
        if len(batch) == _BATCH:
            yield from _with_marks(batch)
            batch = []
    yield from _with_marks(batch)


def _with_marks(votes: list[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    marks: dict[Any, list[dict[str, Any]]] = {vote["id"]: [] for vote in votes}
    for ident, *mark in Mark.objects.filter(classification_id__in=marks).order_by("position").values_list("classification_id", *_MARK):
        marks[ident].append(dict(zip(_MARK, mark, strict=True)))
    return ({**vote, "marks": marks[vote["id"]]} for vote in votes)
