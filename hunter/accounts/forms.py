"""The forms of accounts in our words: the library's own, with labels, help and nothing in the empty fields."""

from typing import Any

from allauth.account import forms as account
from allauth.core import context
from allauth.mfa.adapter import get_adapter as mfa_adapter
from allauth.mfa.base import forms as factor
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn import forms as passkey
from allauth.socialaccount import forms as provider
from django import forms
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hunter.accounts import names, second_factor, services, tries
from hunter.accounts.services import NameTaken

_PASSWORD, _NEW, _AGAIN, _EMAIL, _CODE = _("Password"), _("New password"), _("New password again"), _("E-mail address"), _("Code")
_TEN = _("At least 10 characters, none of the common ones. Three or four words that do not belong together are good.")


class Worded:
    """Gives the fields of a form of the library our words: {field: (label, help)}."""

    words: dict[str, tuple[Any, Any]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, forms.Field] = self.fields  # type: ignore[attr-defined]
        for name, field in fields.items():
            field.widget.attrs.pop("placeholder", None)
            if name in self.words:
                field.label, field.help_text = self.words[name]


def _forgotten() -> SafeString:
    return format_html('<a href="{}">{}</a>', "/accounts/password/reset/", gettext("Password forgotten?"))


_SIGN_UP = {
    "username": (
        _("Name"),
        _(
            "What others see in Talk; better not your own name. 3 to 30 letters, digits, dots, hyphens or underscores, without spaces; "
            "it begins with a letter or digit."
        ),
    ),
    "email": (_("E-mail address (recommended)"), _("Only for mails about your account. Without it a forgotten password cannot be reset.")),
    "password1": (_PASSWORD, _TEN),
}


class SignupForm(Worded, account.SignupForm):
    words = _SIGN_UP
    field_order = ["username", "password1", "email", "agree"]

    def _post_clean(self) -> None:
        """A password is never sent back to the browser, so the field is empty now: say so where something else is to be mended."""
        super()._post_clean()
        if self.errors and "password1" in self.cleaned_data:
            self.add_error("password1", _("Please type the password once more: it is not kept while something else is to be mended."))


class ProviderSignupForm(Worded, provider.SignupForm):
    words = _SIGN_UP
    field_order = ["username", "email", "agree"]


class LoginForm(Worded, account.LoginForm):
    words = {
        "login": (_("Name or e-mail address"), ""),
        "password": (_PASSWORD, lazy(_forgotten, SafeString)()),
        "remember": (_("Stay signed in on this device"), ""),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs.update(autocomplete="username webauthn", autocapitalize="none", spellcheck="false")


class AddEmailForm(Worded, account.AddEmailForm):
    words = {"email": (_("New e-mail address"), "")}


class ChangePasswordForm(Worded, account.ChangePasswordForm):
    words = {"oldpassword": (_("Password until now"), lazy(_forgotten, SafeString)()), "password1": (_NEW, _TEN), "password2": (_AGAIN, "")}


class SetPasswordForm(Worded, account.SetPasswordForm):
    words = {"password1": (_NEW, _TEN), "password2": (_AGAIN, "")}


class ResetPasswordForm(Worded, account.ResetPasswordForm):
    words = {"email": (_EMAIL, "")}


class ResetPasswordKeyForm(Worded, account.ResetPasswordKeyForm):
    words = {"password1": (_NEW, _TEN), "password2": (_AGAIN, "")}


class ReauthenticateForm(Worded, account.ReauthenticateForm):
    words = {"password": (_PASSWORD, lazy(_forgotten, SafeString)())}


class Guarded:
    """A code is not guessed at leisure, and counts once."""

    def clean_code(self) -> str:
        user: Any = self.user  # type: ignore[attr-defined]
        take_back = tries.count(tries.CODES, who=tries.name_of(user), request=context.request)
        code: str = super().clean_code()  # type: ignore[misc]
        by_app = self.authenticator.type == Authenticator.Type.TOTP  # type: ignore[attr-defined]
        if by_app and not second_factor.spend_code(user, code):
            raise mfa_adapter().validation_error("incorrect_code")
        take_back()
        return code


class AuthenticateForm(Worded, Guarded, factor.AuthenticateForm):
    words = {"code": (_CODE, _("Six digits from your app, or one of your recovery codes."))}


class ReauthenticateCodeForm(Worded, Guarded, factor.ReauthenticateForm):
    words = AuthenticateForm.words


class ActivateAppForm(Worded, ActivateTOTPForm):
    words = {"code": (_CODE, _("The six digits that the app shows now."))}

    def clean_code(self) -> str:
        code: str = super().clean_code()
        second_factor.note_shown(context.request)
        return code


class AddPasskeyForm(Worded, passkey.AddWebAuthnForm):
    words = {
        "name": (_("Name"), _("To tell it from others, such as: phone, blue key.")),
        "passwordless": (_("Sign in with this passkey alone, without the password"), ""),
    }

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        if cleaned.get("credential") and not self.errors:
            second_factor.note_shown(context.request)
        return cleaned


class EditPasskeyForm(Worded, passkey.EditWebAuthnForm):
    words = {"name": AddPasskeyForm.words["name"]}


class NameForm(forms.Form):
    """Another pseudonym."""

    name = forms.CharField(label=_("New name"), max_length=names.MAX_LENGTH, help_text=_("3 to 30 letters, digits, dots, hyphens or underscores."))
    leads = forms.BooleanField(
        label=_("My old name leads to the new one"),
        required=False,
        initial=True,
        help_text=_("Links with your old name go on working. Either way nobody else can take it."),
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["name"].widget.attrs.update(autocomplete="username", autocapitalize="none", spellcheck="false")

    def clean_name(self) -> str:
        """Refuse what may not be chosen or is somebody else's."""
        name = names.tidy(self.cleaned_data["name"])
        names.validate(name)
        if name == self.user.username:
            raise forms.ValidationError(_("This is your name already."))
        if services.is_taken(name, besides=self.user):
            raise forms.ValidationError(_("This name is taken. Please choose another."))
        return name

    def save(self) -> bool:
        """Rename; False if somebody took the name a moment ago."""
        try:
            services.rename(user=self.user, name=self.cleaned_data["name"], leads=self.cleaned_data["leads"], now=timezone.now())
        except NameTaken:
            self.add_error("name", _("This name is taken. Please choose another."))
            return False
        return True
