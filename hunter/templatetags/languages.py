"""The languages of the site, each in its own words (Django's tag would translate their names)."""

from django import template
from django.conf import settings

register = template.Library()


@register.simple_tag
def site_languages() -> list[tuple[str, str]]:
    """Return (code, name) of every language."""
    return list(settings.LANGUAGES)
