"""Complaints that come signed from the portal: verified, and put before whoever they are made to."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any, cast

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

from shared.crypto.directory import CertificateDirectory
from shared.crypto.policy import SignedByIIN
from shared.crypto.report import Indication
from shared.crypto.verify import verify_document
from shared.db.states import StateKey
from shared.kit.errors import NotFound, RejectedMessage, Transient
from shared.messages.complaints import ComplaintSubmitted
from shared.messages.payload import SignedDocument
from shared.messaging.complaints import House, stated_complaints, stated_level, tell
from shared.messaging.records import Received
from shared.messaging.work import Work
from shared.regulations.complaints import AddresseeKind, Way
from shared.regulations.errors import ComplaintNotProvided
from shared.regulations.hearing import Complaint, ComplaintState
from shared.regulations.loader import Regulations


class _Complainant(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    iin: str


class _Document(BaseModel):
    """What the complainant has signed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    service: str
    level: str
    addressee: AddresseeKind
    organisation: str | None
    application: str | None
    complainant: _Complainant
    content: dict[str, Any]


class ElectronicComplaints:
    """Use case of a received complaint."""

    def __init__(self, house: House, regulations: Regulations) -> None:
        self._house = house
        self._regulations = regulations
        self._directory: CertificateDirectory | None = None

    def open(self, directory: CertificateDirectory) -> None:
        """Verify with ``directory`` from now on."""
        self._directory = directory

    def loads(self, received: Received) -> list[StateKey]:
        """The complaint that the message makes: it has the message's id."""
        return [(self._house.kind, received.message.id)]

    def receive(self, work: Work, received: Received) -> None:
        """Keep it for its addressee, and tell the portal that it is delivered.

        Raises ``RejectedMessage``: ``document``, ``document-signature`` for what the complainant has not signed so,
        ``complaint-not-provided`` where the text has no such complaint, ``unknown-organisation`` for an addressee that
        is not here; ``Transient`` if the signature could not be verified now.
        """
        signed = cast("ComplaintSubmitted", received.payload).document
        document = self._verified(work, signed, _read(signed.content))
        regulation = received.message.regulation or ""
        if document.service != regulation:
            raise RejectedMessage("document", "the document is about another service than the message")
        try:
            level = stated_level(
                stated_complaints(self._regulations, regulation), regulation, document.level, Way.PORTAL
            )
        except (NotFound, ComplaintNotProvided) as stated:
            raise RejectedMessage("complaint-not-provided", stated.detail) from stated
        if document.addressee not in level.addressees:
            raise RejectedMessage("complaint-not-provided", f"it is not made to {document.addressee.value}")
        found = self._house.organisations(document.addressee, regulation)
        named = [document.organisation] if document.organisation is not None else list(found)
        if len(named) != 1 or named[0] not in found:
            raise RejectedMessage("unknown-organisation", "no such organisation has complaints made to it here")
        complaint = Complaint(
            id=received.message.id,
            organisation=named[0],
            addressee=document.addressee.value,
            regulation=regulation,
            level=level.code,
            way=Way.PORTAL.value,
            application=document.application,
            content={**document.content, "signed": True},
            state=ComplaintState.DELIVERED.value,
            received_at=work.now,
            reference=received.message.subject,
            request_digest=received.digest,
            signed=signed.model_dump(),
        )
        complaint = complaint.moved(ComplaintState.DELIVERED, None, work.now)
        work.put(self._house.kind, complaint)
        tell(work, complaint)

    def _verified(self, work: Work, signed: SignedDocument, document: _Document) -> _Document:
        assert self._directory is not None, "complaints are opened with the platform"
        try:
            der = base64.b64decode(signed.signature, validate=True)
        except (binascii.Error, ValueError):
            raise RejectedMessage("document-signature", "the signature is no base64") from None
        policy = SignedByIIN(document.complainant.iin)
        content = signed.content.encode("utf-8", "surrogatepass")
        report = verify_document(content, der, directory=self._directory, at=work.now, policy=policy).report
        if report.indication is Indication.INDETERMINATE:
            raise Transient("the signature of the complaint could not be verified yet")
        if not report.passed:
            detail = report.failure.detail if report.failure else None
            raise RejectedMessage("document-signature", detail or "not verified", document=report.as_dict())
        return document


def _read(content: str) -> _Document:
    try:
        document = _Document.model_validate(orjson.loads(content))
        _require_texts(document.content)
    except (orjson.JSONDecodeError, ValidationError, ValueError) as error:
        raise RejectedMessage("document", f"not a complaint: {type(error).__name__}") from error
    if document.kind != "complaint":
        raise RejectedMessage("document", "the document is no complaint")
    return document


def _require_texts(content: Mapping[str, Any]) -> None:
    """What is printed and compared later is there (clause 24). Raises ``ValueError``."""
    for name in ("names", "postal_address", "written_on", "about", "reasons", "demands"):
        if not isinstance(content.get(name), str) or not content[name].strip():
            raise ValueError(f"{name} is missing")
