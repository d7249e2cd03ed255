"""The columns of the label export; `docs/reference/label-columns.md` says what each means, and a test compares the two."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

SCHEMA = "labels-2"  # changes when a column changes its name, meaning or place


class Column(NamedTuple):
    """One column: its name (`<key>` stands for each answer of the workflow), type and unit."""

    name: str
    type: str
    unit: str = ""


COLUMNS = (
    Column("subject_id", "integer"),
    Column("workflow", "text"),
    Column("kind", "text"),
    Column("observation_id", "text"),
    Column("instrument", "text"),
    Column("filter", "text"),
    Column("start_mjd", "number", "d (MJD UTC)"),
    Column("plane", "integer"),
    Column("cutout_x0", "integer", "plane px"),
    Column("cutout_y0", "integer", "plane px"),
    Column("cutout_width", "integer", "plane px"),
    Column("cutout_height", "integer", "plane px"),
    Column("cutout_bin", "integer", "plane px per cutout px"),
    Column("ra_deg", "number", "deg (ICRS)"),
    Column("dec_deg", "number", "deg (ICRS)"),
    Column("n_votes", "integer", "votes"),
    Column("count_<key>", "integer", "votes"),
    Column("fraction_<key>", "number", "1"),
    Column("posterior_<key>", "number", "1"),
    Column("label", "text"),
    Column("agreement", "number", "1"),
    Column("settled", "boolean"),
    Column("state", "text"),
    Column("retired_at", "time", "UTC"),
    Column("reason", "text"),
    Column("trail_count", "integer"),
    Column("trails_frame", "list of integers"),
    Column("trails_px", "list of x1 y1 x2 y2", "cutout px"),
    Column("trails_deg", "list of ra1 dec1 ra2 dec2", "deg (ICRS)"),
    Column("trails_scatter_px", "list of numbers", "cutout px"),
    Column("trails_markers", "list of integers", "people"),
    Column("trails_by", "text"),
    Column("policy", "text"),
    Column("revision", "integer"),
)


def column_names(keys: Sequence[str]) -> list[str]:
    """Return the names of the columns in order, those of the answers written out."""
    names: list[str] = []
    for column in COLUMNS:
        names += [column.name.replace("<key>", key) for key in keys] if "<key>" in column.name else [column.name]
    return names


def flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row for CSV: lists as `1 2 3 4; 5 6 7 8`, true and false in lower case."""
    return {name: _value(value) for name, value in row.items()}


def _value(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "; ".join(" ".join(map(str, item)) if isinstance(item, list) else str(item) for item in value)
    return value
