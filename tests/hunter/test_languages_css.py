"""Style sheets name the sides of a text by its direction, so that a page also stands where one writes from right to left."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHEETS = sorted((ROOT / "static" / "css").glob("*.css"))
# An image of the sky and a plot are the same for every reader: their geometry is that of the pixels, never mirrored.
PHYSICAL = {
    "viewer.css": {"transform-origin: 0 0", "inset: 0 auto auto 0"},
    "rtl.css": {"linear-gradient(to left"},
    "home.css": {"linear-gradient(to right"},
}

SIDES = re.compile(
    r"(?<![\w-])((?:left|right)\s*:"
    r"|(?:margin|padding|border|scroll-margin|scroll-padding)-(?:left|right)(?:-\w+)?\s*:"
    r"|border-(?:top|bottom)-(?:left|right)-radius\s*:"
    r"|(?:text-align|float|clear|caption-side)\s*:\s*(?:left|right)"
    r"|(?:min-|max-)?(?:width|height)\s*:"
    r"|linear-gradient\(to (?:left|right)"
    r"|transform-origin:\s*(?:left|right|0 0))"
)
FOUR = re.compile(
    r"(?<![\w-])(padding|margin|inset|border-width|border-color|border-style|border-radius|scroll-margin|scroll-padding)\s*:\s*([^;{}]+)"
)


def rules(path: Path) -> str:
    """Return a sheet without comments, @media conditions, and declarations of own properties."""
    text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)
    return re.sub(r"(?m)^\s*--[\w-]+\s*:[^;]*;", "", re.sub(r"@media[^{]*", "@media ", text))


def values(text: str) -> list[str]:
    """Split a value at the blanks that stand outside brackets."""
    return re.findall(r"(?:[^\s()]+(?:\([^()]*(?:\([^()]*(?:\([^()]*\)[^()]*)*\)[^()]*)*\))?)+", text)


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_sides_are_named_by_the_direction_of_the_text(path: Path) -> None:
    allowed = PHYSICAL.get(path.name, set())
    found = {match.group(1) for match in SIDES.finditer(rules(path))}
    assert {name for name in found if name not in allowed} == set()


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_short_forms_say_the_same_for_both_sides(path: Path) -> None:
    found = [match.group(0) for match in FOUR.finditer(rules(path)) if len(parts := values(match[2])) == 4 and not symmetric(match[1], parts)]
    assert set(found) - PHYSICAL.get(path.name, set()) == set()


def symmetric(name: str, parts: list[str]) -> bool:
    """Four values are top, right, bottom, left; of a radius the corners from the top left on."""
    return (parts[0] == parts[1] and parts[2] == parts[3]) if name == "border-radius" else parts[1] == parts[3]
