"""Matters and decisions over HTTP."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from services.provider.domain.attachments import Attachment, AttachmentState
from services.provider.domain.matter import Matter, MatterState
from services.provider.repository import MatterLine
from services.provider.schemas.tasks import TaskRead
from services.provider.service.desk import MatterView, Verdict
from services.provider.service.officers import GrantedSession
from shared.kit.text import NO_NUL, Text
from shared.regulations.enquiry import Enquiry
from shared.regulations.model import Ground
from shared.regulations.registries import FINDING_TEXTS, Finding

"""PostgreSQL knows no text with NUL in it."""


class SignIn(BaseModel):
    """Login and password of an officer."""

    model_config = ConfigDict(extra="forbid")

    login: str = Field(pattern=r"^[a-z0-9.-]{1,60}$")
    password: str = Field(min_length=1, max_length=200)
    device_token: str | None = Field(default=None, min_length=1, max_length=500)


class SessionRead(BaseModel):
    """A session; the token goes into ``Authorization: Bearer``."""

    token: str
    expires_at: datetime
    device_token: str
    """Shown at the next sign-in it says that one of this login has been here before."""

    @classmethod
    def of(cls, granted: GrantedSession) -> Self:
        """The answer to a sign-in."""
        return cls(token=granted.token, expires_at=granted.session.expires_at, device_token=granted.device_token)


class DecisionCreate(BaseModel):
    """The decision. A refusal names at least one ground of the regulation by its code."""

    model_config = ConfigDict(extra="forbid")

    decision: Literal["granted", "refused"]
    grounds: list[str] = Field(default=[], max_length=20)
    note: str | None = Field(
        default=None, max_length=2000, pattern=NO_NUL, description="For the file only; not part of the act"
    )
    reasons: str | None = Field(
        default=None,
        max_length=2000,
        pattern=NO_NUL,
        description="In the officer's words, where the text leaves the ground open; part of the act",
    )
    result: str | None = Field(
        default=None, max_length=100, description="Kind of result, if the text gives several and not the usual one"
    )

    def verdict(self) -> Verdict:
        """As the desk takes it."""
        return Verdict(self.decision, self.grounds, self.note, self.reasons, self.result)


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
    variant: str
    task: str | None
    """The task that is open."""
    due_at: datetime | None
    overdue_at: datetime | None

    @classmethod
    def of(cls, line: MatterLine) -> Self:
        """From the list."""
        return cls(**{name: getattr(line, name) for name in cls.model_fields})


class AttachmentRead(BaseModel):
    """An attachment; its content is served once it is ``stored``."""

    document: str
    name: str
    media_type: str
    size: int
    sha256: str
    state: AttachmentState
    trouble: str | None
    """Why it is still ``pending``: who keeps it, and what they say. It is asked for again and again."""

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


class EnquiryRead(BaseModel):
    """What a registry was asked about somebody, and what became of it. The extract itself, as the registry signed it,
    is at ``extract``."""

    about: str
    registry: str
    clause: str
    state: Literal["waiting", "silent", "answered"]
    attempts: int
    asked_at: datetime
    answered_at: datetime | None
    found: bool | None
    not_found_reason: str | None
    sha256: str | None
    extract: str | None
    trouble: str | None

    @classmethod
    def of(cls, enquiry: Enquiry) -> Self:
        """Without what the registry states."""
        address = f"/matters/{enquiry.matter}/extracts/{enquiry.about}" if enquiry.content else None
        return cls(
            about=enquiry.about,
            registry=enquiry.system,
            clause=enquiry.clause,
            state=enquiry.state,
            attempts=len(enquiry.asked),
            asked_at=datetime.fromisoformat(enquiry.asked[-1]["at"]),
            answered_at=enquiry.answered_at,
            found=enquiry.found,
            not_found_reason=enquiry.not_found_reason,
            sha256=enquiry.document_sha256,
            extract=address,
            trouble=enquiry.trouble,
        )


class RegistryFinding(BaseModel):
    """What the registries have against the application, for the officer to judge; a ground only where the text makes
    one of it (``proposed_grounds``)."""

    finding: Finding
    text: Text


class MatterRead(BaseModel):
    """A matter with everything an officer decides on."""

    summary: MatterSummary
    document: dict[str, Any]
    """What the applicant signed."""
    signature_report: dict[str, Any]
    attachments: list[AttachmentRead]
    tasks: list[TaskRead]
    """Open or done, in their order."""
    register_number: str | None
    submitted_at: datetime | None
    """When the recipient applied, if that was before it was registered: terms that the text counts from the application
    run from there."""
    started_at: datetime | None
    """From when its other terms are counted."""
    executor: str | None
    contract: dict[str, Any] | None
    book_entry: str | None
    awaits: dict[str, Any] | None
    """What the recipient owes, or has supplied."""
    extended: dict[str, Any] | None
    course: dict[str, Any] | None
    notices: list[dict[str, Any]]
    intake: dict[str, Any] | None
    handed_out: dict[str, Any] | None
    enquiries: list[EnquiryRead]
    """Of the state's registries, where the text has the provider ask them."""
    registry_findings: list[RegistryFinding]
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
    """Why it does not get on: a system that did not take our message about it, attachments that are missing."""
    rejected: dict[str, Any] | None
    """The message about it that another system did not take: ``message`` (its type), ``by``, ``reason``, ``report``,
    ``at``, and ``sent_again`` once it was. A decision that was not taken is sent again with the same decision."""

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
            tasks=[TaskRead.of(task) for task in view.tasks],
            register_number=matter.register_number,
            submitted_at=matter.submitted_at,
            started_at=matter.started_at,
            executor=matter.executor,
            contract=matter.contract,
            book_entry=matter.book_entry,
            awaits=matter.awaits,
            extended=matter.extended,
            course=matter.course,
            notices=matter.notices,
            intake=matter.intake,
            handed_out=matter.handed_out,
            enquiries=[EnquiryRead.of(enquiry) for enquiry in view.enquiries],
            registry_findings=[
                RegistryFinding(finding=Finding(found), text=FINDING_TEXTS[Finding(found)])
                for found in (matter.registries or {}).get("findings", ())
            ],
            review_started_at=matter.review_started_at,
            proposed_grounds=[GroundRead.model_validate(finding) for finding in matter.findings],
            possible_grounds=[GroundRead.of(ground) for ground in view.possible_grounds],
            decision=DecisionRead.of(matter),
            note=matter.note,
            returned_at=matter.returned_at,
            trouble="; ".join(filter(None, (matter.trouble, *_missing(view.attachments)))) or None,
            rejected=matter.rejected,
        )


def _missing(attachments: Iterable[Attachment]) -> Iterator[str]:
    return (f"{item.name} is missing: {item.trouble}" for item in attachments if item.missing)


class AutopilotSwitch(BaseModel):
    """On: matters are decided at once by rule. Off: they wait for an officer."""

    model_config = ConfigDict(extra="forbid")

    on: StrictBool


class OfficerPassword(BaseModel):
    """An officer of the stand and the password made for them: where, in which roles and under which regulations they
    work."""

    login: str
    password: str
    name: str
    organisation: str
    organisation_name: str
    roles: list[str]
    regulations: list[str]
