"""Writers that stream rows to a response or a file in constant memory."""

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet


class _Echo:
    """A file-like object that hands each line back instead of keeping it."""

    def write(self, value: str) -> str:
        return value


def csv_lines(columns: Sequence[str], rows: Iterable[Mapping[str, Any]], *, batch: int = 500) -> Iterator[str]:
    """Yield CSV text: the header at once, then batches of lines (RFC 4180). None becomes an empty field."""
    writer = csv.writer(_Echo())
    yield writer.writerow(columns)
    pending: list[str] = []
    for row in rows:
        pending.append(writer.writerow([row[column] for column in columns]))
        if len(pending) >= batch:
            yield "".join(pending)
            pending = []
    if pending:
        yield "".join(pending)


def json_lines(columns: Sequence[str], rows: Iterable[Mapping[str, Any]], *, batch: int = 500) -> Iterator[str]:
    """Yield JSON Lines text in batches, keys in the order of the columns."""
    pending: list[str] = []
    for row in rows:
        pending.append(json.dumps({column: row[column] for column in columns}, default=str) + "\n")
        if len(pending) >= batch:
            yield "".join(pending)
            pending = []
    if pending:
        yield "".join(pending)


def json_array(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield one JSON array, an object a line, without holding it."""
    before = "[\n"
    for row in rows:
        yield before + json.dumps(row, default=_plain, ensure_ascii=False)
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def flat_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row for CSV: lists and objects as JSON, times as ISO 8601, true and false in lower case."""
    return {name: _cell(value) for name, value in row.items()}


def _plain(value: Any) -> str:
    return str(value.isoformat()) if hasattr(value, "isoformat") else str(value)


def _cell(value: Any) -> Any:
    if isinstance(value, list | dict | bool):
        return json.dumps(value, default=_plain, ensure_ascii=False)
    return _plain(value) if hasattr(value, "isoformat") else value


@dataclass(frozen=True)
class Records:
    """Rows of one kind that a room can hand out as a stream, as often as asked: their columns, how many, and a call that begins anew."""

    name: str
    columns: Sequence[str]
    count: Callable[[], int]
    rows: Callable[[], Iterable[Mapping[str, Any]]]


def records_of(name: str, rows: QuerySet[Any], columns: Mapping[str, str]) -> Records:
    """Return rows of the database as records: {column: field}."""
    return Records(name, list(columns), rows.count, lambda: value_rows(rows, columns))


def value_rows(rows: QuerySet[Any], columns: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Yield rows of the database as {column: value}, read in batches."""
    for values in rows.values_list(*columns.values()).iterator(chunk_size=500):
        yield dict(zip(columns, values, strict=True))
