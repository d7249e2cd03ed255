"""Markdown of pages: headings between two levels, folds, and nothing that could run or ask another host."""

import pytest

from core import markdown
from core.markdown import ENTRY, Style, plain, render


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("# One", "<h2>One</h2>"),
        ("## Two", "<h2>Two</h2>"),
        ("###### Six", "<h4>Six</h4>"),
        ("*a* **b** ~~c~~", "<p><em>a</em> <strong>b</strong> <s>c</s></p>"),
        ("[Terms](/terms/)", '<p><a href="/terms/">Terms</a></p>'),
        ("one\ntwo", "<p>one\ntwo</p>"),
    ],
)
def test_a_page_says_what_its_text_says(text: str, html: str) -> None:
    assert render(text).strip() == html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        "[x](javascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "<details ontoggle=alert(1) open>",
        '![x](https://elsewhere.example/x.png "t")',
    ],
)
def test_nothing_runs_and_nobody_else_is_asked(text: str) -> None:
    html = render(text, Style(fold=True))

    for bad in ("<script", "<img", 'href="javascript', 'href="data', "<details"):
        assert bad not in html


def test_a_picture_becomes_a_link_to_it() -> None:
    assert render("![A trail](/x.png)").strip() == '<p><a href="/x.png">A trail</a></p>'


def test_headings_fold_what_follows_them_up_to_the_next_heading() -> None:
    html = render("## Part\n\nWords\n\n### One?\n\nYes.\n\n### Two?\n\nNo.\n\n## Next\n\nEnd", Style(last_heading=3, fold=True)).replace("\n", "")

    assert html == (
        "<h2>Part</h2><p>Words</p><details><summary>One?</summary><p>Yes.</p></details>"
        "<details><summary>Two?</summary><p>No.</p></details><h2>Next</h2><p>End</p>"
    )


def test_a_heading_inside_a_quote_folds_nothing() -> None:
    html = render("> ### Inner\n\nAfter", Style(last_heading=3, fold=True))

    assert "<details" not in html


def test_an_entry_stands_below_its_own_heading() -> None:
    assert render("# Big", ENTRY).strip() == "<h4>Big</h4>"


def test_plain_leaves_the_words() -> None:
    assert plain("A *trail* [curves](/x/) & ends < here.\n\n- so") == "A trail curves & ends < here. so"


def test_links_of_pages_carry_no_rel_and_others_do_as_told() -> None:
    assert "rel=" not in render("[x](https://example.org/)")
    assert 'rel="nofollow ugc"' in markdown.render("[x](https://example.org/)", Style(link_rel="nofollow ugc"))
