"""JSON from outside, of bounded size and depth."""

import io
import math
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.parsers import JSONParser

from core.problems import Problem

MAX_DEPTH = 32  # our deepest body has six levels
_LONGEST_NAME = 80

_Place = tuple[str | int, ...]  # names and numbers that lead to a value


class BoundedJSONParser(JSONParser):
    """The framework reads a body to its end however long it is, and takes deep nesting for a fault of ours; both are the client's.

    NaN and infinity are no JSON, but some clients write them; they are read only to name the field. No view and no column ever sees one.
    """

    strict = False

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise Problem(_("Nothing was stored. This address takes at most %(n)d bytes.") % {"n": limit}, title=_("Too large"), status=413)
        try:
            data = super().parse(io.BytesIO(body), media_type=media_type, parser_context=parser_context)
            _check(data)
        except RecursionError:
            raise ParseError(_("JSON parse error - nested more than %(n)d levels deep.") % {"n": MAX_DEPTH}) from None
        except UnicodeEncodeError:
            raise ParseError(_("JSON parse error - a character that does not exist.")) from None
        return data


def _check(data: Any) -> None:
    """Raise RecursionError for nesting beyond MAX_DEPTH, UnicodeEncodeError for half characters, ValidationError for what is no number.

    Goes level by level, as recursion is what it protects from.
    """
    level: list[tuple[_Place, Any]] = [((), data)]
    for _level in range(MAX_DEPTH + 1):
        below: list[tuple[_Place, Any]] = []
        for place, item in level:
            if isinstance(item, dict):
                below += [(place, key) for key in item] + [((*place, key), value) for key, value in item.items()]
            elif isinstance(item, list):
                below += [((*place, number), value) for number, value in enumerate(item)]
            else:
                _check_value(place, item)
        if not below:
            return
        level = below
    raise RecursionError


def _check_value(place: _Place, value: Any) -> None:
    if isinstance(value, str):
        value.encode()
    elif isinstance(value, float) and not math.isfinite(value):
        name = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)[:_LONGEST_NAME]
        raise ValidationError({name.removeprefix(".") or "body": [_("This must be a finite number.")]})
