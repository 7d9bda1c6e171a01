"""What somebody signs to prove that an IIN is theirs.

The portal keeps nothing of a challenge before it is used: what it has to know stands in the token, under its own code
of authentication (HMAC, RFC 2104). So nobody can use challenges up, and every replica knows those of the others.
"""

import base64
import binascii
import hashlib
import hmac
import json
import math
import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Purpose(StrEnum):
    """What a challenge is for; it serves for nothing else."""

    REGISTRATION = "registration"
    """Also of somebody registered already, who takes the account back."""
    SIGN_IN = "sign-in"


@dataclass(frozen=True)
class Challenge:
    """A challenge as it is given out: ``document`` is what is signed, ``token`` comes back with the signature."""

    token: str
    document: str
    expires_at: datetime


class Challenges:
    """Makes challenges and knows its own again."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def token(self, purpose: Purpose, iin: str, ends_s: float) -> str:
        """A new one that serves until ``ends_s`` (``Clock.elapsed_s``)."""
        content = json.dumps([purpose.value, iin, secrets.token_urlsafe(16), math.floor(ends_s)]).encode()
        return f"{_text(content)}.{_text(self._code(content))}"

    def nonce(self, token: str, purpose: Purpose, iin: str, elapsed_s: float) -> str | None:
        """What tells ``token`` from all others, if it is one of ours for this purpose and IIN and still serves."""
        head, _, tail = token.partition(".")
        content, code = _octets(head), _octets(tail)
        if content is None or code is None or not hmac.compare_digest(code, self._code(content)):
            return None
        what, whose, nonce, ends_s = json.loads(content)
        return str(nonce) if (what, whose) == (purpose, iin) and elapsed_s < ends_s else None

    def _code(self, content: bytes) -> bytes:
        return hmac.new(self._key, content, hashlib.sha256).digest()


def document(purpose: Purpose, iin: str, token: str) -> str:
    """What is signed, as text; the same whoever puts it together."""
    return json.dumps({"challenge": token, "iin": iin, "purpose": purpose.value}, separators=(",", ":"))


def _text(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def _octets(text: str) -> bytes | None:
    try:
        return base64.b64decode((text + "=" * (-len(text) % 4)).encode("ascii"), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
