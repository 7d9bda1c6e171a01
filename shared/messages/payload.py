"""What all payloads have in common."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints


class Payload(BaseModel):
    """Base of the ``data`` of every message type: frozen, no unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


Digest = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]
"""A SHA-256 in base64url."""
HexDigest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""A SHA-256 in lower-case hexadecimal."""
Identifier = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class SignedDocument(Payload):
    """An electronic document: the canonical JSON text that was signed and its detached CMS signature."""

    content: str
    """RFC 8785 JSON; its UTF-8 bytes are what was signed, and are never serialised again."""
    signature: str
    """Detached CMS (CAdES-BES), DER in base64."""


class AttachmentReference(Payload):
    """An attachment by its digest; the bytes are fetched by HTTP from ``href`` and checked against ``sha256``."""

    document: Identifier
    """Code of the document in the regulation."""
    name: str
    media_type: str
    size: int
    sha256: HexDigest
    href: str
