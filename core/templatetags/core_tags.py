"""Template tags of the plumbing: how a job's progress is said, Markdown, and the language that rows were written in."""

from django import template
from django.conf import settings
from django.utils.formats import number_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from core import markdown
from core.models import Job

register = template.Library()
# States of rows, shown with {% translate row.get_state_display %}; a unit of work is marked where its job is opened.
STATES = [
    *(gettext_noop("Queued"), gettext_noop("Running"), gettext_noop("Done"), gettext_noop("Failed"), gettext_noop("Cancelled")),
    *(gettext_noop("Candidate"), gettext_noop("Live"), gettext_noop("Retired"), gettext_noop("Rejected")),
]


@register.simple_tag
def source_language() -> str:
    """Return the code of the language that the site's own rows are written in, for `lang` where they show untranslated."""
    return str(settings.LANGUAGE_CODE)


@register.filter
def markdown_entry(text: str) -> SafeString:
    """Return the safe HTML of a text that stands under a heading of level 3."""
    return mark_safe(markdown.render(text, markdown.ENTRY))  # noqa: S308  # cleaned by nh3


@register.filter
def job_title(job: Job) -> str:
    """Say what a job is about in the reader's language; a title that nobody marked for translation stays as it is."""
    text, words = job.params.get("title") or (job.title, {})
    return _(text) % words if words else _(text)


@register.filter
def job_rate(job: Job) -> str:
    """Say the rate of a running job, e.g. "3.2 steps per second"; empty when it is not known."""
    if not job.rate:
        return ""
    unit = _(job.unit) if job.unit else _("items")
    if job.rate >= 1:
        return _("%(rate)s %(unit)s per second") % {"rate": number_format(job.rate, 1), "unit": unit}
    return _("%(rate)s %(unit)s per minute") % {"rate": number_format(60 * job.rate, 1), "unit": unit}


@register.filter
def job_left(job: Job) -> str:
    """Say how long a running job will still take; empty when it is not known."""
    seconds = job.seconds_left
    if seconds is None:
        return ""
    if seconds < 90:
        return ngettext("about %(n)d second left", "about %(n)d seconds left", seconds) % {"n": seconds}
    minutes = round(seconds / 60)
    return ngettext("about %(n)d minute left", "about %(n)d minutes left", minutes) % {"n": minutes}
