"""Which names people may choose. A name is public, stands in addresses (`/people/<name>/`) and is called by `@name`."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

MIN_LENGTH, MAX_LENGTH = 3, 30
RESERVED = frozenset({
    "admin", "administrator", "anonymous", "anyone", "deleted", "deleteduser", "demo", "everyone", "hubble", "hunter", "me", "moderation",
    "moderator", "moderators", "modelops", "nobody", "official", "operator", "root", "science", "scientist", "scientists", "staff", "superuser",
    "support", "system", "team", "theteam", "user", "visitor", "volunteer", "webmaster",
})  # fmt: skip
_SHAPE = re.compile(r"[^\W_](?:[\w.-]*\w)?")
_LOOKALIKE = str.maketrans("01", "oi")
_NEVER_MIXED = {"LATIN", "CYRILLIC", "GREEK"}  # their letters look alike: nobody poses as another with a Cyrillic a


def tidy(name: str) -> str:
    """Return the name in its one form (NFKC), so that what looks the same is the same."""
    return unicodedata.normalize("NFKC", name).strip()


def skeleton(name: str) -> str:
    """Return what is left of a name without case, separators and accents, and with digits read as the letters they look like."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(sign for sign in plain if sign.isalnum()).translate(_LOOKALIKE).replace("l", "i")


def validate(name: str) -> None:
    """Raise ValidationError with what is wrong with a name."""
    if not MIN_LENGTH <= len(name) <= MAX_LENGTH:
        raise ValidationError(_("A name has 3 to 30 letters."), code="length")
    if name != unicodedata.normalize("NFKC", name) or not _SHAPE.fullmatch(name):
        raise ValidationError(
            _("A name is made of letters, digits, dots, hyphens and underscores, without spaces; it begins with a letter or digit.")
        )
    if len({unicodedata.name(sign, "").partition(" ")[0] for sign in name} & _NEVER_MIXED) > 1:
        raise ValidationError(_("Please write the name in one alphabet, so that it cannot be taken for another."), code="mixed")
    if skeleton(name) in _RESERVED_SKELETONS:
        raise ValidationError(_("This name is kept for the team. Please choose another."), code="reserved")


_RESERVED_SKELETONS = frozenset(skeleton(name) for name in RESERVED)
VALIDATORS = [validate]
