"""What people send from Talk's pages. The pages draw the fields themselves; what a text may be, the services say."""

from django import forms
from django.utils.translation import gettext_lazy as _

from talk.services import MAX_TITLE, MIN_TITLE


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
