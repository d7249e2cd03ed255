"""The box of every sign-up. The library makes it part of its own forms, so it stands apart from ours, which build on those."""

from django import forms
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from hunter import consents
from hunter.models import User


def _agreement() -> SafeString:
    return render_to_string("hunter/_agreement.html")


class Agreement(forms.Form):
    """The one box of every sign-up; the library makes it part of its own forms."""

    agree = forms.BooleanField(
        label=lazy(_agreement, SafeString)(), error_messages={"required": _("An account needs your agreement. Classifying as a visitor does not.")}
    )

    def signup(self, request: HttpRequest, user: User) -> None:
        """Keep which version was agreed to, and the language that the mails will have."""
        language = get_language() or ""
        user.language = language
        user.save(update_fields=["language"])
        consents.record(user=user, now=timezone.now(), language=language)
