"""What people send from Talk's pages. The pages draw the fields themselves; what a text may be, the services say."""

import csv
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from talk.idlists import COLUMN, Entry, NoColumn, read_csv, read_list
from talk.services import MAX_COLLECTION_TITLE, MAX_DESCRIPTION, MAX_TITLE, MIN_TITLE

_MAX_FILE_BYTES = 1_000_000


class CommentForm(forms.Form):
    """A comment in Markdown. The hidden request id makes sending twice store once."""

    body = forms.CharField(error_messages={"required": _("Write something first.")})
    request_id = forms.UUIDField(required=False)
    reply_to = forms.IntegerField(required=False)


class DiscussionForm(CommentForm):
    """A new discussion: its title and first comment."""

    title = forms.CharField(label=_("Title"), min_length=MIN_TITLE, max_length=MAX_TITLE)


class TagForm(forms.Form):
    """One tag for a subject."""

    tag = forms.CharField(max_length=80)


class SourceForm(forms.Form):
    """Which subjects go into a collection: a typed list, a file, or those of a tag; one of the three."""

    sources: tuple[str, ...] = ("ids", "file", "tag")
    one_only = _("Choose one of the three: a list, a file or a tag. Nothing was stored.")
    read_file = staticmethod(read_csv)

    ids = forms.CharField(
        label=_("A list of subjects"),
        required=False,
        help_text=_("Numbers such as S1234567890 or addresses of subjects, between spaces, commas or on lines of their own."),
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "autocomplete": "off"}),
    )
    file = forms.FileField(
        label=_("Or a CSV file"), required=False, help_text=_("With a column subject_id; at most 1 MB. The export of a collection is such a file."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,text/csv"}),
    )  # fmt: skip
    tag = forms.CharField(
        label=_("Or all subjects with a tag"), required=False, max_length=80,
        help_text=_("As they are now; what is tagged later does not follow."),
        widget=forms.TextInput(attrs={"placeholder": "#satellite", "autocapitalize": "none", "autocomplete": "off"}),
    )  # fmt: skip

    def clean_file(self) -> list[Entry] | None:
        """The entries of the file."""
        sent = self.cleaned_data["file"]
        if sent is None:
            return None
        if sent.size > _MAX_FILE_BYTES:
            raise forms.ValidationError(gettext("The file is larger than 1 MB. Nothing was stored."))
        try:
            return self.read_file(sent.read().decode())
        except NoColumn:
            raise forms.ValidationError(gettext("The file has no column %(column)s. Nothing was stored.") % {"column": COLUMN}) from None
        except (UnicodeDecodeError, csv.Error):
            raise forms.ValidationError(gettext("The file is no CSV file in UTF-8. Nothing was stored.")) from None

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if sum(data.get(name) not in (None, "") for name in self.sources) > 1:
            raise forms.ValidationError(self.one_only)
        return data

    @property
    def entries(self) -> list[Entry] | None:
        """What a list or file names; None where neither was sent."""
        data = self.cleaned_data
        return data["file"] if data.get("file") is not None else read_list(data["ids"]) if data.get("ids") else None


class AboutForm(forms.Form):
    """What its owner says about a collection."""

    title = forms.CharField(label=_("Title"), max_length=MAX_COLLECTION_TITLE)
    description = forms.CharField(
        label=_("Description"), required=False, max_length=MAX_DESCRIPTION, help_text=_("Markdown works."), widget=forms.Textarea(attrs={"rows": 4})
    )
    public = forms.BooleanField(label=_("Public: everybody may see it, with your name"), required=False)


class CollectionForm(AboutForm, SourceForm):
    """A new collection."""

    field_order = ("title", "description", "public", "ids", "file", "tag")
