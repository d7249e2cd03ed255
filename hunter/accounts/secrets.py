"""Seals what must be readable again (the seeds of authenticator apps) with a key made of the site's secret."""

import base64
import hashlib

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


def seal(text: str) -> str:
    """Return the text sealed, so that a copy of the database alone gives nobody the codes."""
    return _box().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """Return what was sealed, also under an earlier secret of SECRET_KEY_FALLBACKS. Raises cryptography.fernet.InvalidToken."""
    return _box().decrypt(sealed.encode()).decode()


def _box() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(hashlib.sha256(f"hunter.second-factor:{key}".encode()).digest())) for key in keys])
