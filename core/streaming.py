"""Writers that stream rows to a response or a file in constant memory."""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any


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
