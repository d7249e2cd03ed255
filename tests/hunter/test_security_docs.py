"""docs/reference/security.md goes through the whole of OWASP ASVS 5.0.0 up to level 2, and what it points to exists."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "docs/reference/security.md").read_text()
# How many requirements of levels 1 and 2 each section has; they are numbered from 1.
SECTIONS = {
    "1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2, "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1, "3.2": 2, "3.3": 4, "3.4": 6, "3.5": 5, "3.7": 2,
    "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4, "5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3, "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3,
    "6.8": 4, "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2, "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1, "9.1": 3, "9.2": 4, "10.1": 2,
    "10.2": 2, "10.3": 4, "10.4": 11, "10.5": 5, "10.6": 2, "10.7": 3, "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1, "12.1": 3,
    "12.2": 2, "12.3": 4, "13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5, "14.1": 2, "14.2": 4, "14.3": 3, "15.1": 3, "15.2": 3, "15.3": 7, "16.1": 1,
    "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3, "17.1": 1, "17.2": 4, "17.3": 2,
}  # fmt: skip
ROWS = re.findall(r"(?m)^\| (\d+\.\d+\.\d+(?:, \d+\.\d+\.\d+)*) \| ([^|]+) \| (met|n/a|open) \|([^|]*)\|$", PAGE)


def test_every_requirement_is_answered_once() -> None:
    answered = [number for numbers, *_ in ROWS for number in numbers.split(", ")]

    assert sorted(answered) == sorted(f"{section}.{n}" for section, count in SECTIONS.items() for n in range(1, count + 1))
    assert len(answered) == 253


def test_what_is_open_says_what_is_missing() -> None:
    assert [numbers for numbers, _, state, where in ROWS if state == "open" and len(where.split()) < 5] == []


def test_the_files_it_names_exist() -> None:
    named = set(re.findall(r"`((?:hunter|core|classify|talk|archive|ml|sky|tests|docs|requirements)/[\w./*-]+)`", PAGE))

    assert {name for name in named if not list(ROOT.glob(name))} == set()
    assert {name for name in re.findall(r"`(test_\w+\.py)`", PAGE) if not (ROOT / "tests/hunter" / name).exists()} == set()
