"""Identifiers: UUIDv7 (RFC 9562 §5.7) on the stand's time, and digests."""

import base64
import hashlib
import secrets
from uuid import UUID

from shared.kit.clock import Clock


def uuid7(clock: Clock) -> str:
    """A new UUIDv7: 48 bits of stand time in milliseconds, then 74 random bits. Sorts by time, cannot be guessed."""
    millis = int(clock.timestamp() * 1000) & ((1 << 48) - 1)
    random = secrets.randbits(74)
    value = millis << 80 | 0x7 << 76 | (random >> 62) << 64 | 0b10 << 62 | random & ((1 << 62) - 1)
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def uuid7_time(text: str) -> float | None:
    """When a UUIDv7 was made, in seconds since the Unix epoch of the stand's time; ``None`` for what is none."""
    try:
        value = UUID(text)
    except ValueError:
        return None
    return (value.int >> 80) / 1000 if value.version == 7 else None


def sha256_hex(content: bytes) -> str:
    """The SHA-256 of ``content`` in lower-case hexadecimal; names attachments and documents."""
    return hashlib.sha256(content).hexdigest()


def base64url(content: bytes) -> str:
    """``content`` in base64url without padding (RFC 4648 §5, RFC 7515 §2)."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def sha256_base64url(content: bytes) -> str:
    """The SHA-256 of ``content`` in base64url: the form of ``requestdigest`` and ``x5t#S256``."""
    return base64url(hashlib.sha256(content).digest())
