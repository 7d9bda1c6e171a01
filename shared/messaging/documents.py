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
from shared.crypto.policy import Policy
from shared.crypto.report import Indication, ValidationReport
from shared.crypto.verify import verify_document
from shared.kit.errors import RejectedMessage, Transient
from shared.kit.ids import sha256_hex
from shared.messages.payload import SignedDocument


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


def open_act(
    signed: SignedDocument, application: str, *, directory: CertificateDirectory, at: datetime
) -> OpenedDocument:
    """Open the provider's act on ``application``: it must be about it, and of the organisation whose person signed.

    Raises as ``open_document``.
    """
    opened = open_document(signed, directory=directory, at=at)
    provider = opened.fields.get("provider")
    named = provider.get("bin") if isinstance(provider, Mapping) else None
    if opened.fields.get("application") != application or named != opened.signer_bin:
        raise RejectedMessage("document", "the act is about another application or of another provider")
    return opened


def _parsed(content: str) -> Mapping[str, Any]:
    try:
        document = json.loads(content)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise RejectedMessage("document", "the document is no JSON object")
    return document
