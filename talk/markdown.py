"""Comments in Markdown (core.markdown), with what people name made into links.

`#tags`, `^S123`, `@name` and bare addresses become links unless they stand in code, in a link or in a heading. Every link has
rel="nofollow ugc".
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from core import markdown
from talk.hashtags import Piece, split

People = Callable[[Collection[str]], Mapping[str, str]]

_STYLE = markdown.Style(
    first_heading=3,
    last_heading=3,
    breaks=True,
    link_rel="nofollow ugc",
    link_classes=frozenset({"talk-tag", "talk-subject", "talk-person"}),
)


@dataclass
class Rendered:
    """The HTML of a comment, and what it names: tags (as stored), subjects (public ids), people (names as typed)."""

    html: str = ""
    tags: tuple[str, ...] = ()
    subjects: tuple[int, ...] = ()
    people: tuple[str, ...] = ()


@dataclass
class _Reading:
    """What one parse is told and what it finds."""

    hosts: Collection[str]
    find_people: People
    known: Mapping[str, str] = field(default_factory=dict)
    found: list[Piece] = field(default_factory=list)

    def values(self, kind: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(piece.value for piece in self.found if piece.kind == kind))


def nobody(names: Collection[str]) -> Mapping[str, str]:
    """Know no people: every `@name` stays text."""
    return {}


def render(text: str, *, hosts: Collection[str] = (), find_people: People = nobody) -> Rendered:
    """Return the safe HTML of a comment and what it names.

    `hosts`: names of this site, so that a pasted address of a subject is recognised. `find_people(names)` returns
    {name: public id} of those that exist; it is called once, and only if somebody is named.
    """
    reading = _Reading(hosts=hosts, find_people=find_people)
    html = markdown.clean(_parser().render(text, {"reading": reading}), _STYLE)
    return Rendered(
        html=html,
        tags=reading.values("tag"),
        subjects=tuple(int(value) for value in reading.values("subject")),
        people=tuple(name for name in reading.values("person") if name in reading.known),
    )


def _parser() -> MarkdownIt:
    parser = markdown.parser(_STYLE)
    # Before text_join an escaped sign (\#) is still a token of its own, so that it makes no tag.
    parser.core.ruler.before("text_join", "talk", _annotate)
    return parser


def _annotate(state: StateCore) -> None:
    """Rule of the parser: link what plain text names."""
    reading: _Reading = state.env["reading"]
    inlines = list(_inlines(state.tokens))
    pieces = {id(token): split(token.content, hosts=reading.hosts) for inline in inlines for token in _plain(inline.children or [])}
    reading.found = [piece for found in pieces.values() for piece in found]
    names = reading.values("person")
    reading.known = reading.find_people(names) if names else {}
    for inline in inlines:
        children = inline.children or []
        inline.children = [new for token in children for new in _replaced(token, pieces.get(id(token)), reading.known)]


def _inlines(tokens: list[Token]) -> Iterator[Token]:
    """Yield the tokens that hold text, those of headings left out."""
    for before, token in zip([None, *tokens], tokens, strict=False):
        if token.type == "inline" and (before is None or before.type != "heading_open"):
            yield token


def _plain(children: list[Token]) -> Iterator[Token]:
    depth = 0
    for token in children:
        depth += token.nesting if token.type in {"link_open", "link_close"} else 0
        if token.type == "text" and depth == 0:
            yield token


def _replaced(token: Token, pieces: list[Piece] | None, known: Mapping[str, str]) -> list[Token]:
    if pieces is None:
        return [token]
    return [new for piece in pieces for new in _tokens(piece, known)]


def _tokens(piece: Piece, known: Mapping[str, str]) -> list[Token]:
    if piece.kind == "tag":
        return markdown.link(f"/talk/tags/{quote(piece.value)}/", piece.text, "talk-tag")
    if piece.kind == "subject":
        return markdown.link(f"/subjects/{piece.value}/", f"S{piece.value}", "talk-subject")
    if piece.kind == "person" and piece.value in known:
        return markdown.link(f"/people/{quote(known[piece.value])}/", piece.text, "talk-person")
    if piece.kind == "link":
        return markdown.link(piece.value, piece.text)
    return [markdown.plain_text(piece.text)]
