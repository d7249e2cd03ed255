"""Reads settings from the environment and fails loudly when one is missing or wrong.

`KNOBS` lists every name that was asked for; a test compares it with `docs/reference/settings.md`.
"""

import os
import stat
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

KNOBS: dict[str, str] = {}
_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}
_LONGEST_SECRET = 100_000  # bytes of a file with a secret; a path to something else is a mistake
_MIN_KEY_LENGTH, _MIN_KEY_LETTERS = 50, 10


def text(name: str, default: str | None = None, *, why: str = "") -> str:
    """Return the variable, or the default; without a default the variable is required."""
    KNOBS[name] = why
    value = os.environ.get(name)
    if value is None or value == "":
        if default is None:
            raise ImproperlyConfigured(f"{name} is not set. {why} Set it in the environment, or start the site with ./run.")
        return default
    return value


def secret(name: str, default: str | None = None, *, why: str = "") -> str:
    """Return a variable that is nobody else's business: from NAME itself, or from the file that NAME_FILE names.

    The file must be readable for its owner only: what others can read is no secret any more.
    """
    path = text(f"{name}_FILE", "")
    if not path:
        return text(name, default, why=why)
    KNOBS[name] = why
    if os.environ.get(name):
        raise ImproperlyConfigured(f"Both {name} and {name}_FILE are set. Keep one of them, so that it is clear which one counts.")
    return _from_private_file(name, Path(path))


def _from_private_file(name: str, path: Path) -> str:
    try:
        with path.open("rb") as file:
            status, content = os.fstat(file.fileno()), file.read(_LONGEST_SECRET + 1)
        value = content.decode().strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{name}_FILE names {path}, which cannot be read ({error.strerror}).") from None
    except UnicodeDecodeError:
        raise ImproperlyConfigured(f"{name}_FILE names {path}, which is no text.") from None
    if stat.S_IMODE(status.st_mode) & 0o077:
        raise ImproperlyConfigured(
            f"{name}_FILE names {path}, which others than its owner can read (mode {stat.S_IMODE(status.st_mode):04o})."
            f" Run: chmod 600 {path}. If others may have read it, put a new secret in."
        )
    if not value or len(content) > _LONGEST_SECRET:
        raise ImproperlyConfigured(f"{name}_FILE names {path}, which is {'no secret: it is too long' if value else 'empty'}.")
    return value


def check_key(name: str, value: str) -> None:
    """Refuse a signing key that could be guessed; with it anybody could sign in as anybody."""
    if len(value) < _MIN_KEY_LENGTH or len(set(value)) < _MIN_KEY_LETTERS or value.startswith("django-insecure-"):
        raise ImproperlyConfigured(
            f"{name} is too weak for a public site: at least {_MIN_KEY_LENGTH} random characters are needed."
            ' Make one with: python3 -c "import secrets; print(secrets.token_urlsafe(50))"'
        )


def flag(name: str, default: bool = False) -> bool:
    """Return a yes/no variable; anything but 1/0, true/false, yes/no, on/off is refused."""
    value = text(name, "1" if default else "0").strip().lower()
    if value in _TRUE:
        return True
    if value in _FALSE:
        return False
    raise ImproperlyConfigured(f"{name}={value!r} is neither yes nor no: use 1 or 0.")


def integer(name: str, default: int, *, minimum: int = 0) -> int:
    """Return a whole number of at least `minimum`."""
    value = text(name, str(default))
    try:
        number = int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name}={value!r} is not a whole number.") from None
    if number < minimum:
        raise ImproperlyConfigured(f"{name}={number} is below {minimum}.")
    return number


def words(name: str, default: str = "") -> list[str]:
    """Return a comma-separated list without blanks."""
    return split(text(name, default))


def split(value: str) -> list[str]:
    """Return the parts of a comma-separated list, without blanks."""
    return [word.strip() for word in value.split(",") if word.strip()]
