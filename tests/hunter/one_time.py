"""The codes of an authenticator app (RFC 6238), computed here and not by the library under test."""

import base64
import hashlib
import hmac
import struct
import time


def code(secret: str, *, at: float | None = None) -> str:
    """Return the six digits that an app shows at a time (now by default)."""
    counter = struct.pack(">Q", int((time.time() if at is None else at) // 30))
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    start = digest[-1] & 0xF
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"
