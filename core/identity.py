"""Random public names: they tell nothing about what they name."""

import secrets
import uuid

_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # no 0/o, 1/l/i: people read these aloud


def random_name(length: int = 12) -> str:
    """Return a random lower-case name without look-alike characters."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def random_number() -> int:
    """Return a random ten-digit number."""
    return secrets.randbelow(9_000_000_000) + 1_000_000_000


def random_uuid() -> uuid.UUID:
    """Return a random UUID (version 4)."""
    return uuid.uuid4()
