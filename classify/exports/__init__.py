"""Labels for scientists: one row per subject of a workflow, streamed in constant memory, with documented columns."""

from classify.exports.columns import COLUMNS, SCHEMA, Column, column_names
from classify.exports.files import FORMATS, Manifest, label_lines, manifest_path, vote_lines, write_labels, write_votes
from classify.exports.rows import Choice, answer_keys, label_rows
from classify.exports.votes import BadVotes, Read, read_votes, vote_rows

__all__ = [
    "COLUMNS",
    "FORMATS",
    "SCHEMA",
    "BadVotes",
    "Choice",
    "Column",
    "Manifest",
    "Read",
    "answer_keys",
    "column_names",
    "label_lines",
    "label_rows",
    "manifest_path",
    "read_votes",
    "vote_lines",
    "vote_rows",
    "write_labels",
    "write_votes",
]
