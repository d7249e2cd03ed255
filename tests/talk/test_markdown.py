"""Comments become HTML that is safe to show."""

from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talk.markdown import render

HOSTS = ["hunter.example"]
ALLOWED = {"p", "br", "hr", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "h3"}
ALLOWED |= {"table", "thead", "tbody", "tr", "th", "td"}

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](vbscript:msgbox)",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](//evil.example/%0ajavascript:alert(1))",
    "![x](https://evil.example/track.png)",
    "![x](data:image/svg+xml,<svg onload=alert(1)>)",
    '[x](https://a.example "onmouseover=alert(1)")',
    '[x](https://a.example" onclick="alert(1))',
    "<https://a.example/?q=<script>alert(1)</script>>",
    "<javascript:alert(1)>",
    "[a]: javascript:alert(1)\n\n[a]",
    "<style>*{display:none}</style>",
    "<iframe src=//evil.example></iframe>",
    "<form action=//evil.example><input name=q>",
    "<base href=//evil.example>",
    "<meta http-equiv=refresh content=0;url=//evil.example>",
    '```"><script>alert(1)</script>\nx\n```',
    "``<img src=x onerror=alert(1)>``",
    "|a<script>|\n|-|\n|<img src=x onerror=alert(1)>|",
    "<!-- --><script>alert(1)</script>",
    "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "#<script> #tag<b> @a<script> ^S1<script>",
    'https://a.example/"><script>alert(1)</script>',
    "https://a.example/'onmouseover='alert(1)",
    "\u202e\u2066right to left\u2069",
    "\x00\x01<b\x00>",
]


class Tags(HTMLParser):
    """Collects elements and attributes as a browser would read them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def elements(html: str) -> list[tuple[str, dict[str, str | None]]]:
    reader = Tags()
    reader.feed(html)
    return reader.found


def assert_harmless(html: str) -> None:
    for tag, attributes in elements(html):
        assert tag in ALLOWED
        if tag == "a":
            assert attributes.pop("rel") == "nofollow ugc"
            assert urlsplit(attributes.pop("href", None) or "").scheme in {"", "http", "https", "mailto"}
            assert attributes.pop("class", "talk-tag") in {"talk-tag", "talk-subject", "talk-person"}
        if tag == "ol":
            assert (attributes.pop("start", "1") or "1").isdigit()
        assert attributes == {}


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_harmless(text: str) -> None:
    assert_harmless(render(text, hosts=HOSTS).html)


@given(st.text(alphabet="<>\"'&;=()[]!`*_~#@^S1/\\|- \n\tabjhtps:.", max_size=120))
def test_any_text_is_harmless(text: str) -> None:
    assert_harmless(render(text, hosts=HOSTS).html)


@pytest.mark.parametrize("text", ["[" * 9000, "![" * 5000, "> " * 5000, "- " * 5000, "*a " * 3000, "`" * 9999, "|a" * 4000 + "\n" + "|-" * 4000])
def test_deep_nesting_neither_fails_nor_grows(text: str) -> None:
    html = render(text).html
    assert_harmless(html)
    assert max(html.count("<blockquote>"), html.count("<ul>")) < 100


def test_tags_become_links_but_not_in_code_links_or_headings() -> None:
    text = "# About #heading\n\n#Trail `#code` [a #link](https://a.example) \\#escaped\n\n    #block\n\n```\n#fence\n```\n\n**#bold**"
    rendered = render(text)
    assert rendered.tags == ("trail", "bold")
    assert rendered.html.count('class="talk-tag"') == 2
    assert '<a href="/talk/tags/trail/" class="talk-tag" rel="nofollow ugc">#Trail</a>' in rendered.html


def test_subjects_and_addresses_become_links() -> None:
    rendered = render(
        "^S12 https://hunter.example/subjects/34/ https://other.example/subjects/56/ <https://hunter.example/subjects/78/>", hosts=HOSTS
    )
    assert rendered.subjects == (12, 34)
    assert '<a href="/subjects/12/" class="talk-subject" rel="nofollow ugc">S12</a>' in rendered.html
    assert '<a href="https://other.example/subjects/56/" rel="nofollow ugc">' in rendered.html


def test_people_are_looked_up_once_and_only_if_named() -> None:
    asked: list[tuple[str, ...]] = []

    def find(names: object) -> dict[str, str]:
        asked.append(tuple(names))  # type: ignore[arg-type]
        return {"ann": "ann"}

    rendered = render("@ann and @bob, @ann again, `@cid`", find_people=find)
    assert asked == [("ann", "bob")]
    assert rendered.people == ("ann",)
    assert rendered.html.count('href="/people/ann/"') == 2
    assert "@bob" in rendered.html
    assert render("nobody", find_people=find).people == ()
    assert len(asked) == 1


def test_pictures_are_links_and_headings_are_on_one_level() -> None:
    html = render("# One\n\n###### Six\n\n![a cat](https://a.example/cat.png)").html
    assert "<h3>One</h3>" in html
    assert "<h3>Six</h3>" in html
    assert '<a href="https://a.example/cat.png" rel="nofollow ugc">a cat</a>' in html


def test_markdown_that_people_use() -> None:
    html = render("**bold** *em* ~~gone~~ `code`\nnew line\n\n1. one\n2. two\n\n> quote\n\n|a|b|\n|-|-|\n|1|2|").html
    for part in ("<strong>bold</strong>", "<em>em</em>", "<s>gone</s>", "<code>code</code>", "<br>", "<ol>", "<blockquote>", "<td>2</td>"):
        assert part in html
