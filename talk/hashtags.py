"""What people write inside plain text: `#tags`, `^S123`, `@name` and addresses. Pure: no Django, no clock.

Which text is plain (not code, not a link, not a heading) is for `talk.markdown` to say; this module only splits it.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

Kind = Literal["text", "tag", "subject", "person", "link"]

MIN_LENGTH = 3
MAX_LENGTH = 40

_NAME = re.compile(rf"[-\w]{{{MIN_LENGTH},{MAX_LENGTH}}}")
_FOUND = re.compile(
    r"""
      (?P<link>https?://[^\s<>"'`]+)
    | (?<![\w#&/@^]) \# (?P<tag>[-\w]{3,40}) (?![-\w])
    | (?<![\w^]) \^[sS] (?P<subject>\d{1,18}) (?!\w)
    | (?<![\w./:]) /subjects/ (?P<path>\d{1,18}) (?: /(?!\w) | (?![\w/]) )
    | (?<![\w@./+-]) @ (?P<person>\w[\w.+-]{0,149})
    """,
    re.VERBOSE,
)
_SUBJECT_PATH = re.compile(r"/subjects/(\d{1,18})/?")


class Piece(NamedTuple):
    """A stretch of text as typed, and what it names: a tag, a subject's number, a person, an address (or nothing)."""

    kind: Kind
    text: str
    value: str = ""


def normalise(name: str) -> str | None:
    """Return the tag as it is stored (NFC, lower case, without the sign), or None if that is no tag.

    A tag is 3 to 40 letters, digits, `_` or `-` of any script, with at least one letter or digit.
    """
    tag = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).lower())
    return tag if _NAME.fullmatch(tag) and any(sign.isalnum() for sign in tag) else None


def split(text: str, *, hosts: Collection[str] = ()) -> list[Piece]:
    """Cut the text into pieces; joined again, their `text` is the input. Addresses on one of `hosts` can name a subject."""
    return list(_merged(_pieces(text, frozenset(host.lower() for host in hosts))))


def tags_in(text: str) -> tuple[str, ...]:
    """Return the tags of a plain text, each once, in the order of their first use."""
    return tuple(dict.fromkeys(piece.value for piece in split(text) if piece.kind == "tag"))


def _pieces(text: str, hosts: frozenset[str]) -> Iterator[Piece]:
    at = 0
    while found := _FOUND.search(text, at):
        piece = _piece(found, hosts)
        start = found.start()
        yield Piece("text", text[at:start])
        yield piece
        at = start + len(piece.text)
    yield Piece("text", text[at:])


def _piece(found: re.Match[str], hosts: frozenset[str]) -> Piece:
    raw, kind = found.group(), found.lastgroup
    if kind == "tag":
        tag = normalise(found["tag"])
        return Piece("tag", raw, tag) if tag else Piece("text", raw)
    if kind == "person":
        name = found["person"].rstrip(".")
        return Piece("person", f"@{name}", name)
    if kind == "link":
        return _address(_without_full_stop(raw), hosts)
    return Piece("subject", raw, str(int(found[kind or "subject"])))


def _address(address: str, hosts: frozenset[str]) -> Piece:
    """An address of a subject on this site names the subject; any other is a link."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return Piece("text", address)
    path = _SUBJECT_PATH.fullmatch(parts.path)
    if path and parts.netloc.lower() in hosts:
        return Piece("subject", address, str(int(path[1])))
    return Piece("link", address, address) if parts.netloc else Piece("text", address)


def _without_full_stop(address: str) -> str:
    """Leave out the signs that end a sentence rather than an address, and a bracket that was opened before it."""
    while address[-1] in ".,;:!?*_~)]}":
        if address[-1] == ")" and address.count("(") >= address.count(")"):
            break
        address = address[:-1]
    return address


def _merged(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Join neighbouring stretches of text and leave out empty ones."""
    pending = ""
    for piece in pieces:
        if piece.kind == "text":
            pending += piece.text
            continue
        if pending:
            yield Piece("text", pending)
            pending = ""
        yield piece
    if pending:
        yield Piece("text", pending)
