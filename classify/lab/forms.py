"""Forms of the lab. Shares are percentages on the page and 0 to 1 in the rows."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from classify import selection
from classify.lab.answers import percent
from classify.lab.policy import ShareField
from classify.models import Workflow
from classify.services.workflows import FIXED_BY_VOTES

RESERVED = ("guide", "markdown", "new", "sets")  # addresses of the lab itself
GOLD_ROWS = 6


class NewForm(forms.Form):
    """What a new workflow is called."""

    name = forms.CharField(label=_("Name"), max_length=80)
    slug = forms.SlugField(
        label=_("Address"), max_length=50, help_text=_("Small letters, digits and hyphens, as in /classify/find-comets/. It stays for ever.")
    )
    summary = forms.CharField(label=_("In a sentence"), max_length=300, required=False)

    def clean_slug(self) -> str:
        slug = str(self.cleaned_data["slug"]).lower()
        if slug in RESERVED or Workflow.objects.filter(slug=slug).exists():
            raise forms.ValidationError(gettext("This address is taken."))
        return slug


class SettingsForm(forms.ModelForm):  # type: ignore[type-arg]
    """The settings of a workflow that hold at once. The model's row is not saved here: the service does it, and audits it."""

    audit_fraction = ShareField(label=_("Random sample (%)"), help_text=_("Subjects drawn at pooling for estimates without bias."))
    suggest_fraction = ShareField(
        label=_("The machine's suggestion is shown to (%)"), help_text=_("Where there is one and people need not judge blindly.")
    )

    class Meta:
        model = Workflow
        fields = [
            "name", "summary", "position", "purpose", "teaches", "takes_cutouts", "blind", "audit_fraction", "suggest_fraction",
            "lease_minutes", "undo_seconds", "pack_size", "pack_hours",
        ]  # fmt: skip
        labels = {
            "name": _("Name"),
            "summary": _("In a sentence"),
            "position": _("Place in the list"),
            "purpose": _("What the software uses it for"),
            "teaches": _("What its positive answers tell the detector"),
            "takes_cutouts": _("New images of the archive come in by themselves"),
            "blind": _("Blind: people decide before they see what others said"),
            "lease_minutes": _("A subject is held for (minutes)"),
            "undo_seconds": _("An answer can be undone for (seconds)"),
            "pack_size": _("Subjects in a pack to take along"),
            "pack_hours": _("A pack is held for (hours)"),
        }
        help_texts = {
            "purpose": _(
                "At most one workflow has each: training for newcomers, the search whose finds stand on the home page, the review of the machine."
            ),
            "teaches": _("A class of the detector, such as asteroid or satellite; empty: it learns nothing from here."),
            "takes_cutouts": "",
            "blind": _("Votes of people who saw what others said are kept, but do not count."),
            "pack_size": "",
            "pack_hours": "",
        }

    def __init__(self, *arguments: Any, voted: bool, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["purpose"].choices = [("", _("nothing special")), *((value, _PURPOSES[value]) for value in Workflow.Purpose.values)]  # type: ignore[attr-defined]
        for name, (least, most) in _RANGES.items():
            self.fields[name].widget.attrs |= {"min": least, "max": most}
        if voted:
            for name in FIXED_BY_VOTES:
                self.fields[name].disabled = True
                self.fields[name].help_text = gettext("People have voted under this; it stays as it is. A copy of the workflow can have another.")

    def clean_purpose(self) -> str:
        purpose = str(self.cleaned_data["purpose"])
        other = Workflow.objects.filter(purpose=purpose).exclude(pk=self.instance.pk).first() if purpose else None
        if other:
            raise forms.ValidationError(gettext("The workflow %(name)s is used for this. Take it away there first.") % {"name": other.name})
        return purpose

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name, (least, most) in _RANGES.items():
            if isinstance(value := data.get(name), int) and not least <= value <= most:
                self.add_error(name, gettext("A number from %(least)d to %(most)d.") % {"least": least, "most": most})
        return data


_PURPOSES = {"training": _("training for newcomers"), "search": _("the search"), "review": _("review of the machine's finds")}
_RANGES = {"position": (0, 999), "lease_minutes": (1, 240), "undo_seconds": (0, 600), "pack_size": (1, 50), "pack_hours": (1, 168)}


class GoldForm(forms.Form):
    """How often a known subject comes: lines of "for whoever has seen fewer than ... : chance". The last line may leave the number out."""

    def __init__(self, *arguments: Any, schedule: Sequence[Sequence[float | None]] = (), **options: Any) -> None:
        begun: dict[str, Any] = {}
        for number, (seen, chance) in enumerate(schedule[:GOLD_ROWS]):
            begun |= {f"gold_seen_{number}": seen, f"gold_chance_{number}": float(chance or 0)}
        super().__init__(*arguments, **{**options, "initial": begun})
        for number in range(GOLD_ROWS):
            self.fields[f"gold_seen_{number}"] = forms.IntegerField(label=_("Seen fewer than"), min_value=1, max_value=100_000, required=False)
            self.fields[f"gold_chance_{number}"] = ShareField(label=_("Chance of a known one (%)"), required=False)

    @property
    def lines(self) -> list[tuple[Any, Any]]:
        """The pairs of fields."""
        return [(self[f"gold_seen_{number}"], self[f"gold_chance_{number}"]) for number in range(GOLD_ROWS)]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        schedule: list[list[float | None]] = []
        for number in range(GOLD_ROWS):
            seen, chance = data.get(f"gold_seen_{number}"), data.get(f"gold_chance_{number}")
            if chance is None:
                if seen is not None:
                    self.add_error(f"gold_chance_{number}", gettext("Say how often."))
                continue
            before = schedule[-1][0] if schedule else 0
            if before is None or (seen is not None and seen <= before):
                self.add_error(f"gold_seen_{number}", gettext("Each line has a larger number than the one before; only the last may have none."))
            schedule.append([seen, chance])
        self.cleaned_data["schedule"] = schedule
        return self.cleaned_data


class SelectionForm(forms.Form):
    """Which subjects people are asked about: a share of the places for each way of choosing. `sets`: what the workflow asks about, {slug: name}."""

    def __init__(self, *arguments: Any, mixture: Sequence[Sequence[Any]], sets: Mapping[str, str], **options: Any) -> None:
        self.before = mixture
        shares = dict(selection.mixture_of(mixture))
        self.arms = [selection.RANDOM, selection.PRIORITY, selection.UNCERTAIN, *(selection.SET + slug for slug in sets)]
        super().__init__(*arguments, **{**options, "initial": {_field(arm): shares.get(arm, 0.0) for arm in self.arms}})
        for arm in self.arms:
            label, help_text = _ARMS.get(arm) or (gettext("From the set %(name)s (%%)") % {"name": sets[arm.removeprefix(selection.SET)]}, "")
            self.fields[_field(arm)] = ShareField(label=label, help_text=help_text, required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.errors:
            return data
        shares: dict[str, float] = {arm: data.get(_field(arm)) or 0.0 for arm in self.arms}
        total = sum(shares.values())
        if abs(total - 1) > _SLACK:
            raise forms.ValidationError(gettext("These shares add up to %(total)s %%, not to 100.") % {"total": percent(round(total, 6))})
        kept = dict(selection.mixture_of(self.before))
        same = all(abs(share - kept.get(arm, 0.0)) < _SLACK for arm, share in shares.items())
        self.cleaned_data["selection"] = self.before if same else [[arm, share] for arm, share in shares.items() if share]
        return self.cleaned_data


_SLACK = 0.001  # of a share: thirds can be typed
_ARMS = {
    selection.RANDOM: (_("At random (%)"), _("Every subject comes sooner or later. Keep some of this in each mixture.")),
    selection.PRIORITY: (_("Most urgent first (%)"), _("By the score of the detector; subjects without one come at random.")),
    selection.UNCERTAIN: (_("Most doubtful first (%)"), _("Of the subjects with votes, those whose answer is least sure.")),
}


def _field(arm: str) -> str:
    return "arm_" + arm.replace(":", "_")


class GuideForm(forms.Form):
    """An entry of the field guide in one language."""

    slug = forms.SlugField(
        label=_("Address"), max_length=50, help_text=_("Small letters, digits and hyphens. Feedback links to it; it stays for ever.")
    )
    title = forms.CharField(label=_("Title"), max_length=80)
    body = forms.CharField(label=_("Text"), max_length=10_000, widget=forms.Textarea(attrs={"rows": 10}), help_text=_("Markdown."))
    picture = forms.FileField(label=_("Another picture"), required=False, help_text=_("JPEG, PNG or WebP, at most 5 MB."))

    def __init__(self, *arguments: Any, is_new: bool, language: str = "", **options: Any) -> None:
        super().__init__(*arguments, **options)
        if not is_new:
            del self.fields["slug"]
        for field in (self.fields["title"], self.fields["body"]):
            field.widget.attrs["lang"] = language or settings.LANGUAGE_CODE
            field.required = not language  # empty: shown in the language it was written in
