"""The words of the science pages, and the form by which subjects are looked for there."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from classify.selectors.science import NO_LABEL, ORDERS, Row, Sought

STATES: dict[str, Any] = {
    "active": pgettext_lazy("subject", "open"),
    "retired": pgettext_lazy("subject", "retired"),
    "paused": pgettext_lazy("subject", "paused"),
}
REASONS: dict[str, Any] = {
    "classification_count": _("enough votes"),
    "consensus": _("people agree"),
    "nothing_here": _("nothing there"),
    "flagged": _("flagged"),
    "human": _("by hand"),
    "other": _("another reason"),
}
COLUMNS: dict[str, Any] = {"chance": _("Chance"), "agreement": _("Agreement"), "votes": _("Votes"), "entropy": _("Entropy (bits)")}
FIRST = {"chance": "chance", "agreement": "agreement", "votes": "-votes", "entropy": "-entropy"}  # what is looked for first, by each
DEFAULT_ORDER = "-votes"
ORDER_CHOICES: list[tuple[str, Any]] = [
    ("-votes", _("most votes first")),
    ("votes", _("fewest votes first")),
    ("chance", _("least sure first")),
    ("-chance", _("surest first")),
    ("agreement", _("least agreement first")),
    ("-agreement", _("most agreement first")),
    ("-entropy", _("most divided first")),
    ("entropy", _("least divided first")),
    ("margin", _("nearest to a limit first")),
    ("-margin", _("farthest from a limit first")),
]


def state_words(state: str, reason: str) -> str:
    """What a state is called, with the reason in one breath."""
    return f"{STATES.get(state, state)}: {REASONS.get(reason, reason)}" if reason else f"{STATES.get(state, state)}"


class SoughtForm(forms.Form):
    """Filters; all may be left empty, and those that are set hold together."""

    label = forms.ChoiceField(label=_("Label"), required=False)
    state = forms.ChoiceField(label=_("State"), required=False)
    least_votes = forms.IntegerField(label=_("Votes from"), required=False, min_value=0, max_value=100_000)
    most_votes = forms.IntegerField(label=_("Votes to"), required=False, min_value=0, max_value=100_000)
    least_chance = forms.FloatField(label=_("Chance from"), required=False, min_value=0, max_value=1)
    most_chance = forms.FloatField(label=_("Chance to"), required=False, min_value=0, max_value=1)
    subject = forms.RegexField(r"^[Ss]?\d{1,18}$", label=_("Subject"), required=False, widget=forms.TextInput(attrs={"placeholder": "S1234"}))
    differs = forms.BooleanField(label=_("The run over all votes says otherwise"), required=False)
    audit = forms.BooleanField(label=_("In the audit arm"), required=False)
    marked = forms.BooleanField(label=_("With marks"), required=False)
    order = forms.ChoiceField(label=_("Order"), required=False)
    people = forms.BooleanField(label=_("Without simulated votes"), required=False)

    def __init__(self, data: Any, labels: Mapping[str, str]) -> None:
        """`labels`: {answer: its name} of the workflow."""
        super().__init__(data)
        retired = [(f"retired:{reason}", state_words("retired", reason)) for reason in REASONS]
        self._choose("label", [*labels.items(), (NO_LABEL, _("no label"))])
        self._choose("state", [*STATES.items(), *retired])
        self.fields["order"].choices = ORDER_CHOICES  # type: ignore[attr-defined]
        for name in ("least_chance", "most_chance"):
            self.fields[name].widget.attrs["step"] = "any"

    def _choose(self, name: str, choices: list[tuple[str, Any]]) -> None:
        self.fields[name].choices = [("", _("all")), *choices]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> dict[str, str]:
        """The filters that are set, as they stand in the address."""
        return {name: value for name in self.fields if name != "order" and (value := self.data.get(name, "").strip())}

    @property
    def checks(self) -> list[Any]:
        """The fields that are ticked."""
        return [field for field in self if isinstance(field.field, forms.BooleanField)]

    @property
    def others(self) -> list[Any]:
        """The fields that are filled in."""
        return [field for field in self if not isinstance(field.field, forms.BooleanField)]

    @property
    def sought(self) -> Sought:
        """What the filters mean; those that cannot be are left out."""
        self.is_valid()
        said = {name: value for name, value in self.cleaned_data.items() if name != "order"}
        state, _colon, reason = said.pop("state", "").partition(":")
        number, people = said.pop("subject", "").lstrip("Ss"), said.pop("people", False)
        return Sought(**said, state=state, reason=reason, number=number, people_only=people)


def order_of(data: Mapping[str, str]) -> str:
    """The order that an address asks for."""
    asked = data.get("order", "")
    return asked if asked.removeprefix("-") in ORDERS else DEFAULT_ORDER


def address_with(given: Mapping[str, str], **changes: str) -> str:
    """The query of an address with other values; empty ones are left out."""
    return urlencode({name: value for name, value in {**given, **changes}.items() if value})


def row_columns(answers: Mapping[str, str]) -> list[str]:
    """The columns of the list as a file."""
    each = [f"{kind}_{answer}" for kind in ("count", "chance") for answer in answers]
    return ["subject_id", "label", "chance", "agreement", "n_votes", "n_simulated", *each, "entropy_bits", "margin", "state", "reason",
            "by_hand", "retired_at", "audit", "batch_label", "batch_chance"]  # fmt: skip


def row_values(row: Row, answers: Mapping[str, str]) -> dict[str, Any]:
    """One line of that file."""
    values = {name: getattr(row, name) for name in ("label", "chance", "agreement", "n_votes", "margin", "state", "reason")}
    values |= {f"count_{answer}": row.tally.get(answer, 0) for answer in answers}
    values |= {f"chance_{answer}": row.posterior.get(answer) for answer in answers}
    return values | {
        "subject_id": row.public_id,
        "n_simulated": row.n_demo,
        "entropy_bits": round(row.entropy, 6),
        "by_hand": str(row.by_hand).lower(),
        "retired_at": row.retired_at.strftime("%Y-%m-%dT%H:%M:%SZ") if row.retired_at else "",
        "audit": str(row.audit).lower(),
        "batch_label": row.batch_label,
        "batch_chance": row.batch_chance,
    }
