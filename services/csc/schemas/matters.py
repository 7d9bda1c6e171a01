"""Matters of visitors."""

import base64
import json
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, StrictBool, StringConstraints

from services.csc.domain.documents import IssuedDocument
from services.csc.domain.states import Paper, State
from services.csc.repository.queries import MatterLine
from services.csc.schemas.people import ServiceId, VisitId
from services.csc.service.certification import Certified
from services.csc.service.matters import MatterView
from shared.kit.ids import sha256_hex
from shared.kit.text import Language
from shared.regulations.enquiry import Enquiry
from shared.regulations.model import Regulation

DocumentNumber = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40, pattern=r"^[^\x00-\x1f]+$")
]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ServiceSummary(BaseModel):
    """A service rendered through centres."""

    id: str
    name: str

    @classmethod
    def of(cls, regulation: Regulation, language: Language) -> Self:
        """In ``language``."""
        return cls(id=regulation.id, name=regulation.service.pick(language))


class MatterCreate(_Body):
    """The service the visitor came for."""

    service: ServiceId
    visit: VisitId | None = None
    """In the electronic queue, with which the visitor was called."""


class ConsentCreate(_Body):
    """The visitor has signed the consent on the centre's form."""

    version: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    """Of the text that was signed."""
    given_by: Literal["applicant", "representative"] = "applicant"


class PaperMarks(_Body):
    """What the operator notes of a document."""

    present: StrictBool
    compared: StrictBool = False
    """With the original."""
    returned: StrictBool = False
    """The original was given back."""


class SubmissionCreate(_Body):
    """The operator's signature; without it the request is signed at the workplace."""

    signature: Annotated[str, StringConstraints(min_length=1, max_length=100_000)] | None = None
    """Detached CMS over the bytes of the document, DER in base64."""


class HandOutCreate(_Body):
    """Who stands at the window, and by which identity document the operator knows."""

    who: Literal["applicant", "representative"]
    identity_document: DocumentNumber
    visit: VisitId | None = None
    """In the electronic queue, with which the visitor came for the result."""


class EnquiryRead(BaseModel):
    """A question to a registry. ``record`` is what the registry states, as the operator reads it."""

    about: str
    registry: str
    state: Literal["waiting", "silent", "answered"]
    asked: int
    due_at: datetime | None
    found: bool | None
    not_found_reason: str | None
    answered_at: datetime | None
    trouble: str | None
    record: dict[str, Any] | None
    sha256: str | None

    @classmethod
    def of(cls, enquiry: Enquiry) -> Self:
        """From the matter."""
        record = json.loads(enquiry.content)["record"] if enquiry.content else None
        return cls(
            about=enquiry.about,
            registry=enquiry.system,
            state=enquiry.state,
            asked=len(enquiry.asked),
            due_at=enquiry.due_at,
            found=enquiry.found,
            not_found_reason=enquiry.not_found_reason,
            answered_at=enquiry.answered_at,
            trouble=enquiry.trouble,
            record=record,
            sha256=enquiry.document_sha256,
        )


class PaperRead(BaseModel):
    """What is noted of a document."""

    document: str
    present: bool
    compared_at: datetime | None
    returned_at: datetime | None
    scan: dict[str, Any] | None

    @classmethod
    def of(cls, paper: Paper) -> Self:
        """From the matter."""
        return cls.model_validate(dict(paper))


class ConsentText(BaseModel):
    """What the visitor signs before any registry is asked."""

    version: str
    text: str
    clause: str


class MatterRead(BaseModel):
    """A matter with what is left to do. ``closing``: why it ended at the centre, e.g. the message of process 4.

    ``open_step`` is what the centre has to do and by when; ``demands`` what notices ask the visitor for.
    """

    id: str
    service: str
    state: State
    centre: str
    operator: str
    created_at: datetime
    changed_at: datetime
    form: dict[str, Any] | None
    consent: dict[str, Any] | None
    consent_text: ConsentText | None
    enquiries: list[EnquiryRead]
    documents: list[PaperRead]
    missing: list[dict[str, Any]]
    unfinished: list[dict[str, str]]
    timeline: list[dict[str, Any]]
    number: str | None
    entry_number: str | None
    ready_by: datetime | None
    decision: Literal["granted", "refused"] | None
    kept_until: datetime | None
    handing_out: dict[str, Any] | None
    closing: dict[str, Any] | None
    trouble: str | None
    channel: str
    variant: str | None
    accepted_at: datetime | None
    due_at: datetime | None
    overdue_at: datetime | None
    open_step: dict[str, Any] | None
    step_overdue: bool
    notices: list[dict[str, Any]]
    demands: list[dict[str, Any]]
    visit: str | None

    @classmethod
    def of(cls, view: MatterView, language: Language) -> Self:
        """In ``language``."""
        matter, consent = view.matter, view.channel.consent
        text = None
        if consent is not None:
            statement = consent.statement.pick(language)
            text = ConsentText(version=consent.version, text=statement, clause=consent.clause)
        shown = {
            "enquiries": [EnquiryRead.of(enquiry) for enquiry in view.enquiries],
            "documents": [PaperRead.of(paper) for paper in matter.papers],
            "consent_text": text,
            "missing": view.missing,
            "unfinished": view.unfinished,
        }
        plain = {name: getattr(matter, name) for name in cls.model_fields if name not in shown}
        return cls(**plain, **shown)


class MatterSummary(BaseModel):
    """A line of the operators' list; no personal data."""

    id: str
    service: str
    state: State
    operator: str
    created_at: datetime
    changed_at: datetime
    number: str | None
    entry_number: str | None
    kept_until: datetime | None
    due_at: datetime | None
    overdue_at: datetime | None
    open_step: dict[str, Any] | None
    """What the centre has to do, by when."""

    @classmethod
    def of(cls, line: MatterLine) -> Self:
        """From the list."""
        return cls(**{name: getattr(line, name) for name in cls.model_fields})


class SignatureRead(BaseModel):
    """The operator's signature made at the workplace."""

    signature: str
    certificate: str
    sha256: str
    """Of the signed bytes."""

    @classmethod
    def of(cls, certified: Certified) -> Self:
        """From the workplace."""
        return cls(
            signature=base64.b64encode(certified.der).decode(),
            certificate=certified.certificate.pem,
            sha256=sha256_hex(certified.content),
        )


class ResultRead(BaseModel):
    """The provider's act: what was signed, the signature, and the report on it."""

    granted: bool
    sha256: str
    content: str
    document: dict[str, Any]
    signature: str
    report: dict[str, Any]
    received_at: datetime

    @classmethod
    def of(cls, act: IssuedDocument) -> Self:
        """From the matter."""
        return cls(
            granted=act.granted,
            sha256=act.sha256,
            content=act.content,
            document=json.loads(act.content),
            signature=act.signature,
            report=act.report,
            received_at=act.received_at,
        )
