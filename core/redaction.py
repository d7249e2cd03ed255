"""Takes a person's names and addresses out of text that others keep: comments, titles, protocols, files.

`@name` and addresses always go. A bare name goes as a whole word only where it is among the `words`: the text of others shall not
lose every "galaxy" because somebody called themselves so.
"""

import html
import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote

from django.db import models, transaction
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

NOBODY = "deleted-user"  # nobody can sign up under it
NO_ADDRESS = "[removed]"
_BATCH = 200
_END = r"(?![\w@+-]|\.\w)"  # no longer name begins like this


@dataclass(frozen=True)
class Redaction:
    """What goes: names (after an @ and in addresses of pages), those of them that go as bare words, and mail addresses."""

    names: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()

    @cached_property
    def _links(self) -> list[re.Pattern[str]]:
        """Links to the person's page, in HTML."""
        return [re.compile(rf'<a\b[^>]*\bhref="/people/{_in_path(name)}/?"[^>]*>.*?</a>', re.IGNORECASE | re.DOTALL) for name in self.names]

    @cached_property
    def _patterns(self) -> list[tuple[re.Pattern[str], str]]:
        found = [
            (rf"(?<![\w.+-]){re.escape(form)}(?![\w-]|\.\w)", NO_ADDRESS)
            for address in sorted(self.addresses, key=len, reverse=True)
            for form in {address, html.escape(address), quote(address)}
        ]
        found += [(rf"(?<=/people/){_in_path(name)}{_END}", NOBODY) for name in self.names]
        found += [(rf"(?<![\w@./+-])@{re.escape(name)}{_END}", f"@{NOBODY}") for name in self.names]
        found += [(rf"(?<![\w@.+-]){re.escape(name)}{_END}", NOBODY) for name in self.words]
        return [(re.compile(pattern, re.IGNORECASE), words) for pattern, words in found]

    @cached_property
    def needles(self) -> set[str]:
        """Texts of which one must be there where anything is to go; for a first look by the database."""
        plain = {*self.words, *self.addresses, *(f"/people/{quote(name)}" for name in self.names)}
        plain |= {text for name in self.names if name not in self.words for text in (f"@{name}", f"/people/{name}")}
        return {form for text in plain for form in (text, html.escape(text), json.dumps(text)[1:-1])}

    def clean(self, text: str) -> str:
        """Return the text without them."""
        for link in self._links if "<a" in text else ():
            text = link.sub(f"@{NOBODY}", text)
        for pattern, words in self._patterns:
            text = pattern.sub(words, text)
        return text

    def clean_value(self, value: Any) -> Any:
        """Return a JSON value with every text in it cleaned, keys as they were."""
        if isinstance(value, str):
            return self.clean(value)
        if isinstance(value, list):
            return [self.clean_value(item) for item in value]
        if isinstance(value, dict):
            return {key: self.clean_value(item) for key, item in value.items()}
        return value

    def found_in(self, text: str) -> bool:
        """Tell whether anything would go."""
        return self.clean(text) != text

    def blank(self, data: bytes) -> bytes:
        """Return the bytes of a file with the words overwritten by stars, of the same length, so that it can be done in place."""
        text = data.decode("utf-8", "surrogateescape")
        for pattern, _words in self._patterns:
            text = pattern.sub(lambda found: "*" * len(found.group().encode("utf-8", "surrogateescape")), text)
        return text.encode("utf-8", "surrogateescape")


def _in_path(name: str) -> str:
    return f"(?:{re.escape(name)}|{re.escape(quote(name))})"


def rows_with(rows: QuerySet[Any], fields: Collection[str], redaction: Redaction) -> QuerySet[Any]:
    """Return the rows of which one of these text or JSON fields may hold any of the words: a first look, `clean` decides."""
    wanted = Q(pk__in=[])
    for name in fields:
        column = name
        if isinstance(rows.model._meta.get_field(name), models.JSONField):
            column = f"{name}_as_text"
            rows = rows.annotate(**{column: Cast(name, TextField())})
        for needle in redaction.needles:
            wanted |= Q(**{f"{column}__icontains": needle})
    return rows.filter(wanted)


def redact_rows(rows: QuerySet[Any], fields: Collection[str], redaction: Redaction) -> int:
    """Clean these text and JSON fields of all rows; return how many changed. Safe to repeat."""
    changed = 0
    for keys in _batches(rows_with(rows, fields, redaction)):
        with transaction.atomic():
            for row in rows.model._base_manager.select_for_update().filter(pk__in=keys).order_by("pk"):
                new = {name: redaction.clean_value(getattr(row, name)) for name in fields}
                if any(new[name] != getattr(row, name) for name in fields):
                    changed += rows.model._base_manager.filter(pk=row.pk).update(**new)
    return changed


def _batches(rows: QuerySet[Any]) -> Iterator[list[Any]]:
    keys = list(rows.order_by("pk").values_list("pk", flat=True))
    yield from (keys[at : at + _BATCH] for at in range(0, len(keys), _BATCH))
