"""No text escapes translation: every page, for everybody, in a language whose texts all stand in brackets."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from tests.hunter import pseudo, site, walk

pytestmark = pytest.mark.django_db

# What the sample is called: accounts, observations, models, hashes, devices, and what people wrote.
OWN = re.compile(
    r"(?x)\b(?:author|user\d+|volunteer|moderator|scientist|model-operator|model|admin)(?:@example\.org)?\b"
    r"|\bj\d{5}(?:010)?\b|\bACS(?:/WFC)?\b|\bWFC3?\b|\bF606W\b|\bCLEAR2L\b|\bFILTER\d\b|\bANY\b|\bSCI,1\b|\bdrc\b"
    r"|trailnet-[\w-]+|\b[0-9a-f]{8,}\b|\#?\basteroid\b|\#satellite\b"
    r"|A\ question|Long\ trails|:\ classify\b|What\ is\ this\?|A\ long\b|^\s*A\s*$|\btrail\."
    r"|/data/\w+\.fits|unreleased\+\w+|^(?:default|ml)$"  # of the machine: a path, a version, queues
    # Keys as programs know them, of a training set and of an API key; a page in the language that was asked for by name.
    r"|\b(?:val|test|train)\ (?:yes|no)\b|\b(?:read|classify|talk|team):\ |About\ the\ project"
)


@pytest.fixture
def speaking(tmp_path: Path) -> Iterator[None]:
    """The site in that language."""
    with pseudo.spoken(tmp_path):
        yield


def test_every_page_speaks_the_readers_language_alone(speaking: None) -> None:
    values = site.build()
    pseudo.write_rows()
    found: dict[str, set[str]] = {}
    seen = 0
    for role, client in site.clients().items():
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = pseudo.CODE
        for path in pages(values):
            seen += collect(client, path, role, found)
    assert seen > 300
    assert found == {}


def pages(values: dict[object, object]) -> list[str]:
    """The addresses of pages: not those of the Django admin, of programs, or of files."""
    routes = ("admin/", "api/", "px/", "static/", "metrics", "healthz")
    return sorted({address.path(values) for address in walk.addresses() if not address.route.startswith(routes)})


def collect(client: Client, path: str, role: str, found: dict[str, set[str]]) -> int:
    """Note what a page says outside brackets; 1 if there was a page to read."""
    answer = client.get(path)
    if not answer.headers.get("Content-Type", "").startswith("text/html") or answer.streaming:
        return 0
    for piece in pseudo.escaped(pseudo.said(answer.content.decode()), OWN):
        found.setdefault(piece[:160], set()).add(f"{role} {path}")
    return 1
