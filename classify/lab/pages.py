"""Forms of texts with several parts: a tutorial's pages, and a workflow's words in another language. Pure but for the translations."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from classify.pictures import picture_of
from classify.wording import SAID

MAX_PAGES = 20
MAX_TITLE, MAX_BODY = 80, 10_000


@dataclass
class Page:
    """A page of a tutorial as the editor shows it. `was`: its place when the editor began, or None for a new one."""

    title: str = ""
    body: str = ""
    image: str = ""
    was: int | None = None
    error: str = ""
    fresh: bool = False

    def stored(self) -> dict[str, Any]:
        """What the service takes."""
        return {"title": self.title, "body": self.body, "image": self.image, "was": self.was}


def read_pages(post: Mapping[str, str]) -> list[Page]:
    """Read the pages that an editor sent, as they are."""
    found = []
    for number in range(MAX_PAGES):
        if f"page-{number}-title" not in post:
            break
        title, body, image, was = (post.get(f"page-{number}-{word}", "").replace("\x00", "") for word in ("title", "body", "image", "was"))
        place = int(was) if was.isascii() and was.isdecimal() else None
        found.append(Page(" ".join(title.split()), body.replace("\r\n", "\n").strip(), image if picture_of(image) else "", place))
    return found


def act(pages: list[Page], action: str) -> None:
    """Do what a button of the editor says: `add-page`, `drop-page 1`, `raise-page 1`, `drop-picture 1`."""
    verb, *numbers = action.split() or [""]
    place = int(numbers[0]) if numbers and numbers[0].isdecimal() and int(numbers[0]) < len(pages) else None
    if verb == "add-page" and len(pages) < MAX_PAGES:
        pages.append(Page(fresh=True))
    elif place is not None and verb == "drop-page":
        del pages[place]
    elif place and verb == "raise-page":
        pages[place - 1], pages[place] = pages[place], pages[place - 1]
    elif place is not None and verb == "drop-picture":
        pages[place].image = ""


def check_pages(pages: list[Page], *, translated: bool) -> bool:
    """Say whether the pages can be stored; what is wrong stands beside them. A translation may leave pages out."""
    for page in pages:
        if not translated and not (page.title and page.body):
            page.error = _("A page needs a title and a text.")
        elif len(page.title) > MAX_TITLE:
            page.error = _("A title has at most %(limit)d characters.") % {"limit": MAX_TITLE}
        elif len(page.body) > MAX_BODY:
            page.error = _("A page has at most %(limit)d characters; this one has %(length)d.") % {"limit": MAX_BODY, "length": len(page.body)}
    return not any(page.error for page in pages)


# --- words of a workflow -------------------------------------------------------------------------


@dataclass
class Saying:
    """One text to translate: what it is (`word` of its step; `key` of an answer), how it reads, and its translation."""

    name: str
    word: str
    original: str
    text: str
    limit: int
    key: str = ""


def sayings(named: Mapping[str, str], steps: Mapping[str, Any], words: Mapping[str, Any]) -> list[tuple[str, list[Saying]]]:
    """(heading, texts) of everything that a workflow says; `named`: its name and summary; `words`: the translation so far."""
    head = [Saying(name, name, named[name], words[name], limit) for name, limit in (("name", 80), ("summary", 300))]
    parts = [("", head)]
    for name in sorted(steps.get("steps", {}), key=lambda name: (len(name), name)):
        parts.append((name, list(_of_step(name, steps["steps"][name], words["steps"].get(name) or {}))))
    return parts


def _of_step(name: str, step: Mapping[str, Any], given: Mapping[str, Any]) -> Iterator[Saying]:
    for said in SAID:
        if step.get(said):
            yield Saying(f"{name}-{said}", said, step[said], str(given.get(said, "")), 5000 if said == "help" else 300)
    labels = given.get("answers") or {}
    for answer in step.get("answers", ()):
        yield Saying(f"{name}-answer-{answer['key']}", "answer", answer["label"], str(labels.get(answer["key"], "")), 80, answer["key"])


def words_from(post: Mapping[str, str], parts: list[tuple[str, list[Saying]]]) -> dict[str, Any]:
    """Make a translation of what was sent; empty texts are left out, so that they show in the language they were written in."""
    made: dict[str, Any] = {"steps": {}}
    for step, lines in parts:
        for line in lines:
            line.text = post.get(line.name, "").replace("\x00", "").replace("\r\n", "\n").strip()[: line.limit]
            if not step:
                made[line.name] = line.text
            elif line.text:
                _put(made["steps"].setdefault(step, {}), line)
    return made


def _put(step: dict[str, Any], line: Saying) -> None:
    if line.key:
        step.setdefault("answers", {})[line.key] = line.text
    else:
        step[line.word] = line.text
