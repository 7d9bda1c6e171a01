"""What the provider takes and answers over HTTP."""

import json
from datetime import datetime
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from services.provider.domain import Attachment, AttachmentState, Matter, MatterState
from services.provider.repository import MatterLine
from services.provider.service.desk import MatterView
from shared.kit.text import Text
from shared.regulations.model import Ground


class SignIn(BaseModel):
    """Login and password of an officer."""

    model_config = ConfigDict(extra="forbid")

    login: str = Field(pattern=r"^[a-z0-9.-]{1,60}$")
    password: str = Field(min_length=1, max_length=200)


class SessionRead(BaseModel):
    """A session; the token goes into ``Authorization: Bearer``."""

    token: str
    expires_at: datetime


class DecisionCreate(BaseModel):
    """The decision. A refusal names at least one ground of the regulation by its code."""

    model_config = ConfigDict(extra="forbid")

    decision: Literal["granted", "refused"]
    grounds: list[str] = Field(default=[], max_length=20)
    note: str | None = Field(
        default=None, max_length=2000, pattern=r"^[^\x00]*$", description="For the file only; not part of the act"
    )


class MatterSummary(BaseModel):
    """A matter in the list."""

    application: str
    entry_number: str
    regulation: str
    channel: str
    state: MatterState
    registered_at: datetime
    received_at: datetime
    decided_at: datetime | None

    @classmethod
    def of(cls, line: MatterLine) -> Self:
        """From the list."""
        return cls(**{name: getattr(line, name) for name in cls.model_fields})


class MatterPage(BaseModel):
    """Newest first; ``next`` goes into ``before`` for the page after this one."""

    matters: list[MatterSummary]
    next: str | None


class AttachmentRead(BaseModel):
    """An attachment; its content is served once it is ``stored``."""

    document: str
    name: str
    media_type: str
    size: int
    sha256: str
    state: AttachmentState

    @classmethod
    def of(cls, attachment: Attachment) -> Self:
        """Without the address it was fetched from."""
        return cls(**{name: getattr(attachment, name) for name in cls.model_fields})


class GroundRead(BaseModel):
    """A ground of the regulation; ``detail`` says what was found this time."""

    code: str
    text: Text
    clause: str
    detail: Text | None = None

    @classmethod
    def of(cls, ground: Ground) -> Self:
        """As the regulation has it."""
        return cls(code=ground.code, text=ground.text, clause=ground.clause)


class ActRead(BaseModel):
    """The signed act: canonical JSON and detached CMS (base64)."""

    sha256: str
    content: str
    signature: str
    printable: str


class DecisionRead(BaseModel):
    """What was decided."""

    application: str
    state: MatterState
    decision: Literal["granted", "refused"]
    decided_at: datetime
    decided_by: str
    grounds: list[GroundRead]
    queue_number: int | None
    act: ActRead | None

    @classmethod
    def of(cls, matter: Matter) -> Self | None:
        """``None`` while there is no decision. The act is there once the queue number is."""
        if matter.decision is None:
            return None
        act = None
        if matter.act and matter.act_sha256 and matter.act_signature:
            address = f"/documents/{matter.act_sha256}/printable"
            act = ActRead(
                sha256=matter.act_sha256, content=matter.act, signature=matter.act_signature, printable=address
            )
        return cls.model_validate(
            {
                "application": matter.application,
                "state": matter.state,
                "decision": matter.decision,
                "decided_at": matter.decided_at,
                "decided_by": matter.decided_by,
                "grounds": matter.grounds,
                "queue_number": matter.queue_number,
                "act": act,
            }
        )


class MatterRead(BaseModel):
    """A matter with everything an officer decides on."""

    summary: MatterSummary
    document: dict[str, Any]
    """What the applicant signed."""
    signature_report: dict[str, Any]
    attachments: list[AttachmentRead]
    review_started_at: datetime | None
    proposed_grounds: list[GroundRead]
    """Found by rule."""
    possible_grounds: list[GroundRead]
    """Everything the regulation allows a refusal to rest on at this point."""
    decision: DecisionRead | None
    note: str | None
    returned_at: datetime | None
    """When a centre gave the result back because nobody collected it."""
    trouble: str | None

    @classmethod
    def of(cls, view: MatterView) -> Self:
        """From the desk."""
        matter = view.matter
        summary = {name: getattr(matter, name) for name in MatterSummary.model_fields}
        return cls(
            summary=MatterSummary(**summary),
            document=json.loads(matter.document),
            signature_report=matter.signature_report,
            attachments=[AttachmentRead.of(attachment) for attachment in view.attachments],
            review_started_at=matter.review_started_at,
            proposed_grounds=[GroundRead.model_validate(finding) for finding in matter.findings],
            possible_grounds=[GroundRead.of(ground) for ground in view.possible_grounds],
            decision=DecisionRead.of(matter),
            note=matter.note,
            returned_at=matter.returned_at,
            trouble=matter.trouble,
        )


class AutopilotSwitch(BaseModel):
    """On: matters are decided at once by rule. Off: they wait for an officer."""

    model_config = ConfigDict(extra="forbid")

    on: StrictBool


class OfficerPassword(BaseModel):
    """An officer of the stand and the password made for them."""

    login: str
    password: str
    organisation: str
