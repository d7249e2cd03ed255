"""Sets of subjects from what several rooms know: a list of numbers, a tag, a collection, the answer that people gave."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

import classify.selectors
import talk.selectors
from classify.purposes import CHOSEN_BY_HAND, SET_PURPOSES
from classify.selectors.lab import lab_workflows, roots_with_label
from classify.services.workflows import LabError
from talk.forms import SourceForm
from talk.idlists import Entry, read_file
from talk.viewers import Viewer

MOST = 20_000  # subjects at a time by the pages; the command takes any number
MAX_NAME = 120
RESERVED = ("new",)  # an address of the pages themselves
_COLLECTION = re.compile(r"(?:\S*/collections/)?([A-Za-z0-9_-]{1,40})/?(?:[?#]\S*)?", re.ASCII)


@dataclass(frozen=True)
class Named:
    """The subjects that somebody named: roots (primary keys), and what of a list is none."""

    roots: list[int]
    unknown: Sequence[Entry] = ()


class UnknownSubjects(LabError):
    """Entries of a list are no subjects here."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        super().__init__(gettext("Some entries are no subjects here. Nothing was stored: mend the list, or tick that they are left out."))
        self.entries = entries


# --- which subjects are meant --------------------------------------------------------------------


def of_list(entries: Sequence[Entry], *, leave_out: bool) -> Named:
    """The subjects of a list. Raises UnknownSubjects for entries that are none unless they are left out, LabError where nothing is left."""
    found = classify.selectors.roots_by_public_ids(entry.number for entry in entries if entry.number is not None)
    unknown = [entry for entry in entries if entry.number not in found]
    if unknown and not leave_out:
        raise UnknownSubjects(unknown)
    roots = list(dict.fromkeys(found[entry.number] for entry in entries if entry.number in found))
    return Named(_some(roots, gettext("No subject of this site stands in the list. Nothing was stored.")), unknown)


def of_tag(name: str) -> Named:
    """All subjects with a tag."""
    roots = talk.selectors.every_tagged_root(name)
    return Named(
        _some(roots, gettext("No subject carries the tag %(tag)s. Nothing was stored.") % {"tag": f"#{name.strip().removeprefix('#')[:40]}"})
    )


def of_collection(viewer: Viewer, said: str) -> Named:
    """All subjects of a collection that this person may open, by its address or the end of it."""
    name = _COLLECTION.fullmatch(said.strip())
    found = talk.selectors.collection_for(viewer, name[1]) if name else None
    if found is None:
        raise LabError(gettext("There is no collection %(said)s that you may open. Nothing was stored.") % {"said": said.strip()[:80]})
    return Named(_some(talk.selectors.every_root(found), gettext("Nothing is in this collection. Nothing was stored.")))


def of_answer(said: str) -> Named:
    """All subjects whose settled answer is this one, as workflow:answer."""
    workflow, _colon, label = said.partition(":")
    return Named(_some(roots_with_label(workflow, label), gettext("No subject has this answer yet. Nothing was stored.")))


def _some(roots: list[int], otherwise: str) -> list[int]:
    if not roots:
        raise LabError(otherwise)
    return roots


def answers() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yield (workflow, [(workflow:answer, label)]) in the reader's language, as a form offers them."""
    for flow in classify.selectors.worded(lab_workflows()):
        if flow.current_version is not None:
            yield flow.words.name, [(f"{flow.slug}:{key}", label) for key, label in flow.words.labels.items()]


# --- forms ---------------------------------------------------------------------------------------


class MembersForm(SourceForm):
    """Which subjects are meant: one of five ways."""

    sources = ("ids", "file", "tag", "collection", "answer")
    one_only = _("Name the subjects in one of these ways only. Nothing was stored.")
    read_file = staticmethod(read_file)

    leave_out = forms.BooleanField(label=_("Leave out entries that are no subject here"), required=False)
    collection = forms.CharField(
        label=_("Or all subjects of a collection"), required=False, max_length=200, help_text=_("Its address, or the last part of it."),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "autocomplete": "off"}),
    )  # fmt: skip
    answer = forms.ChoiceField(
        label=_("Or all subjects with this answer"), required=False, help_text=_("Those that are finished in the workflow, whoever voted.")
    )
    field_order: tuple[str, ...] = ("ids", "file", "leave_out", "tag", "collection", "answer")

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["answer"].choices = [("", "–"), *answers()]  # type: ignore[attr-defined]
        self.fields["file"].label = _("Or a CSV or text file")
        self.fields["file"].help_text = _("With a column subject_id, or numbers as in a typed list; in UTF-8, at most 1 MB.")
        self.fields["file"].widget.attrs["accept"] = ".csv,.txt,text/csv,text/plain"
        self.fields["tag"].help_text = _("As they are now, those too that are still being classified. What is tagged later does not follow.")

    def named(self, viewer: Viewer) -> Named | None:
        """The subjects that the valid form means; None where it names nothing. Raises LabError."""
        data = self.cleaned_data
        found = None
        if (entries := self.entries) is not None:
            found = of_list(entries, leave_out=data["leave_out"])
        elif data["tag"]:
            found = of_tag(data["tag"])
        elif data["collection"]:
            found = of_collection(viewer, data["collection"])
        elif data["answer"]:
            found = of_answer(data["answer"])
        if found and len(found.roots) > MOST:
            raise LabError(
                gettext("These are %(n)d subjects; the page takes %(most)d at a time, and ./run manage subject_set any number. Nothing was stored.")
                % {"n": len(found.roots), "most": MOST}
            )
        return found


class NameForm(forms.Form):
    """What a set is called."""

    name = forms.CharField(label=_("Name"), max_length=MAX_NAME)


class NewSetForm(NameForm, MembersForm):
    """A new set; its address is made of its name."""

    purpose = forms.ChoiceField(
        label=_("What it is for"), choices=[(key, SET_PURPOSES[key]) for key in CHOSEN_BY_HAND], help_text=_("This stays as it is.")
    )
    field_order = ("name", "purpose", *MembersForm.field_order)

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        slug = slug_of(name)
        if not slug:
            raise forms.ValidationError(gettext("The name needs a letter from a to z or a digit: the address of the set is made of them."))
        if slug in RESERVED:
            raise forms.ValidationError(gettext("This name would give the set an address that the lab has itself. Choose another."))
        return name


def slug_of(name: str) -> str:
    """The address of a set of this name; empty for a name that gives none."""
    return slugify(name)[:50].strip("-_")
