"""A language that is none: every text stands in brackets with accents, so that what escaped translation is seen at once.

Its catalogue is made from the texts of locale/es: what is missing there stays bare and is found as well. Texts of Django, allauth
and the REST framework come from their own Spanish catalogues, so that only texts of theirs that Spanish readers get count as translated.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import allauth
import django
import rest_framework
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.test import override_settings

from classify.models import FieldGuide, FieldGuideText, Tutorial, Workflow, WorkflowText
from classify.wording import SAID
from hunter.messages import catalogue_files
from hunter.models import PageVersion
from talk.models import Board, BoardText

TEXT = "[Ťéxť···]"  # for what people write in Markdown
CODE = "qps"  # the code that the standards keep for such languages
_ACCENTS = str.maketrans("aceinouACEINOUsyz", "áçéíñöúÁÇÉÍÑÖÚšýž")
_TAG = re.compile(r"(<[^>]*>)")
_PLACE = re.compile(r"(%\(\w+\)[sdfr]|%%|%[sd]|\{\w*\}|&\w+;)")


def pseudo(text: str) -> str:
    """Return a text in the language: [Ťéxť···], a third longer, with its placeholders and tags as they were."""
    return "".join(part if number % 2 else _bracketed(part) for number, part in enumerate(_TAG.split(text)))


def _bracketed(text: str) -> str:
    if not text.strip():
        return text
    words = "".join(part if number % 2 else part.translate(_ACCENTS) for number, part in enumerate(_PLACE.split(text.strip())))
    before, _, after = text.partition(text.strip())  # what stands around the words stays, line ends above all
    return f"{before}[{words}{'·' * (len(words) // 3)}]{after}"


@contextmanager
def spoken(folder: Path, code: str = CODE) -> Iterator[None]:
    """The site also in this language, under a code of its own (or under `he`: then it runs from right to left)."""
    write_catalogue(folder, code)
    with override_settings(LOCALE_PATHS=[folder], LANGUAGES=[*settings.LANGUAGES, (code, "[Ñöñé]")]):
        yield


def write_catalogue(folder: Path, code: str) -> None:
    """Write the compiled catalogue where LOCALE_PATHS names `folder`."""
    made = Catalog(charset="utf-8")
    for path in (*catalogue_files().values(), *_others()):
        with path.open("rb") as source:
            for message in read_po(source):
                _add(made, message.id, message.context)
    target = folder / code / "LC_MESSAGES"
    target.mkdir(parents=True)
    out = BytesIO()
    write_mo(out, made)
    (target / "django.mo").write_bytes(out.getvalue())


def _add(made: Catalog, text: str | tuple[str, str], context: str | None) -> None:
    # A date format is no text; Django keeps its formats elsewhere, and a few words for the order of things here.
    if not text or made.get(text, context) is not None:
        return
    given = pseudo(text) if isinstance(text, str) else tuple(pseudo(form) for form in text)
    made.add(text, given, context=context)


def _others() -> Iterator[Path]:
    for package in (django, allauth, rest_framework):
        root = Path(package.__path__[0])
        yield from sorted(root.glob("**/locale/es/LC_MESSAGES/django.po"))


def write_rows(code: str = CODE) -> None:
    """Put the rows that people write in several languages into this one, too."""
    for workflow in Workflow.objects.select_related("current_version"):
        assert workflow.current_version is not None
        steps = {name: _said(step) for name, step in workflow.current_version.steps["steps"].items()}
        tutorial = Tutorial.objects.filter(workflow=workflow).first()
        pages = [{"title": pseudo(page["title"]), "body": TEXT} for page in (tutorial.pages if tutorial else [])]
        words = {"name": pseudo(workflow.name)[:80], "summary": pseudo(workflow.summary)[:300]}
        WorkflowText.objects.create(workflow=workflow, language=code, steps=steps, tutorial=pages, **words)
    for entry in FieldGuide.objects.all():
        FieldGuideText.objects.create(entry=entry, language=code, title=pseudo(entry.title), body=TEXT)
    for board in Board.objects.all():
        BoardText.objects.create(board=board, language=code, title=pseudo(board.title), description=pseudo(board.description))
    for page in PageVersion.objects.filter(language="en"):
        version = 1 + max(PageVersion.objects.filter(slug=page.slug).values_list("version", flat=True))
        PageVersion.objects.create(slug=page.slug, language=code, version=version, title=pseudo(page.title), body=TEXT, created_at=page.created_at)


def _said(step: dict[str, object]) -> dict[str, object]:
    labels = {answer["key"]: pseudo(answer["label"]) for answer in step.get("answers", [])}  # type: ignore[attr-defined]
    words = {name: TEXT if name == "help" else pseudo(str(step[name])) for name in SAID if step.get(name)}
    return words | ({"answers": labels} if labels else {})


# --- what is seen --------------------------------------------------------------------------------

_ATTRIBUTES = ("placeholder", "title", "aria-label", "alt", "data-label", "label", "aria-description", "aria-roledescription", "data-confirm")
_SKIPPED = {"script", "style", "kbd", "code", "pre"}  # programs, names of keys, and what is typed as it stands
_WRITTEN = {"talk-text"}  # comments, as people wrote them
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr", "use"}


class _Reader(HTMLParser):
    """Collects what a page says: text, <template> included, and attributes that are read out or shown."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self.open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        # Words in a language of their own, and what people wrote, say so themselves.
        classes = set((given.get("class") or "").split())
        quiet = tag in _SKIPPED or bool(classes & _WRITTEN) or ("lang" in given and tag != "html") or given.get("translate") == "no"
        if not self._quiet() and not quiet:
            names = [*_ATTRIBUTES, *(["value"] if given.get("type") in {"submit", "button", "reset"} and not given.get("name") else [])]
            self.said += [value for name in names if (value := given.get(name))]
        if tag not in _VOID:
            self.open.append((tag, quiet))

    def handle_endtag(self, tag: str) -> None:
        while self.open:
            name, _quiet = self.open.pop()
            if name == tag:
                return

    def handle_data(self, data: str) -> None:
        if data.strip() and not self._quiet():
            self.said.append(data)

    def _quiet(self) -> bool:
        return any(quiet for _tag, quiet in self.open)


