"""What changed between two texts, word by word within the lines that changed."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import NamedTuple

CONTEXT = 2  # unchanged lines shown on each side of a change
MAX_WORDS = 4000  # beyond, comparing word by word would take seconds


class Piece(NamedTuple):
    """A piece of text: `same`, `gone`, `new`, or `skip` for unchanged lines left out."""

    kind: str
    text: str


def changes(old: str, new: str) -> list[Piece]:
    """Return the new text in pieces, with what went and what came; empty where nothing changed."""
    if old == new:
        return []
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    pieces: list[Piece] = []
    blocks = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    for number, (kind, a, b, c, d) in enumerate(blocks):
        if kind == "equal":
            pieces += _unchanged(after[c:d], first=number == 0, last=number == len(blocks) - 1)
        else:
            pieces += _words("".join(before[a:b]), "".join(after[c:d]))
    return pieces


def _unchanged(lines: list[str], *, first: bool, last: bool) -> Iterator[Piece]:
    """Yield the lines next to a change, and a gap for the others."""
    head = [] if first else lines[:CONTEXT]
    tail = [] if last else lines[max(len(head), len(lines) - CONTEXT) :]
    if head:
        yield Piece("same", "".join(head))
    if len(head) + len(tail) < len(lines):
        yield Piece("skip", "")
    if tail:
        yield Piece("same", "".join(tail))


def _words(old: str, new: str) -> Iterator[Piece]:
    before, after = re.findall(r"\S+\s*|\s+", old), re.findall(r"\S+\s*|\s+", new)
    if len(before) + len(after) > MAX_WORDS:
        before, after = [old] if old else [], [new] if new else []
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            yield Piece("same", "".join(after[c:d]))
            continue
        if a < b:
            yield Piece("gone", "".join(before[a:b]))
        if c < d:
            yield Piece("new", "".join(after[c:d]))
