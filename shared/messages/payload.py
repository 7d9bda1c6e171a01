"""What all payloads have in common."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints

from shared.messages.systems import System

_SCHEME = "egov"
_CODES = frozenset(system.value for system in System)


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
    """An attachment by its digest; ``href`` names the system that has the bytes, which are checked against ``sha256``.

    It is no address: where that system is reached today, and that it is one of the stand's, the receiver knows itself.
    """

    document: Identifier
    """Code of the document in the regulation."""
    name: str
    media_type: str
    size: int
    sha256: HexDigest
    href: str
    """``egov://portal/attachments/<sha256>`` (RFC 3986, the authority is the code of a system)."""

    @classmethod
    def kept_by(cls, system: System, **fields: Any) -> "AttachmentReference":
        """The reference to what ``system`` keeps; ``fields`` are all others."""
        return cls(**fields, href=f"{_SCHEME}://{system.value}/attachments/{fields['sha256']}")


def keeper_of(href: str) -> System | None:
    """The system that has what ``href`` refers to; ``None`` if it names none: then whoever has the digest will do."""
    scheme, _, rest = href.partition("://")
    code = rest.partition("/")[0]
    return System(code) if scheme == _SCHEME and code in _CODES else None
