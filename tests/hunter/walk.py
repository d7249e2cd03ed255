"""Every address of the site, from its URL patterns, and how to fill one in."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

_PART = re.compile(r"\(\?P<(\w+)>[^()]*(?:\(\?:[^()]*\)[^()]*)*\)|<(?:\w+:)?(\w+)>")  # of a regular expression, or of a plain route


@dataclass(frozen=True)
class Address:
    """One pattern: its route as written, its name and its view."""

    route: str
    name: str
    view: Any

    def path(self, values: Mapping[Any, Any]) -> str:
        """Fill in the parameters; `values` has them by name, or by (beginning of the route, name) where a name means several things."""
        filled = _PART.sub(lambda found: str(self._value(found[1] or found[2], values)), self.route)
        return "/" + re.sub(r"\^|\$$|\\Z$", "", filled)

    def _value(self, name: str, values: Mapping[Any, Any]) -> Any:
        special = (value for key, value in values.items() if isinstance(key, tuple) and key[1] == name and self.route.startswith(key[0]))
        return next(special, None) or values[name]


def addresses(patterns: Any = None, prefix: str = "") -> Iterator[Address]:
    """Yield all patterns, included ones too."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield Address(route, pattern.name or "", pattern.callback)
