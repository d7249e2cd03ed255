"""JSON from outside, of bounded size and depth."""

import io
import math
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from core.problems import Problem

MAX_DEPTH = 32  # our deepest body has six levels


class BoundedJSONParser(JSONParser):
    """The framework reads a body to its end however long it is, and takes deep nesting for a fault of ours; both are the client's."""

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
        except (UnicodeEncodeError, OverflowError):
            raise ParseError(_("JSON parse error - a number or a character that does not exist.")) from None
        return data


def _check(data: Any) -> None:
    """Raise RecursionError for nesting beyond MAX_DEPTH, UnicodeEncodeError for half characters, OverflowError for endless numbers.

    Goes level by level, as recursion is what it protects from.
    """
    level = [data]
    for _level in range(MAX_DEPTH + 1):
        below: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                below += [*item.keys(), *item.values()]
            elif isinstance(item, list):
                below += item
            else:
                _check_value(item)
        if not below:
            return
        level = below
    raise RecursionError


def _check_value(value: Any) -> None:
    if isinstance(value, str):
        value.encode()
    elif isinstance(value, float) and math.isinf(value):
        raise OverflowError
