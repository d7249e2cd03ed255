"""What a browser keeps so that the classify page opens without connection: found by reading what its templates and scripts name.

Nobody has to keep a list: a style sheet, picture or module is kept because a template of the page names it, or a script or style sheet
that is kept does.
"""

import hashlib
import posixpath
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.templatetags.static import static

WORKER = "js/worker.js"
ICONS = [("icon-192", 192, "any"), ("icon-512", 512, "any"), ("icon-maskable", 512, "maskable")]
_TEMPLATES = ("base.html", "components/*.html", "classify/*.html", "hunter/offline.html")
_NOT_OFFLINE = {"classify/index.html"}
_PACKAGES = ("django_htmx/htmx-2.min.js",)  # what {% htmx_script %} names
_NAMED = re.compile(r"""{%\s*static\s+["']([^"'{]+)["']""")
_IMPORTED = re.compile(r"""(?:\bfrom|\bimport|\bimport\(|new URL\()\s*["'](\./[\w./-]+\.js)["']""")
_LINKED = re.compile(r"""url\(["']?(?!data:)([\w./-]+)["']?\)""")


@cache
def _names() -> tuple[str, ...]:
    """Names of the static files, in order."""
    found: set[str] = set()
    waiting = {*_PACKAGES, *_named_in_templates()}
    while waiting:
        name = waiting.pop()
        path = finders.find(name)
        if path is None:
            continue
        found.add(name)
        waiting |= {other for other in _named_in_file(name, Path(path)) if other not in found}
    return tuple(sorted(found))


def _named_in_templates() -> Iterator[str]:
    folder = settings.BASE_DIR / "templates"
    for pattern in _TEMPLATES:
        for path in folder.glob(pattern):
            if str(path.relative_to(folder)) not in _NOT_OFFLINE:
                yield from _NAMED.findall(path.read_text())


def _named_in_file(name: str, path: Path) -> Iterator[str]:
    patterns = {".js": _IMPORTED, ".css": _LINKED}
    if path.suffix in patterns and not name.endswith(".min.js"):
        for other in patterns[path.suffix].findall(path.read_text()):
            yield posixpath.normpath(posixpath.join(posixpath.dirname(name), other))


def files() -> list[str]:
    """Addresses of the static files that the classify page and the page without connection need."""
    return [static(name) for name in _names()]


@cache
def version() -> str:
    """Changes with any of these files."""
    digest = hashlib.sha256()
    for name in (*_names(), WORKER):
        path = finders.find(name)
        digest.update(name.encode() + (Path(path).read_bytes() if path else b""))
    return digest.hexdigest()[:16]
