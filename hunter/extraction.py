"""Finds every string that people see, in Python and templates, and brings the .po files up to date. For those who work on Hunter.

Strings are found where gettext and its relatives are called; scripts get their words from templates, so they hold none.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.pofile import write_po
from django.utils.translation.template import templatize

from hunter.messages import read

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("archive", "catalogue", "classify", "core", "hunter", "ml", "sky", "talk")
CALLS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), None),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
WIDTH = 140
_BLANK = re.compile(r"(?m)^[ \t]+")
_PLACES = re.compile(r"%\(\w+\)\w|%[sd]|\{\w+\}|</?\w+")  # what a translation must carry over: values, and tags


@dataclass(frozen=True)
class Report:
    """What a catalogue lacks: `missing` and `fuzzy` texts, and `broken` translations with what is wrong with them."""

    missing: list[str] = field(default_factory=list)
    fuzzy: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        return not (self.missing or self.fuzzy or self.broken)


def extracted() -> Catalog:
    """Return all texts of the program, in the order of its files."""
    found = Catalog(domain="django", charset="utf-8")
    for path in _sources():
        content = path.read_text()
        # A template becomes lines of calls with its other words crossed out; its indents mean nothing to Python.
        code = content if path.suffix == ".py" else _BLANK.sub("", templatize(content))
        calls: Iterable[Any] = extract_python(BytesIO(code.encode()), CALLS, ["Translators:"], {})
        for _line, function, texts, comments in calls:
            _add(found, function, texts, comments, path.relative_to(ROOT).as_posix())
    return found


def _sources() -> Iterator[Path]:
    for room in ROOMS:
        yield from (path for path in sorted((ROOT / room).rglob("*.py")) if "migrations" not in path.parts)
    yield from sorted(path for path in (ROOT / "templates").rglob("*") if path.suffix in {".html", ".txt", ".md"})


def _add(found: Catalog, function: str, texts: Any, comments: list[str], place: str) -> None:
    parts = list(texts) if isinstance(texts, tuple) else [texts]
    kind = function.partition("gettext")[0]  # "", "n", "p" or "np"; "_" is the first
    if not all(isinstance(part, str) and part for part in parts[: 1 + ("n" in kind) + ("p" in kind)]):
        return  # a variable: what it can hold is marked by gettext_noop where it is written
    context = parts.pop(0) if "p" in kind else None
    found.add((parts[0], parts[1]) if "n" in kind else parts[0], locations=[(place, 0)], auto_comments=comments, context=context)


def updated(path: Path, texts: Catalog) -> bytes:
    """Return the .po file as it should be: the texts of now, with the translations that it has; new texts stand untranslated."""
    catalogue = read(path)
    catalogue.update(texts, no_fuzzy_matching=True, update_creation_date=False)
    out = BytesIO()
    write_po(out, catalogue, width=WIDTH, ignore_obsolete=True, include_lineno=False, sort_by_file=True)
    return out.getvalue()


def examine(path: Path) -> Report:
    """Return what is missing or wrong in a .po file."""
    report = Report()
    for message in read(path):
        if not message.id:
            continue
        name = message.id if isinstance(message.id, str) else message.id[0]
        if not all(_translations(message)):
            report.missing.append(name)
        elif message.fuzzy:
            report.fuzzy.append(name)
        elif (lost := _lost(message)) or list(message.check()):
            report.broken.append(f"{name} ({', '.join(sorted(lost)) or 'format'})")
    return report


def _translations(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


def _lost(message: Message) -> set[str]:
    """Placeholders and tags that a translation leaves out or makes up. A singular may leave its number out."""
    ids = [message.id] if isinstance(message.id, str) else list(message.id)
    wanted = {place for text in ids for place in _PLACES.findall(text)}
    given = [set(_PLACES.findall(text)) for text in _translations(message)]
    made_up = {place for places in given for place in places - wanted}
    return made_up | (wanted - given[-1])
