"""What people send from the pages: a new version of one, and a letter to the team."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hunter.pages.services import MAX_BODY, MAX_TITLE, Text


class PageForm(forms.Form):
    """A text as its editor left it. What it may be, the service says."""

    title = forms.CharField(label=_("Title"), max_length=MAX_TITLE, required=False)
    body = forms.CharField(
        label=_("Text"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 24, "maxlength": MAX_BODY, "spellcheck": "true"}),
        help_text=_("Markdown. Begin sections with ##. Pictures become links: a page of this site asks no other site for anything."),
    )
    asks_again = forms.BooleanField(
        label=_("Ask people who agreed to an earlier version again"),
        required=False,
        help_text=_("For changes that matter to people, also in the privacy notice and the contribution licence. They go on reading meanwhile."),
    )
    base = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def __init__(self, *arguments: Any, asks: bool, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if not asks:
            del self.fields["asks_again"]

    def text(self) -> Text:
        """Return what a valid form says."""
        data = self.cleaned_data
        return Text(title=data["title"], body=data["body"], base=data["base"] or 0, asks_again=data.get("asks_again", False))


class LetterForm(forms.Form):
    """A letter to the team. Nobody has to say who they are; an answer needs an address."""

    subject = forms.CharField(label=_("What it is about"), max_length=140, error_messages={"required": _("Say in a few words what it is about.")})
    body = forms.CharField(
        label=_("Your letter"),
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 10}),
        error_messages={"required": _("Write something first.")},
    )
    name = forms.CharField(label=_("Your name (optional)"), max_length=120, required=False, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = forms.EmailField(
        label=_("Your e-mail address (optional)"),
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_("Only if you want an answer. It is used for nothing else."),
        error_messages={"invalid": _("This is no e-mail address. Correct it, or leave it empty; your letter is still here.")},
    )
    # Hidden from people; programs that fill in every field give themselves away.
    website = forms.CharField(required=False, label=_("Leave this empty"), widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}))

    def clean_website(self) -> str:
        if self.cleaned_data["website"]:
            raise forms.ValidationError(_("This form was filled in as programs do it. If you are a person, send it once more; nothing was lost."))
        return ""
