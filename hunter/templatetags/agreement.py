"""Whether the banner that asks people to agree to the terms stands on a page."""

from django import template

from hunter import consents

register = template.Library()


@register.simple_tag(takes_context=True)
def asked_to_agree(context: template.Context) -> consents.Asked | None:
    """Return what the reader is asked to agree to; None for everybody else, who cost no query."""
    return consents.outstanding(context.get("user"))
