"""Attachments of applications, and the printed forms of acts."""

from dataclasses import dataclass
from enum import StrEnum

SUPPLEMENT = "supplement-"
"""How the last part of the key begins of what the recipient supplied afterwards."""


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
    trouble: str | None = None
    """Why it could not be fetched, time and again: who keeps it, and what they say."""

    @property
    def missing(self) -> bool:
        """Whether whoever keeps it does not give it."""
        return self.state == AttachmentState.PENDING and self.trouble is not None

    @property
    def on_its_way(self) -> bool:
        """Whether it will be here in a moment, as far as anybody knows."""
        return self.state == AttachmentState.PENDING and self.trouble is None

    @property
    def supplement(self) -> bool:
        """Whether it came after the application."""
        return self.key.rpartition("/")[2].startswith(SUPPLEMENT)


@dataclass(frozen=True, slots=True)
class Printable:
    """The printed form of an act in one language, rendered once and kept."""

    key: str
    pdf: bytes
