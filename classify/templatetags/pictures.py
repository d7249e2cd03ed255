"""Where a picture of a tutorial or the field guide lies."""

from django import template

from classify.models import FieldGuide
from classify.pictures import entry_picture, picture_of

register = template.Library()


@register.filter
def picture(image: str) -> str:
    """Return the address of the picture that a page names; empty for none."""
    found = picture_of(image)
    return found.url if found else ""


@register.filter
def guide_picture(entry: FieldGuide) -> str:
    """Return the address of the picture of an entry: the team's, else that of the software; empty for none."""
    found = entry_picture(entry.slug, entry.image_key, entry.title)
    return found.url if found else ""
