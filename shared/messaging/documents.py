"""Electronic documents inside messages: opened only once their signature is proven."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.crypto.certificates import Certificate
from shared.crypto.directory import CertificateDirectory
from shared.crypto.policy import Policy, refused
from shared.crypto.report import Check, Indication, ValidationReport
from shared.crypto.verify import verify_document
from shared.kit.errors import RejectedMessage, Transient
from shared.kit.ids import sha256_hex
from shared.messages.payload import SignedDocument
from shared.regulations.issuers import Issuers

_MAY = Check(6, "policy")


@dataclass(frozen=True)
class OpenedDocument:
    """A document whose signature is proven: what it says, by whom, and the report."""

    fields: Mapping[str, Any]
    sha256: str
    signer: Certificate
    signer_bin: str
    """The organisation the signer acts for."""
    report: ValidationReport


def open_document(
    signed: SignedDocument, *, directory: CertificateDirectory, at: datetime, policy: Policy | None = None
) -> OpenedDocument:
    """Verify and read a document signed for an organisation.

    Raises ``RejectedMessage`` (``document-signature``, ``document``), ``Transient`` if the signature could not be
    verified now.
    """
    content = signed.content.encode("utf-8", "surrogatepass")
    try:
        signature = base64.b64decode(signed.signature, validate=True)
    except (binascii.Error, ValueError):
        raise RejectedMessage("document-signature", "the signature is no base64") from None
    verification = verify_document(content, signature, directory=directory, at=at, policy=policy)
    report, signer = verification.report, verification.certificate
    if report.indication is Indication.INDETERMINATE:
        raise Transient("the signature of the document could not be verified yet")
    if not report.passed or signer is None or signer.bin is None:
        detail = report.failure.detail if report.failure else "the signer acts for no organisation"
        raise RejectedMessage("document-signature", detail, document=report.as_dict())
    return OpenedDocument(_parsed(signed.content), sha256_hex(content), signer, signer.bin, report)


@dataclass(frozen=True, slots=True)
class IssuesActs:
    """Step 6 of the verification of an act: the signer is a person who acts for an organisation that renders the
    service. A system's key signs messages, never acts."""

    issuers: Issuers
    regulation: str

    def __call__(self, certificate: Certificate) -> Check:
        """Whether this signer may."""
        if certificate.system is not None or certificate.iin is None or certificate.bin is None:
            return refused("an act is signed by an authorised person of an organisation, and by nobody else")
        if not self.issuers.may_issue(certificate.bin, self.regulation):
            return refused(f"the organisation {certificate.bin} issues no acts on {self.regulation}")
        return _MAY


def open_act(
    signed: SignedDocument,
    application: str,
    regulation: str,
    *,
    issuers: Issuers,
    directory: CertificateDirectory,
    at: datetime,
) -> OpenedDocument:
    """Open the provider's act on ``application``: it must be about it and its service, and signed by a person of the
    organisation it names, which is one that renders the service.

    Raises as ``open_document``.
    """
    opened = open_document(signed, directory=directory, at=at, policy=IssuesActs(issuers, regulation))
    provider = opened.fields.get("provider")
    named = provider.get("bin") if isinstance(provider, Mapping) else None
    if opened.fields.get("application") != application or named != opened.signer_bin:
        raise RejectedMessage("document", "the act is about another application or of another provider")
    if opened.fields.get("service", regulation) != regulation:
        raise RejectedMessage("document", "the act is about another service")
    return opened


def _parsed(content: str) -> Mapping[str, Any]:
    try:
        document = json.loads(content)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise RejectedMessage("document", "the document is no JSON object")
    return document
