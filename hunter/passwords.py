"""A password must not be made of the words that anybody would try on this site first."""

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

WORDS = (
    "asteroid", "astro", "citizen", "esa", "galaxy", "hst", "hubble", "hunter", "nasa", "password", "satellite", "science", "space",
    "star", "telescope", "trail", "volunteer", "zooniverse",
)  # fmt: skip
_MIN_REST = 4
_NOISE = re.compile(rf"{'|'.join(WORDS)}|[\W\d_]+")


class SiteWordsValidator:
    """Refuses a password of which almost nothing is left without these words, digits and signs."""

    def validate(self, password: str, user: Any = None) -> None:
        lower = password.lower()
        if any(word in lower for word in WORDS) and len(_NOISE.sub("", lower)) < _MIN_REST:
            raise ValidationError(_("This password is made of words that anybody would try first here. Add some of your own."), code="site_words")

    def get_help_text(self) -> str:
        """What the sign-up page says of it."""
        return _("Not only words such as hubble or asteroid.")
