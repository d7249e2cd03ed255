"""Lists of subjects as people write them: one a line, or a CSV file with a column `subject_id`. Pure rules, no database."""

import csv
import io
import re
from typing import NamedTuple

COLUMN = "subject_id"
_NUMBER = re.compile(r"\^?[Ss]?([0-9]{1,18})", re.ASCII)
_ADDRESS = re.compile(r"\S*/subjects/([0-9]{1,18})/?(?:[?#]\S*)?", re.ASCII)


class Entry(NamedTuple):
    """One subject that was asked for: the line it stands on, what stands there, and the number it means (None: no number)."""

    line: int
    text: str
    number: int | None


class NoColumn(ValueError):
    """A CSV file without the column."""


def read_list(text: str) -> list[Entry]:
    """Read a typed list: several may stand on a line, between spaces or commas. `123`, `S123`, `^S123` and addresses are understood."""
    lines = text.splitlines()
    return [_entry(number, word) for number, line in enumerate(lines, 1) for word in re.split(r"[\s,;]+", line) if word]


def read_csv(text: str) -> list[Entry]:
    """Read a CSV file; other columns are left alone. Raises NoColumn."""
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    head = [name.strip().lower() for name in next(rows, [])]
    if COLUMN not in head:
        raise NoColumn
    place = head.index(COLUMN)
    return [_entry(rows.line_num, row[place].strip() if place < len(row) else "") for row in rows if any(cell.strip() for cell in row)]


def read_file(text: str) -> list[Entry]:
    """Read a file as it comes: a CSV file with the column, else a list like a typed one."""
    try:
        return read_csv(text)
    except (NoColumn, csv.Error):
        return read_list(text.removeprefix("\ufeff"))


def _entry(line: int, text: str) -> Entry:
    found = _NUMBER.fullmatch(text) or _ADDRESS.fullmatch(text)
    return Entry(line, text[:60], int(found[1]) if found else None)
