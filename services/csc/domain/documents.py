"""What is kept of the signed request and of the provider's act."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class SignedRequest:
    """What the operator signed and was sent, kept as it left."""

    application: str
    content: str
    signature: str
    certificate: bytes
    report: dict[str, Any]
    signed_by: str
    submitted_at: datetime


@dataclass(frozen=True)
class SignedSupplement:
    """What the visitor brought afterwards, certified and sent, kept as it left."""

    notice: str
    application: str
    content: str
    signature: str
    certificate: bytes
    report: dict[str, Any]
    signed_by: str
    submitted_at: datetime


@dataclass(frozen=True)
class IssuedDocument:
    """The provider's act on an application: the result or the reasoned refusal, with the report on its signature."""

    application: str
    sha256: str
    content: str
    signature: str
    report: dict[str, Any]
    provider_bin: str
    granted: bool
    received_at: datetime
