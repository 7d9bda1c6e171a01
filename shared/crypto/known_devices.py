"""Devices from which somebody has signed in before («device cookies» of the OWASP Cheat Sheet Series, "Slow Down Online
Guessing Attacks with Device Cookies").

Nothing is kept of a device: what has to be known stands in its token, under a code of authentication (HMAC, RFC 2104).
So nobody can fill a table with them, and every replica knows those of the others. The token opens nothing: whoever has
it still needs the password, and has a count of failures of their own.
"""

import base64
import binascii
import hashlib
import hmac
import json
import math
import secrets


class KnownDevices:
    """Makes tokens of devices and knows its own again."""

    def __init__(self, key: bytes) -> None:
        """``key``: which only this system has, all replicas of it the same."""
        self._key = key

    def token(self, subject: str, credential: str, ends_s: float, *, name: str | None = None) -> str:
        """A token for who has just signed in as ``subject``. It serves until ``ends_s`` (``Clock.elapsed_s``), and for
        as long as ``credential``, what is kept of the password, is the same. ``name``: of a device known already."""
        content = json.dumps([name or secrets.token_urlsafe(16), math.floor(ends_s)]).encode()
        return f"{_text(content)}.{_text(self._code(content, subject, credential))}"

    def name(self, token: str | None, subject: str, credential: str | None, elapsed_s: float) -> str | None:
        """By what the device is counted, if ``token`` is ours, for this subject and credential, and still serves."""
        head, _, tail = (token or "").partition(".")
        content, code = _octets(head), _octets(tail)
        if not content or code is None or credential is None:
            return None
        if not hmac.compare_digest(code, self._code(content, subject, credential)):
            return None
        name, ends_s = json.loads(content)
        return str(name) if elapsed_s < ends_s else None

    def _code(self, content: bytes, subject: str, credential: str) -> bytes:
        bound = json.dumps([content.decode("latin-1"), subject, credential]).encode()
        return hmac.new(self._key, bound, hashlib.sha256).digest()


def _text(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def _octets(text: str) -> bytes | None:
    try:
        return base64.b64decode((text + "=" * (-len(text) % 4)).encode("ascii"), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
