"""Exports as text and as files: streamed, and on a disk either whole with their manifest or not there at all."""

import gzip
import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from classify import steps
from classify.exports.columns import SCHEMA, column_names, flat
from classify.exports.rows import Choice, answer_keys, label_rows
from classify.exports.votes import COLUMNS as VOTE_COLUMNS
from classify.exports.votes import SCHEMA as VOTE_SCHEMA
from classify.exports.votes import vote_rows
from classify.models import Workflow
from core.streaming import csv_lines, json_lines

FORMATS = ("csv", "jsonl")


class Counter:
    """Counts rows as they pass."""

    def __init__(self) -> None:
        self.rows = 0

    def watch(self, rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        for row in rows:
            self.rows += 1
            yield row


@dataclass(frozen=True)
class Manifest:
    """What lies beside an exported file, as `<file>.manifest.json`: one line of JSON."""

    file: str
    rows: int
    bytes: int
    sha256: str
    schema: str
    format: str
    workflow: str
    version: str
    everything: bool
    include_demo: bool
    include_imported: bool
    made_at: str
    answers: list[str]


def label_lines(choice: Choice, file_format: str, counter: Counter | None = None) -> Iterator[str]:
    """Yield an export of labels as text, in pieces of some hundred lines; CSV begins with the names of the columns."""
    keys = answer_keys(choice.workflow)
    rows = (counter or Counter()).watch(label_rows(choice, keys=keys))
    if file_format == "csv":
        return csv_lines(column_names(keys), map(flat, rows))
    return json_lines(column_names(keys), rows)


def vote_lines(workflow: Workflow, file_format: str, counter: Counter | None = None) -> Iterator[str]:
    """Yield all standing votes as text in the same way."""
    rows = (counter or Counter()).watch(vote_rows(workflow))
    return csv_lines(VOTE_COLUMNS, map(flat, rows)) if file_format == "csv" else json_lines(VOTE_COLUMNS, rows)


def write_labels(choice: Choice, file_format: str, path: Path, *, now: datetime) -> Manifest:
    """Write an export to a file (compressed where the name ends in .gz) and its manifest beside it; return the manifest.

    The file appears under its name only when it is whole: whatever stops the export leaves an earlier file as it was.
    """
    counter = Counter()
    return _written(label_lines(choice, file_format, counter), counter, path, _about(choice, SCHEMA, file_format, answer_keys(choice.workflow), now))


def write_votes(workflow: Workflow, file_format: str, path: Path, *, now: datetime) -> Manifest:
    """Write all standing votes in the same way. The manifest's answers are in the order in which they are asked."""
    counter, choice = Counter(), Choice(workflow, everything=True, include_demo=True, include_imported=True)
    answers = steps.answer_keys(workflow.current_version.steps) if workflow.current_version else []
    return _written(vote_lines(workflow, file_format, counter), counter, path, _about(choice, VOTE_SCHEMA, file_format, answers, now))


def _written(lines: Iterable[str], counter: Counter, path: Path, about: dict[str, Any]) -> Manifest:
    digest = _Digest()
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as raw:
            digest.out = raw
            _write(lines, digest, compress=path.suffix == ".gz")
            raw.flush()
            os.fsync(raw.fileno())
        manifest = Manifest(file=path.name, rows=counter.rows, bytes=digest.size, sha256=digest.sha256.hexdigest(), **about)
        _publish(part, path, manifest)
    finally:
        part.unlink(missing_ok=True)
    return manifest


class _Digest:
    """A binary file that remembers the checksum and size of what was written."""

    out: BinaryIO

    def __init__(self) -> None:
        self.sha256 = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> int:
        self.sha256.update(data)
        self.size += len(data)
        return self.out.write(data)

    def flush(self) -> None:
        self.out.flush()


def _write(lines: Iterable[str], out: _Digest, *, compress: bool) -> None:
    if not compress:
        for text in lines:
            out.write(text.encode())
        return
    with gzip.GzipFile(filename="", fileobj=out, mode="wb", compresslevel=6, mtime=0) as packed:  # no name, no time: same rows, same bytes
        for text in lines:
            packed.write(text.encode())


def _about(choice: Choice, schema: str, file_format: str, answers: list[str], now: datetime) -> dict[str, Any]:
    version = choice.workflow.current_version
    return {
        "schema": schema,
        "format": file_format,
        "workflow": choice.workflow.slug,
        "version": version.label if version else "",
        "everything": choice.everything,
        "include_demo": choice.include_demo,
        "include_imported": choice.include_imported,
        "made_at": now.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "answers": answers,
    }


def _publish(part: Path, path: Path, manifest: Manifest) -> None:
    """Put file and manifest in place. In between, the file stands without a manifest rather than with a wrong one."""
    beside = manifest_path(path)
    beside.unlink(missing_ok=True)
    part.replace(path)
    part.write_text(json.dumps(asdict(manifest)) + "\n")
    part.replace(beside)


def manifest_path(path: Path) -> Path:
    """Where the manifest of a file lies."""
    return path.with_name(f"{path.name}.manifest.json")
