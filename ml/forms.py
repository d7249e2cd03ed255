"""What people may set when they launch a training."""

from django import forms
from django.utils.translation import gettext_lazy as _

from ml.services import DEFAULT_SEED


class TrainForm(forms.Form):
    """Steps and seed of a training; empty fields take the recipe's own."""

    steps = forms.IntegerField(label=_("Steps"), min_value=1, max_value=1_000_000, required=False, help_text=_("Empty: as many as the recipe says."))
    seed = forms.IntegerField(
        label=_("Seed"), min_value=0, max_value=2**31 - 1, initial=DEFAULT_SEED, required=False, help_text=_("Another seed trains another model.")
    )
