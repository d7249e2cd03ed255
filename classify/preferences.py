"""The shape of what a volunteer has set for the pages: how images look, and which tutorials were seen. Pure."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from classify.steps import BadField

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")
_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,79}\Z")
_VERSION = re.compile(r"\d{1,5}\.\d{1,5}\Z")
_TEXT = 60


def _is_setting(name: Any, value: Any) -> bool:
    """Whether it is a name and a plain value."""
    plain = value is None or isinstance(value, bool | int | float) or (isinstance(value, str) and len(value) <= _TEXT)
    return isinstance(name, str) and _NAME.match(name) is not None and plain


def _is_tutorial(name: Any, value: Any) -> bool:
    """Whether it is the slug of a workflow and a version like 1.0."""
    return isinstance(name, str) and _SLUG.match(name) is not None and isinstance(value, str) and _VERSION.match(value) is not None


_KNOWN: dict[str, Callable[[Any, Any], bool]] = {"viewer": _is_setting, "tutorials": _is_tutorial}


def filled(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the first's entries, with the second's where the first has none."""
    return {name: {**second.get(name, {}), **first.get(name, {})} for name in _KNOWN}


def check(change: Any) -> None:
    """Raise BadField, which names what cannot be stored."""
    if not isinstance(change, dict):
        raise BadField("preferences", _("This must be an object."))
    for name, entries in change.items():
        _check(str(name), entries)


def _check(name: str, entries: Any) -> None:
    if name not in _KNOWN:
        raise BadField(name[:_TEXT], _("There is no such setting."))
    if not isinstance(entries, dict):
        raise BadField(name, _("This must be an object."))
    for key, value in entries.items():
        if not _KNOWN[name](key, value):
            raise BadField(f"{name}.{str(key)[:_TEXT]}", _("This cannot be stored here."))
