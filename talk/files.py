"""Collections as files, for pages and API alike."""

import json
from collections.abc import Iterator
from typing import Any

from django.http import StreamingHttpResponse

from core.streaming import csv_lines, json_array
from talk.models import Collection
from talk.selectors import EXPORT_COLUMNS, export_rows
from talk.viewers import Viewer

KINDS = {"csv": "text/csv; charset=utf-8", "json": "application/json"}


def file_of(viewer: Viewer, found: Collection, file_format: str, *, site: str) -> StreamingHttpResponse:
    """Stream a collection as CSV or JSON."""
    rows = export_rows(viewer, found, site)
    lines = csv_lines(EXPORT_COLUMNS, rows) if file_format == "csv" else _json(found, site, rows)
    response = StreamingHttpResponse(lines, content_type=KINDS[file_format])
    response["Content-Disposition"] = f'attachment; filename="collection-{found.public_id}.{file_format}"'
    return response


def _json(found: Collection, site: str, rows: Iterator[dict[str, Any]]) -> Iterator[str]:
    about = {"id": found.public_id, "title": found.title, "description": found.description, "address": f"{site}/collections/{found.public_id}/"}
    yield json.dumps(about, ensure_ascii=False)[:-1] + ', "subjects": '
    yield from json_array(rows)
    yield "}\n"
