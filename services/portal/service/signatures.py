"""Signatures: a recipient's is read and its certificate checked; the portal's own stands for a one-time password."""

import base64
from dataclasses import dataclass
from typing import Any

from services.portal.errors import SignatureMismatch, SignatureNotConfirmed
from services.portal.service.context import Context
from shared.crypto.cades import sign_document
from shared.crypto.certificates import Certificate
from shared.crypto.cms import DocumentSignature, decode_signature, read_signature
from shared.crypto.constraints import handing_over_fault
from shared.crypto.policy import SignedByCertificate
from shared.crypto.report import Indication, ValidationReport
from shared.crypto.verify import check_document_signature, check_signing_time, verify_person_certificate
from shared.kit.clock import Clock
from shared.kit.errors import Unavailable
from shared.messages.payload import SignedDocument
from shared.messaging.platform import Platform


@dataclass(frozen=True)
class Certified:
    """A document with a signature over exactly its bytes (DER), the signer's certificate, and the report on it."""

    content: bytes
    der: bytes
    certificate: Certificate
    report: dict[str, Any]

    @property
    def document(self) -> SignedDocument:
        """As it goes into a message."""
        return SignedDocument(content=self.content.decode(), signature=base64.b64encode(self.der).decode())


@dataclass(frozen=True)
class Signed:
    """Bytes with the signature somebody put under them."""

    content: bytes
    der: bytes
    signature: DocumentSignature
    certificate: Certificate
    """The chosen registration certificate."""


class Signatures:
    """What a recipient has signed: read, and the certificate checked as condition 2 has it."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def check_certificate(self, certificate: Certificate, iin: str) -> ValidationReport:
        """Term, revocation, and that the IIN of the request is the IIN of the certificate. Raises ``Unavailable`` if
        that could not be found out."""
        anchors = await self._context.ready_to_sign()
        revocation = await self._context.platform.authority.revocation(certificate)
        at = self._context.clock.now()
        report = verify_person_certificate(certificate, anchors=anchors, revocation=revocation, at=at, iin=iin)
        if report.indication is Indication.INDETERMINATE:
            raise Unavailable("the certificate could not be checked now; try again", report=report.as_dict())
        return report

    async def certified(self, signed: Signed, iin: str) -> Certified:
        """What is signed, once everything about the signature is proven. Raises ``SignatureNotConfirmed``,
        ``SignatureMismatch``, ``Unavailable``."""
        report = await self.check_certificate(signed.certificate, iin)
        if report.indication is Indication.FAILED:
            raise SignatureNotConfirmed(
                "the certificate does not pass; nothing was sent and nothing has changed", report=report.as_dict()
            )
        check_signature(signed, self._context.clock)
        return Certified(signed.content, signed.der, signed.certificate, report.as_dict())


def sign_as_portal(platform: Platform, content: bytes) -> Certified:
    """The portal's own signature: it vouches that the recipient has given the one-time password the document names.

    Raises ``Unavailable`` while the authority's certificates are not known.
    """
    anchors, identity = platform.directory.anchors, platform.identity
    if anchors is None:
        raise Unavailable("the certificate authority does not answer; nothing was sent")
    der = sign_document(content, identity.key, identity.certificate, anchors.chain, platform.clock.now())
    report = {"signed_by": platform.system.value, "certificate": identity.certificate.thumbprint}
    return Certified(content, der, identity.certificate, report)


def read_signed(content: bytes, signature: str, certificate: str | None) -> Signed:
    """The signature over ``content``; the certificate is the one inside if none is given. Raises ``InvalidInput``."""
    der = decode_signature(signature)
    read = read_signature(der)
    chosen = Certificate.parse(certificate) if certificate is not None else read.certificate
    return Signed(content, der, read, chosen)


def check_signature(signed: Signed, clock: Clock) -> None:
    """Raise ``SignatureMismatch`` unless the signature is over exactly these bytes, by the chosen certificate, and was
    made lately."""
    signer = signed.signature.certificate
    checks = (
        check_document_signature(signed.content, signed.signature),
        *check_signing_time(handing_over_fault(signed.signature.signing_time, signer, clock)),
        SignedByCertificate(signed.certificate)(signer),
    )
    report = ValidationReport.of(checks)
    if not report.passed:
        reason = report.failure.detail if report.failure else ""
        raise SignatureMismatch(f"the signature is not taken: {reason}", report=report.as_dict())
