"""Template filters of Talk."""

from typing import Any

from django import template
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def author_name(volunteer: Any) -> str:
    """Return the name under which somebody wrote: the account's, else the credit name, else what is left of them."""
    if volunteer is None or volunteer.is_nobody:
        return _("deleted user")
    if volunteer.user_id is not None:
        return str(volunteer.user.get_username())
    return volunteer.credit_name or _("Volunteer %(id)s") % {"id": volunteer.public_id}


@register.filter
def credits(thumbnails: Any) -> str:
    """Return the different credits of pictures as one line."""
    return ", ".join(sorted({picture.credit for picture in thumbnails if picture and picture.credit}))
