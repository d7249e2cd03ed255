"""What comes in as one classification, in checked Python types. The first look only: no database here."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from classify.steps import BadField

MAX_ANNOTATIONS = 20_000  # characters of JSON
MAX_VIEWER = 4_000
_DEEPEST = 20  # objects and lists within each other
_KNOWN = {
    "id", "workflow", "version", "subject", "serve", "answer", "marks", "annotations", "viewer", "revises", "started_at", "finished_at",
}  # fmt: skip
_REQUIRED = ("id", "workflow", "subject", "answer")


@dataclass(frozen=True)
class Ballot:
    """A body with its types checked; whether it fits the workflow is seen later. `marks` is as it came."""

    id: uuid.UUID
    workflow: str
    subject: int
    answer: str
    version: str
    serve: uuid.UUID | None
    revises: uuid.UUID | None
    marks: Any
    annotations: dict[str, Any]
    viewer: dict[str, Any]
    started_at: datetime | None
    finished_at: datetime | None


def ballot_from(body: Any) -> Ballot:
    """Read a body. Raises BadField naming the first field that is missing, unknown or of the wrong type."""
    if not isinstance(body, Mapping):
        raise BadField("body", _("A classification is one JSON object."))
    if unknown := sorted(set(map(str, body)) - _KNOWN):
        raise BadField(unknown[0], _("There is no such field."))
    for name in _REQUIRED:
        if body.get(name) in (None, ""):
            raise BadField(name, _("This field is required."))
    started_at, finished_at = _time(body, "started_at"), _time(body, "finished_at")
    if started_at and finished_at and finished_at < started_at:
        raise BadField("finished_at", _("This is earlier than started_at."))
    return Ballot(
        id=_uuid(body, "id") or uuid.UUID(int=0),  # given: checked above
        workflow=_text(body, "workflow", 50),
        subject=_whole(body, "subject"),
        answer=_text(body, "answer", 40),
        version=_text(body, "version", 20),
        serve=_uuid(body, "serve"),
        revises=_uuid(body, "revises"),
        marks=[] if body.get("marks") is None else body["marks"],
        annotations=clean_object("annotations", body.get("annotations"), MAX_ANNOTATIONS),
        viewer=clean_object("viewer", body.get("viewer"), MAX_VIEWER),
        started_at=started_at,
        finished_at=finished_at,
    )


def _uuid(body: Mapping[str, Any], name: str) -> uuid.UUID | None:
    value = body.get(name)
    if value in (None, ""):
        return None
    if isinstance(value, uuid.UUID):
        return value
    try:
        return uuid.UUID(value if isinstance(value, str) and len(value) == 36 else "")
    except ValueError:
        raise BadField(name, _("This must be a UUID, like 8c2d1f0e-3b4a-4c5d-9e6f-7a8b9c0d1e2f.")) from None


def _text(body: Mapping[str, Any], name: str, limit: int) -> str:
    value = body.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > limit or not _is_storable(value):
        raise BadField(name, _("This must be text of at most %(limit)d characters.") % {"limit": limit})
    return value


def _whole(body: Mapping[str, Any], name: str) -> int:
    """Return a public id: a number, or its digits (forms send text)."""
    value = body.get(name)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 18:
        value = int(value)
    if type(value) is not int or not 0 <= value < 2**63:
        raise BadField(name, _("This must be the number of a subject."))
    return value


def _time(body: Mapping[str, Any], name: str) -> datetime | None:
    value = body.get(name)
    if value in (None, ""):
        return None
    try:
        moment = value if isinstance(value, datetime) else parse_datetime(value) if isinstance(value, str) else None
        if moment is not None and moment.tzinfo is not None:
            return moment.astimezone(UTC)  # at the ends of the calendar there may be no such time
    except (ValueError, OverflowError):
        pass
    raise BadField(name, _("This must be a time with its zone, like 2026-03-01T12:00:00Z."))


def clean_object(name: str, value: Any, limit: int) -> dict[str, Any]:
    """Return a JSON object as it came, if it is one and not too large; unknown content is kept verbatim."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadField(name, _("This must be an object."))
    if _depth(value) > _DEEPEST:
        raise BadField(name, _("There are too many objects and lists within each other."))
    try:
        text = json.dumps(value, allow_nan=False, ensure_ascii=False)
    except ValueError:
        raise BadField(name, _("Numbers must be finite.")) from None
    if len(text) > limit:
        raise BadField(name, _("This is too large: %(size)d characters of JSON, at most %(limit)d.") % {"size": len(text), "limit": limit})
    if not _is_storable(text) or "\\u0000" in text:
        raise BadField(name, _("There are characters in it that cannot be stored."))
    return value


def _depth(value: Any) -> int:
    """How deep objects and lists lie within each other; counted no further than matters."""
    depth, level = 0, [value]
    while level and depth <= _DEEPEST:
        depth += 1
        parts = [part for each in level for part in (each.values() if isinstance(each, dict) else each)]
        level = [part for part in parts if isinstance(part, dict | list)]
    return depth


def _is_storable(text: str) -> bool:
    """Databases take neither NUL nor halves of characters."""
    return "\x00" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)
