"""Forms of the privacy page."""

from typing import Any

from allauth.core import context
from django import forms
from django.utils.translation import gettext_lazy as _

from hunter.accounts import tries
from hunter.models import User

KEEP, REMOVE = "keep", "remove"


class CreditForm(forms.Form):
    """The name somebody wants in publications."""

    name = forms.CharField(
        label=_("Name in publications"), max_length=120, required=False, widget=forms.TextInput(attrs={"class": "input", "autocomplete": "name"}),
        help_text=_("For example your real name. Leave it empty and you are not named."),
    )  # fmt: skip

    def clean_name(self) -> str:
        name = " ".join(str(self.cleaned_data["name"]).split())
        if not name.isprintable():
            raise forms.ValidationError(_("This holds signs that cannot be printed. Please type the name by hand."))
        return name


class DeleteForm(forms.Form):
    """What becomes of the comments, and a proof that it is the owner who asks: the password, or the name where there is none."""

    comments = forms.ChoiceField(
        label=_("What you wrote in Talk"),
        choices=[(KEEP, _("stays, under the name “deleted user”")), (REMOVE, _("is removed"))],
        widget=forms.RadioSelect,
    )
    proof = forms.CharField(max_length=300, strip=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        proof = self.fields["proof"]
        if user.has_usable_password():
            proof.label = _("Your password")
            proof.widget = forms.PasswordInput(attrs={"class": "input", "autocomplete": "current-password"})
        else:
            proof.label = _("Your name here, to show that you mean it")
            proof.widget = forms.TextInput(attrs={"class": "input", "autocomplete": "off"})

    @property
    def keep_comments(self) -> bool:
        return bool(self.cleaned_data["comments"] == KEEP)

    def clean_proof(self) -> str:
        proof = str(self.cleaned_data["proof"])
        if self.user.has_usable_password():
            take_back = tries.count(tries.PASSWORDS, who=tries.name_of(self.user), request=context.request)
            if not self.user.check_password(proof):
                raise forms.ValidationError(_("This is not your password. Nothing was deleted."))
            take_back()
        elif proof.strip() != self.user.get_username():
            raise forms.ValidationError(_("This is not your name. Nothing was deleted."))
        return proof
