"""What I did: the filters of the page, its cards, and the rows of the file."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

import archive.selectors
import classify.selectors
import talk.selectors
from sky.overlap import apply_affine
from talk.viewers import Viewer

CSV_COLUMNS = ("id", "workflow", "version", "subject", "answer", "outcome", "marks", "annotations", "created_at", "address")
_CHIPS = {"gold_right": "truth", "gold_elsewhere": "rejected", "gold_other": "rejected", "differed": "rejected"}  # kinds of chips that outcomes have
_DATE = {"type": "date"}


class HistoryForm(forms.Form):
    """Filters; all may be left empty, and those that are set hold together."""

    workflow = forms.ChoiceField(label=_("Workflow"), required=False)
    answer = forms.ChoiceField(label=_("Answer"), required=False)
    outcome = forms.ChoiceField(label=_("What came of it"), required=False)
    tag = forms.CharField(
        label=_("Tag"), required=False, max_length=41, widget=forms.TextInput(attrs={"placeholder": "#satellite", "autocapitalize": "none"})
    )
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs=_DATE, format="%Y-%m-%d"))
    until = forms.DateField(label=_("Until"), required=False, widget=forms.DateInput(attrs=_DATE, format="%Y-%m-%d"))

    def __init__(self, data: Any, words: Iterable[tuple[str, Any]]) -> None:
        """`words`: (slug, words) of the workflows."""
        super().__init__(data)
        named = list(words)
        answers = {key: label for _slug, said in named for key, label in said.labels.items()}
        self._choose("workflow", ((slug, said.name) for slug, said in named))
        self._choose("answer", answers.items())
        self._choose("outcome", classify.selectors.Outcome.choices)

    def _choose(self, name: str, choices: Iterable[tuple[str, Any]]) -> None:
        self.fields[name].choices = [("", _("all")), *choices]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("since") and data.get("until") and data["since"] > data["until"]:
            self.add_error("until", _("This day is before the first one."))
        return data

    @property
    def chosen(self) -> dict[str, str]:
        """The filters that are set, as they stand in the address."""
        return {name: value for name in self.fields if (value := self.data.get(name, "").strip())}

    def wanted(self, viewer: Viewer) -> classify.selectors.Wanted:
        """What the valid filters mean to this person."""
        said = dict(self.cleaned_data)
        tag = said.pop("tag")
        return classify.selectors.Wanted(**said, subjects=talk.selectors.tagged_roots(viewer, tag) if tag else None)


@dataclass(frozen=True)
class Card:
    """One vote as the page shows it. `marks` are ((x1, y1), (x2, y2)) in pixels of the picture's cutout."""

    vote: Any
    cutout: Any
    thumbnail: str
    credit: str
    answer: str
    workflow: str
    outcome: Any
    chip: str
    favourite: bool
    marks: list[list[tuple[float, float]]]

    @property
    def root(self) -> Any:
        """What hearts hang on."""
        return self.vote.subject.root or self.vote.subject


def cards_of(votes: list[Any], viewer: Viewer) -> list[Card]:
    """The votes with picture, words and heart; the same number of queries for any number of votes."""
    ids = [vote.subject_id for vote in votes]
    cutouts, moved = classify.selectors.first_cutouts(ids), classify.selectors.registrations(ids)
    words = classify.selectors.words_by_workflow(vote.workflow for vote in votes)
    roots = [vote.subject.root_id or vote.subject_id for vote in votes]
    hearts = talk.selectors.favourites_among(viewer.volunteer, roots)
    rows = zip(votes, roots, strict=True)
    return [_card(vote, cutouts.get(vote.subject_id), words.get(vote.workflow_id), moved, root in hearts) for vote, root in rows]


def _card(vote: Any, cutout: Any, words: Any, moved: Any, favourite: bool) -> Card:
    """One vote; an answer that is asked no more stands by its key."""
    lines = [
        [_on_first(moved.get((vote.subject_id, mark.frame)), *end) for end in ((mark.x1, mark.y1), (mark.x2, mark.y2))] for mark in vote.marks.all()
    ]
    return Card(
        vote=vote,
        cutout=cutout,
        thumbnail=archive.selectors.thumbnail_url(cutout) if cutout else "",
        credit=archive.selectors.credit_of(cutout).credit if cutout else "",
        answer=words.labels.get(vote.answer, vote.answer) if words else vote.answer,
        workflow=words.name if words else vote.workflow.name,
        outcome=vote.outcome,
        chip=_CHIPS.get(vote.outcome.value, ""),
        favourite=favourite,
        marks=lines,
    )


def _on_first(matrix: list[float] | None, x: float, y: float) -> tuple[float, float]:
    """Where a pixel of a later frame lies in the first one, which the picture shows."""
    if matrix is None:
        return x, y
    ((at_x, at_y),) = apply_affine(matrix, [(x, y)]).tolist()
    return at_x, at_y


def csv_rows(votes: Iterable[Any], site: str) -> Iterator[dict[str, Any]]:
    """The rows of the file."""
    for vote in votes:
        marks = [{name: getattr(mark, name) for name in ("step", "frame", "x1", "y1", "x2", "y2")} for mark in vote.marks.all()]
        number = vote.subject.public_id
        yield {
            "id": vote.pk,
            "workflow": vote.workflow.slug,
            "version": vote.version.label,
            "subject": number,
            "answer": vote.answer,
            "outcome": vote.outcome.value,
            "marks": json.dumps(marks),
            "annotations": json.dumps(vote.annotations),
            "created_at": vote.created_at.astimezone(UTC).isoformat(),
            "address": site + reverse("subject", args=[number]),
        }
