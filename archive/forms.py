"""The search form of the list of exposures."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class ExposureSearch(forms.Form):
    """Text, instrument and filter; the choices are what the archive holds."""

    q = forms.CharField(
        label=_("Observation, target or visit"), required=False, max_length=80, widget=forms.TextInput(attrs={"type": "search", "class": "input"})
    )
    instrument = forms.ChoiceField(label=_("Instrument"), required=False, widget=forms.Select(attrs={"class": "input"}))
    filter = forms.ChoiceField(label=_("Filter"), required=False, widget=forms.Select(attrs={"class": "input"}))

    def __init__(self, *args: Any, instruments: list[str], filters: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, values in (("instrument", instruments), ("filter", filters)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101 - tells the type checker
            field.choices = [("", _("all")), *((value, value) for value in values)]

    def criteria(self) -> dict[str, str]:
        """What to search for; fields that are not right are left out."""
        data = getattr(self, "cleaned_data", {})
        return {"text": data.get("q", "").strip(), "instrument": data.get("instrument", ""), "filter_name": data.get("filter", "")}
