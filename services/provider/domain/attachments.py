"""Attachments of applications, and the printed forms of acts."""

from dataclasses import dataclass
from enum import StrEnum


class AttachmentState(StrEnum):
    """Where an attachment stands."""

    PENDING = "pending"
    STORED = "stored"
    MISMATCH = "mismatch"
    """What was fetched is not what the signed document names."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """One attachment of an application; ``sha256`` stands in the signed document."""

    key: str
    application: str
    document: str
    name: str
    media_type: str
    size: int
    sha256: str
    href: str
    state: str = AttachmentState.PENDING.value


@dataclass(frozen=True, slots=True)
class Printable:
    """The printed form of an act in one language, rendered once and kept."""

    key: str
    pdf: bytes
