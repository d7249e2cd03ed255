"""Markdown made into HTML that is safe to show: CommonMark with tables and strikethrough, raw HTML shown as text.

Pictures become links to them: a page of this site asks nobody else for anything. Rooms that know more signs of their own add a
rule to `parser` and clean what it makes with `clean`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from html import unescape

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

_TAGS = {
    *("p", "br", "hr", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "details", "summary"),
    *("h2", "h3", "h4", "table", "thead", "tbody", "tr", "th", "td"),
}


@dataclass(frozen=True)
class Style:
    """How a text stands on its page. Headings are put between two levels, since the page has its own and people skip some."""

    first_heading: int = 2
    last_heading: int = 4
    fold: bool = False  # headings of the last level become summaries that open what follows them
    breaks: bool = False  # a line end is a line end
    link_rel: str | None = None
    link_classes: frozenset[str] = frozenset()


PAGE = Style()
ENTRY = Style(first_heading=4)  # inside something that has its own heading of level 3


def render(text: str, style: Style = PAGE) -> str:
    """Return the safe HTML of a text."""
    return clean(parser(style).render(text), style)


def plain(text: str) -> str:
    """Return the words of a text without its signs, in one line."""
    return " ".join(unescape(nh3.clean(parser(PAGE).render(text), tags=set())).split())


def parser(style: Style) -> MarkdownIt:
    """Return a parser that lays out as `style` says; its HTML still has to be cleaned."""
    made = MarkdownIt("commonmark", {"html": False, "breaks": style.breaks}).enable(["table", "strikethrough"])
    made.core.ruler.before("text_join", "layout", lambda state: _lay_out(state, style))
    return made


def clean(html: str, style: Style) -> str:
    """Return HTML with only the tags, attributes, classes and addresses that may stand on a page."""
    return _cleaner(style).clean(html)


def link(address: str, words: str, look: str = "") -> list[Token]:
    """Return the tokens of a link."""
    attributes: dict[str, str | int | float] = {"href": address, "class": look} if look else {"href": address}
    return [Token("link_open", "a", 1, attrs=attributes), plain_text(words), Token("link_close", "a", -1)]


def plain_text(words: str) -> Token:
    """Return the token of a piece of text."""
    return Token("text", "", 0, content=words)


@lru_cache(maxsize=8)
def _cleaner(style: Style) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=_TAGS,
        attributes={"a": {"href"}, "ol": {"start"}, "*": set()},
        allowed_classes={"a": set(style.link_classes)},
        clean_content_tags={"script", "style"},
        url_schemes={"http", "https", "mailto"},
        link_rel=style.link_rel,
    )


def _lay_out(state: StateCore, style: Style) -> None:
    """Rule of the parser: levels of headings, pictures as links, folds."""
    for token in state.tokens:
        if token.type in {"heading_open", "heading_close"}:
            level = min(max(int(token.tag[1:]), style.first_heading), max(style.first_heading, style.last_heading))
            token.tag = f"h{level}"
        if token.type == "inline":
            token.children = [new for child in token.children or [] for new in _shown(child)]
    if style.fold:
        state.tokens = list(_folded(state.tokens, f"h{style.last_heading}"))


def _shown(token: Token) -> list[Token]:
    if token.type != "image":
        return [token]
    address = str(token.attrGet("src") or "")
    return link(address, token.content or address)


def _folded(tokens: list[Token], tag: str) -> Iterator[Token]:
    """Make each heading of this level the summary of what stands between it and the next heading."""
    is_open = False
    for token in tokens:
        if token.type == "heading_open" and token.level == 0 and is_open:
            yield Token("details_close", "details", -1, block=True)
            is_open = False
        if token.type == "heading_open" and token.level == 0 and token.tag == tag:
            yield Token("details_open", "details", 1, block=True)
            is_open = True
        if token.type in {"heading_open", "heading_close"} and token.level == 0 and token.tag == tag:
            token.tag = "summary"
        yield token
    if is_open:
        yield Token("details_close", "details", -1, block=True)
