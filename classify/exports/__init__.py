"""Labels for scientists: one row per subject of a workflow, streamed in constant memory, with documented columns."""

from classify.exports.columns import COLUMNS, SCHEMA, Column, column_names
from classify.exports.files import FORMATS, Manifest, label_lines, manifest_path, write_labels
from classify.exports.rows import Choice, answer_keys, label_rows

__all__ = [
    "COLUMNS",
    "FORMATS",
    "SCHEMA",
    "Choice",
    "Column",
    "Manifest",
    "answer_keys",
    "column_names",
    "label_lines",
    "label_rows",
    "manifest_path",
    "write_labels",
]
