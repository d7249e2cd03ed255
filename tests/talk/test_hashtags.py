"""Tags, subjects, people and addresses in plain text."""

import itertools
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from talk.hashtags import normalise, split, tags_in

TEXT = st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=200)
NAMES = st.from_regex(re.compile(r"[a-z0-9][-_a-z0-9]{2,39}", re.ASCII), fullmatch=True)


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("#satellite", ("satellite",)),
        ("#Satellite and #SATELLITE", ("satellite",)),
        ("two: #one-two, #three_four.", ("one-two", "three_four")),
        ("(#inside) \"#quoted\" '#too'", ("inside", "quoted", "too")),
        ("first#second", ()),
        ("##twice", ()),
        ("#ab is short", ()),
        ("#" + "a" * 40, ("a" * 40,)),
        ("#" + "a" * 41, ()),
        ("#--- is no word", ()),
        ("&#123; and &#x1F600;", ()),
        ("#Спутник #ΑΣΤΕΡΟΕΙΔΗΣ", ("спутник", "αστεροειδης")),
        ("https://example.org/a#fragment #tag", ("tag",)),
        ("#2012pd", ("2012pd",)),
    ],
)
def test_tags_of_a_text(text: str, tags: tuple[str, ...]) -> None:
    assert tags_in(text) == tags


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see ^S123", [("subject", "123")]),
        ("^s0045, ^S6.", [("subject", "45"), ("subject", "6")]),
        ("x^S12 ^S ^S12a", []),
        ("/subjects/77/ and (/subjects/78)", [("subject", "77"), ("subject", "78")]),
        ("/subjects/77/talk", []),
        ("http://hunter.example/subjects/5/", [("subject", "5")]),
        ("HTTP", []),
        ("https://HUNTER.example/subjects/5?x=1#y.", [("subject", "5")]),
        ("https://zooniverse.org/subjects/5", [("link", "https://zooniverse.org/subjects/5")]),
        ("(https://en.wikipedia.org/wiki/Trail_(disambiguation)).", [("link", "https://en.wikipedia.org/wiki/Trail_(disambiguation)")]),
        ("http://[broken", []),
        ("thanks @ann-marie.b. And me@example.org", [("person", "ann-marie.b")]),
        ("^S" + "9" * 19, []),
    ],
)
def test_other_names_in_a_text(text: str, found: list[tuple[str, str]]) -> None:
    pieces = split(text, hosts=["Hunter.example"])
    assert [(piece.kind, piece.value) for piece in pieces if piece.kind != "text"] == found


@given(TEXT)
@example("#" + "İ" * 40)
@example("http://.,;:")
def test_pieces_joined_are_the_text(text: str) -> None:
    assert "".join(piece.text for piece in split(text)) == text


@given(TEXT)
def test_neighbouring_pieces_are_not_both_text_and_none_is_empty(text: str) -> None:
    pieces = split(text)
    assert all(piece.text for piece in pieces)
    assert not any(a.kind == b.kind == "text" for a, b in itertools.pairwise(pieces))


@given(TEXT)
def test_a_tag_that_was_found_is_stored_as_it_is(text: str) -> None:
    for tag in tags_in(text):
        assert normalise(tag) == tag
        assert 3 <= len(tag) <= 40


@given(TEXT, NAMES, TEXT)
def test_a_tag_between_blanks_is_found_whatever_stands_around(before: str, name: str, after: str) -> None:
    assert name in tags_in(f"{before} #{name} {after}")


@given(st.text(max_size=60))
def test_normalising_twice_changes_nothing(name: str) -> None:
    once = normalise(name)
    assert once is None or normalise(once) == once


def test_what_is_no_tag() -> None:
    assert [normalise(name) for name in ("", "ab", "a b c", "a#b", "---", "x" * 41, "é" * 3)] == [None] * 6 + ["ééé"]
