"""Where a picture of a tutorial or the field guide lies: with the software, or uploaded by the team."""

from django import template
from django.templatetags.static import static
from django.urls import NoReverseMatch

from archive.selectors import image_url

register = template.Library()


@register.filter
def picture(key: str) -> str:
    """Return the address of a picture: `img/...` names a file of the software, anything else the key of an upload. Empty for neither."""
    try:
        return static(key) if key.startswith("img/") else image_url(key)
    except (NoReverseMatch, ValueError):  # a row from another version of the software names what is not here
        return ""