def said(page: str) -> list[str]:
    """Return what a page of HTML says to its reader, piece by piece."""
    reader = _Reader()
    reader.feed(page)
    return reader.said


# What is no text of the site. Each with its reason; everything else outside brackets is a text that escaped.
ALLOWED = re.compile(
    r"(?x)\b(?:"
    r"Hunter|Hubble|GitHub|ORCID|PostgreSQL|torch"  # names
    r"|NASA/ESA/STScI|CC\ BY\ 4\.0|CC0|MIT"  # credits and licences
    r"|UTC|ICRS|AB|mag|px|s|ms|k?B|[KMG]B|[KMG]iB|F1"  # units and measures
    r"|FITS|CSV|JSON(?:\ Lines)?|API|SHA-256|TOTP"  # formats and abbreviations that are the same everywhere
    r"|S\d+|[xy]\d|\d+k"  # numbers of images
    r"|Viridis|Inferno"  # colour maps
    r")\b"
    r"|\((?:Shift\+)?[A-Z0-9]\)"  # the key that does the same as a button
    r"|^[NE]$"  # north and east, as charts of the sky name them everywhere
)
_BRACKETS = re.compile(r"\[[^\[\]]*\]")
_LETTER = re.compile(r"[^\W\d_]")


def escaped(pieces: list[str], own: re.Pattern[str]) -> list[str]:
    """Return the pieces that hold letters outside brackets; `own` matches what people and the sample sky are called."""
    found = []
    for piece in pieces:
        rest, before = piece, ""
        while rest != before:
            before, rest = rest, _BRACKETS.sub(" ", rest)
        rest = ALLOWED.sub(" ", own.sub(" ", rest))
        if _LETTER.search(rest):
            found.append(" ".join(piece.split()))
    return found
