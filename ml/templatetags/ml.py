"""Template filters of the room: the classes of what is found, in words."""

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

register = template.Library()

CLASSES = {
    "asteroid": gettext_noop("asteroid"),
    "satellite": gettext_noop("satellite"),
    "arc": gettext_noop("arc"),
    "baseline": gettext_noop("line filter without learning"),
}


@register.filter
def class_name(klass: str) -> str:
    """Return the name of a class in the reader's language; one that is not known here stays as it is."""
    return _(CLASSES[klass]) if klass in CLASSES else klass
