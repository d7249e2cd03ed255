"""Whole columns of numbers out of the database and rows into it, faster than row by row: COPY on PostgreSQL, plain cursors elsewhere."""

import io
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import Model, QuerySet
from numpy.typing import NDArray

_HEADER = 19  # bytes before the first row: signature, flags, length of an extension that there is not
_PIECE = 1 << 20
_ROWS = 50_000


def integers(rows: QuerySet[Any, tuple[int, ...]]) -> NDArray[np.int64]:
    """Return a `values_list` of whole numbers as int64 (rows, columns), in its order. Each must be an 8-byte integer, never null.

    Raises ValueError for a row of another form. Nothing is held twice: pieces of a mebibyte are turned into numbers as they arrive.
    """
    sql, params = rows.query.sql_with_params()
    n_columns = len(rows.query.values_select) + len(rows.query.annotation_select)
    read = _copied if connection.vendor == "postgresql" else _fetched
    pieces = read(sql, params, n_columns)
    return np.concatenate(pieces) if pieces else np.zeros((0, n_columns), dtype=np.int64)


def _fetched(sql: str, params: Sequence[Any], n_columns: int) -> list[NDArray[np.int64]]:
    pieces = []
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        while rows := cursor.fetchmany(_ROWS):
            pieces.append(np.array(rows, dtype=np.int64).reshape(len(rows), n_columns))
    return pieces


def _copied(sql: str, params: Sequence[Any], n_columns: int) -> list[NDArray[np.int64]]:
    parts = _Binary(n_columns)
    with connection.cursor() as cursor:
        query = cursor.mogrify(sql, params).decode()
        with io.BufferedWriter(parts, _PIECE) as out:  # the driver writes row by row
            cursor.copy_expert(f"COPY ({query}) TO STDOUT (FORMAT BINARY)", out)
    return parts.found


class _Binary(io.RawIOBase):
    """Reads PostgreSQL's binary COPY format as it is written here."""

    def __init__(self, n_columns: int) -> None:
        names = [f"{name}{i}" for i in range(n_columns) for name in ("length", "value")]
        self.row = np.dtype([("n", ">i2"), *((name, ">i4" if name.startswith("length") else ">i8") for name in names)])
        self.n_columns, self.left, self.skip = n_columns, b"", _HEADER
        self.found: list[NDArray[np.int64]] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        """Turn all whole rows into numbers; keep the rest (in the end, two bytes that say so)."""
        waiting = self.left + bytes(data)
        skipped = min(self.skip, len(waiting))
        self.skip -= skipped
        rows = (len(waiting) - skipped) // self.row.itemsize
        self.left = waiting[skipped + rows * self.row.itemsize :]
        if rows:
            self.found.append(self._numbers(np.frombuffer(waiting, dtype=self.row, count=rows, offset=skipped)))
        return len(data)

    def _numbers(self, rows: NDArray[np.void]) -> NDArray[np.int64]:
        whole = rows["n"] == self.n_columns
        numbers = np.empty((len(rows), self.n_columns), dtype=np.int64)
        for i in range(self.n_columns):
            whole &= rows[f"length{i}"] == 8
            numbers[:, i] = rows[f"value{i}"]
        if not whole.all():
            raise ValueError("A column is null, or no 8-byte integer.")
        return numbers


def insert(model: type[Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows of numbers and text without tabs, backslashes or line ends; `columns` as the database names them. JSON goes as its text."""
    name = connection.ops.quote_name
    table, names = name(model._meta.db_table), ", ".join(map(name, columns))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.copy_expert(f"COPY {table} ({names}) FROM STDIN", _Lines(rows))
        else:
            marks = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)  # type: ignore[arg-type]  # noqa: S608 - names of ours


class _Lines(io.RawIOBase):
    """Rows as a file of PostgreSQL's text format, made as it is read."""

    def __init__(self, rows: Iterable[Sequence[Any]]) -> None:
        self.lines = ("\t".join(map(str, row)).encode() + b"\n" for row in rows)

    def read(self, size: int = -1) -> bytes:
        """Return some whole lines, about `size` bytes at most; nothing at the end."""
        taken, length = [], 0
        for line in self.lines:
            taken.append(line)
            length += len(line)
            if length + 1000 > size > 0:
                break
        return b"".join(taken)
