"""Rows as JSON Lines of plain column values: read through the models' fields, so that both databases write the same."""

import base64
import gzip
import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from typing import Any

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BinaryField, F, Field, JSONField, Model, TextField
from django.db.models.functions import Cast

CHUNK_BYTES = 2_000_000
AT_ONCE = 500


def fields_of(model: type[Model]) -> list[Any]:
    """The fields that are columns and hold what somebody wrote."""
    return [field for field in model._meta.concrete_fields if not getattr(field, "generated", False)]


def chunks(model: type[Model], *, using: str, leave_out: int | None = None) -> Iterator[tuple[bytes, int, int]]:
    """Yield (gzip of JSON Lines, rows in it, bytes before packing) until the table ends. `leave_out` is a row that is not told."""
    fields = fields_of(model)
    # JSON stays the text that the database keeps: no number is rounded on the way, and `null` is not mistaken for nothing.
    wanted = [Cast(F(field.attname), TextField()) if isinstance(field, JSONField) else field.attname for field in fields]
    query = model._base_manager.using(using).exclude(pk=leave_out) if leave_out else model._base_manager.using(using).all()
    head = json.dumps([field.column for field in fields])
    lines, size = [head], 0
    for row in query.order_by("pk").values_list(*wanted).iterator(chunk_size=2000):
        lines.append(json.dumps([plain(value) for value in row], ensure_ascii=False))
        size += len(lines[-1])
        if size >= CHUNK_BYTES:
            yield _pack(lines), len(lines) - 1, size
            lines, size = [head], 0
    yield _pack(lines), len(lines) - 1, size


def _pack(lines: list[str]) -> bytes:
    return gzip.compress(("\n".join(lines) + "\n").encode(), compresslevel=6, mtime=0)


def plain(value: Any) -> Any:
    """Return a value of a column as JSON can say it without loss."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode()
    return str(value)  # UUID, Decimal, timedelta


def load(model: type[Model], packed: bytes) -> int:
    """Insert the rows of one chunk into the default database and return how many there were."""
    text = gzip.decompress(packed).decode()
    columns, *rows = (json.loads(line) for line in text.split("\n") if line)
    by_column = {field.column: field for field in fields_of(model)}
    fields = [by_column[column] for column in columns]
    quote = connection.ops.quote_name
    names = ", ".join(quote(column) for column in columns)
    places = ", ".join(["%s"] * len(columns))
    statement = f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES ({places})"  # noqa: S608 - names are quoted, values are parameters
    with connection.cursor() as cursor:
        for start in range(0, len(rows), AT_ONCE):
            cursor.executemany(statement, [_row(fields, row) for row in rows[start : start + AT_ONCE]])
    return len(rows)


def _row(fields: "Iterable[Field[Any, Any]]", row: list[Any]) -> list[Any]:
    return [_stored(field, value) for field, value in zip(fields, row, strict=True)]


def _stored(field: "Field[Any, Any]", value: Any) -> Any:
    if value is None or isinstance(field, JSONField):
        return value
    if isinstance(field, BinaryField):
        return base64.b64decode(value)
    return field.get_db_prep_save(field.to_python(value), connection)


# --- numbers of future rows ----------------------------------------------------------------------


def last_id(model: type[Model], source: BaseDatabaseWrapper) -> int | None:
    """The highest number ever given to a row of the table, so that no deleted row's number is given again; None without numbers."""
    if model._meta.auto_field is None:
        return None
    table, column = model._meta.db_table, model._meta.auto_field.column
    with source.cursor() as cursor:
        if source.vendor == "sqlite":
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        else:
            cursor.execute("SELECT pg_sequence_last_value(pg_get_serial_sequence(%s, %s)::regclass)", [f'"{table}"', column])
        row = cursor.fetchone()
    return int(row[0]) if row and row[0] else None  # SQLite says 0 of a table that never had a row


def set_last_id(model: type[Model], last: int) -> None:
    """Go on counting after `last` in the default database."""
    table, column = model._meta.db_table, model._meta.auto_field.column  # type: ignore[union-attr]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, last])
        else:
            cursor.execute("SELECT setval(pg_get_serial_sequence(%s, %s)::regclass, %s)", [f'"{table}"', column, last])
