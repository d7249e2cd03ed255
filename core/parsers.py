"""JSON from outside, of bounded size and depth."""

import io
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
            if _is_deep(data):
                raise RecursionError
        except RecursionError:
            raise ParseError(_("JSON parse error - nested more than %(n)d levels deep.") % {"n": MAX_DEPTH}) from None
        return data


def _is_deep(value: Any) -> bool:
    """Tell whether lists and objects are nested beyond MAX_DEPTH; level by level, as recursion is what this protects from."""
    level = [value]
    for _level in range(MAX_DEPTH + 1):
        level = [child for item in level if isinstance(item, dict | list) for child in (item.values() if isinstance(item, dict) else item)]
        if not level:
            return False
    return True
