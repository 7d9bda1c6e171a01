"""What all payloads have in common."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from shared.messages.systems import System

_SCHEME = "egov"
_CODES = frozenset(system.value for system in System)


class Payload(BaseModel):
    """Base of the ``data`` of every message type: frozen, no unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(3000, 1, 1, tzinfo=UTC)
"""Instants of the protocol lie from ``EARLIEST`` up to here: whatever terms are added, a calendar has them."""
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def _written(value: Any) -> Any:
    """An instant is written as RFC 3339 has it; a number would leave open of what it is the number."""
    if isinstance(value, datetime) or (isinstance(value, str) and _RFC3339.fullmatch(value)):
        return value
    raise ValueError("an instant is text as in RFC 3339, with its offset")


def _in_range(value: datetime) -> datetime:
    # Compared before it is brought to UTC, which years 1 and 9999 may not survive.
    if not EARLIEST <= value < LATEST:
        raise ValueError(f"an instant lies from {EARLIEST:%Y} up to {LATEST:%Y}")
    return value.astimezone(UTC)


Instant = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(_in_range)]
"""A moment, in UTC."""
Number = Annotated[int, Field(ge=0, le=2**31 - 1, strict=True)]
"""A number that counts something."""
Seconds = Annotated[float, Field(ge=0, le=1e11, allow_inf_nan=False)]
"""A length of time; at most some three thousand years."""
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
    size: Number
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
