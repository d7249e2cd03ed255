"""Small pictures of subjects in lists, with the credit that must stand near them."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import archive.selectors
import classify.selectors


class Thumbnail(NamedTuple):
    """The address of a preview, and whose picture it is."""

    preview: str
    credit: str
    licence: str


def thumbnails(subject_ids: Iterable[int]) -> dict[int, Thumbnail]:
    """Return {subject: picture of its first frame}; one query, none without subjects."""
    wanted = list(subject_ids)
    cutouts = classify.selectors.first_cutouts(wanted) if wanted else {}
    return {pk: Thumbnail(archive.selectors.thumbnail_url(cutout), *archive.selectors.credit_of(cutout)) for pk, cutout in cutouts.items()}


def give_thumbnails(discussions: Iterable[Any]) -> None:
    """Set `thumbnail` on each discussion (None where there is no picture); one query."""
    rows = list(discussions)
    pictures = thumbnails(row.subject_id for row in rows if row.subject_id)
    for row in rows:
        row.thumbnail = pictures.get(row.subject_id)
