"""Compiles locale/<language>/LC_MESSAGES/django.po into what Django reads. Babel does it, so no system needs the gettext tools.

Needs no settings: the tests compile before Django is set up.
"""

import hashlib
import os
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

SOURCES = Path(__file__).resolve().parent.parent / "locale"
PART = Path("LC_MESSAGES") / "django.po"


def catalogue_files() -> dict[str, Path]:
    """{language: its .po file}, for every language that the program comes in besides the one it is written in."""
    return {path.parent.parent.name: path for path in sorted(SOURCES.glob(f"*/{PART}"))}


def read(path: Path) -> Catalog:
    """Return a .po file's messages; its language is the name of its folder. A syntax error raises PoFileError."""
    with path.open("rb") as source:
        return read_po(source, locale=path.parent.parent.name, domain="django", abort_invalid=True)


def compile_messages(target: Path) -> list[str]:
    """Write `target`/<language>/LC_MESSAGES/django.mo where the .po is another than it was made of; return those languages.

    Each file appears whole or not at all, so that processes which start meanwhile read the old one or the new one.
    """
    done = []
    for language, path in catalogue_files().items():
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        compiled = (target / language / PART).with_suffix(".mo")
        stamp = compiled.with_suffix(".sha256")
        if compiled.exists() and stamp.exists() and stamp.read_text() == digest:
            continue
        compiled.parent.mkdir(parents=True, exist_ok=True)
        _replace(compiled, _compiled(read(path)))
        _replace(stamp, digest.encode())
        done.append(language)
    return done


def _compiled(catalogue: Catalog) -> bytes:
    out = BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def _replace(path: Path, content: bytes) -> None:
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.write_bytes(content)
    part.replace(path)
