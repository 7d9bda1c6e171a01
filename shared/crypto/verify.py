"""Verification of messages, documents and certificates: a numbered procedure, ended by the first step not passed.

    0 format        the signature is there and has the form of the protocol
    1 chain         the certificate is known, chains to the anchor of the stand, and is strong and understood
    2 validity      it is valid at the time
    3 revocation    it is not revoked
    4 key usage     its key may be used for this
    5 signature     the signature is of exactly these bytes by this key; a document's says when, at a time that can be
    6 policy        the signer may say this (sender, type and receiver; IIN of the request = IIN of the certificate)
    7 freshness     neither stale nor seen before

Bytes are verified first and parsed after. What a step could not find out is indeterminate (TRY_LATER), never failed.
Steps 1–4 and 6 are shared with documents (``verify_document``) and with the portal's check of a citizen's certificate.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import Any

from shared.crypto import cms
from shared.crypto.certificates import Certificate, KeyUsageName
from shared.crypto.constraints import certificate_fault, signing_time_fault, usage_fault
from shared.crypto.directory import CertificateDirectory
from shared.crypto.jws import InvalidSignatureFormat, read_header, verify_detached
from shared.crypto.policy import Policy, SignedByCertificate, SignedByIIN
from shared.crypto.report import Check, SubIndication, ValidationReport, failed, indeterminate
from shared.crypto.revocation import RevocationState, RevocationStatus
from shared.crypto.trust import TrustAnchors

Freshness = Callable[[Mapping[str, Any]], Check]

# Steps that passed look the same every time; the hot path does not make them anew.
_CHAIN, _VALIDITY, _REVOCATION = Check(1, "chain"), Check(2, "validity"), Check(3, "revocation")
_KEY_USAGE, _SIGNATURE = Check(4, "key usage"), Check(5, "signature")


@dataclass(frozen=True, slots=True)
class MessageVerification:
    """The report on a message, and what is known of its signature. Trust the header only if the report passed."""

    report: ValidationReport
    certificate: Certificate | None = None
    header: Mapping[str, Any] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether the message may be taken."""
        return self.report.passed


def verify_message(
    payload: bytes,
    jws: str | None,
    *,
    directory: CertificateDirectory,
    at: datetime,
    policy: Policy,
    freshness: Freshness,
) -> MessageVerification:
    """Verify the signature ``jws`` (record header) over the record value ``payload`` at stand time ``at``.

    ``policy`` is step 6 and gets the certificate, ``freshness`` is step 7 and gets the verified protected header. Call
    ``directory.ensure`` with the certificates of the batch before. Never raises for anything a sender can send.
    """
    if jws is None:
        return _unreadable("the message has no signature")
    try:
        header = read_header(jws)
    except InvalidSignatureFormat as error:
        return _unreadable(error.detail)
    certificate = directory.lookup(header["x5t#S256"])
    if certificate is None:
        return MessageVerification(
            ValidationReport((_unknown_certificate(directory, header["x5t#S256"]),)), None, header
        )

    def steps() -> Iterator[Check]:
        yield check_chain(certificate, directory.anchors, at)
        yield check_validity(certificate, at)
        yield check_revocation(directory.revocation(certificate, at))
        yield check_key_usage(certificate, "digital_signature")
        yield check_signature(payload, jws, certificate)
        yield policy(certificate)
        yield freshness(header)

    return MessageVerification(ValidationReport.of(steps()), certificate, header)


def verify_person_certificate(
    certificate: Certificate, *, anchors: TrustAnchors, revocation: RevocationStatus, at: datetime, iin: str
) -> ValidationReport:
    """Check a citizen's signing certificate before anything is signed: steps 1–4, and 6: its IIN is ``iin``.

    These are the portal's conditions on a registration certificate: its term, the list of revoked ones, and that the
    IIN of the request is the IIN of the certificate. ``revocation`` comes from ``AuthorityClient.revocation``.
    """

    steps = certificate_steps(certificate, anchors, revocation, at)
    return ValidationReport.of(chain(steps, (SignedByIIN(iin)(certificate),)))


@dataclass(frozen=True, slots=True)
class DocumentVerification:
    """The report on a document's signature; the certificate if the signature was readable, and the claimed time."""

    report: ValidationReport
    certificate: Certificate | None = None
    signing_time: datetime | None = None

    @property
    def passed(self) -> bool:
        """Whether the document is proven to be this signer's."""
        return self.report.passed


def verify_document(
    content: bytes,
    signature_der: bytes,
    certificate_expected: Certificate | None = None,
    *,
    directory: CertificateDirectory,
    at: datetime,
    policy: Policy | None = None,
    revocation: RevocationStatus | None = None,
) -> DocumentVerification:
    """Verify a detached CMS signature (CAdES-BES) over exactly the bytes ``content`` at stand time ``at``.

    Steps 0–6; step 6 is that the signer is ``certificate_expected``, if given, and then ``policy``, if given. The
    revocation status is the given one or what the directory's list says. Never raises for anything a sender can send.
    """
    try:
        signature = cms.read_signature(signature_der)
    except cms.InvalidDocumentSignature as error:
        return DocumentVerification(_unreadable(error.detail).report)
    signer = signature.certificate

    def steps() -> Iterator[Check]:
        yield from certificate_steps(signer, directory.anchors, revocation or directory.revocation(signer, at), at)
        yield check_document_signature(content, signature)
        yield from check_signing_time(signing_time_fault(signature.signing_time, signer, directory.clock, at))
        if certificate_expected is not None:
            yield SignedByCertificate(certificate_expected)(signer)
        if policy is not None:
            yield policy(signer)

    return DocumentVerification(ValidationReport.of(steps()), signer, signature.signing_time)


def certificate_steps(
    certificate: Certificate,
    anchors: TrustAnchors | None,
    revocation: RevocationStatus,
    at: datetime,
    usage: KeyUsageName = "content_commitment",
) -> Iterator[Check]:
    """Steps 1–4 for the certificate of somebody who signs, documents unless ``usage`` says otherwise."""
    yield check_chain(certificate, anchors, at)
    yield check_validity(certificate, at)
    yield check_revocation(revocation)
    yield check_key_usage(certificate, usage)


def check_chain(certificate: Certificate, anchors: TrustAnchors | None, at: datetime) -> Check:
    """Step 1: the certificate chains to the anchor of the stand, its key and digest are strong, and all it says is
    understood."""
    if anchors is None:
        return indeterminate(1, "chain", "the stand's certificate authority has not been reached yet")
    fault = anchors.chain_fault(certificate, at) or certificate_fault(certificate)
    return _CHAIN if fault is None else failed(1, "chain", *fault)


def check_validity(certificate: Certificate, at: datetime) -> Check:
    """Step 2: ``at`` is within the validity of the certificate, bounds included."""
    if at < certificate.not_before:
        detail = f"valid from {certificate.not_before.isoformat()}"
        return failed(2, "validity", SubIndication.NOT_YET_VALID, detail)
    if at > certificate.not_after:
        return failed(2, "validity", SubIndication.EXPIRED, f"valid until {certificate.not_after.isoformat()}")
    return _VALIDITY


def check_revocation(status: RevocationStatus) -> Check:
    """Step 3: a source says that the certificate is not revoked."""
    if status.state is RevocationState.GOOD:
        return _REVOCATION
    if status.state is RevocationState.REVOKED:
        moment = status.revoked_at.isoformat() if status.revoked_at else "an unknown moment"
        detail = f"revoked at {moment}, reason: {status.reason or 'unspecified'}"
        return failed(3, "revocation", SubIndication.REVOKED, detail)
    if status.state is RevocationState.UNKNOWN:
        return indeterminate(3, "revocation", "the authority does not know this certificate")
    return indeterminate(3, "revocation", "no revocation source could be reached")


def check_key_usage(certificate: Certificate, usage: KeyUsageName) -> Check:
    """Step 4: the certificate is not an authority's and allows ``usage``, also by the purposes it states."""
    if certificate.is_ca:
        return failed(
            4, "key usage", SubIndication.CHAIN_CONSTRAINTS_FAILURE, "an authority's certificate signs nothing else"
        )
    detail = usage_fault(certificate, usage)
    if detail is not None:
        return failed(4, "key usage", SubIndication.CHAIN_CONSTRAINTS_FAILURE, detail)
    return _KEY_USAGE


def check_signature(payload: bytes, jws: str, certificate: Certificate) -> Check:
    """Step 5: ``jws`` is the signature of exactly ``payload`` by the certificate's key."""
    if verify_detached(payload, jws, certificate):
        return _SIGNATURE
    detail = "the signature does not fit these bytes and this certificate"
    return failed(5, "signature", SubIndication.SIG_CRYPTO_FAILURE, detail)


def check_document_signature(content: bytes, signature: cms.DocumentSignature) -> Check:
    """Step 5 for documents: ``signature`` is of exactly ``content``, by its certificate, and names that certificate."""
    try:
        fault = signature.fault(content)
    except Exception as error:  # noqa: BLE001 - asn1crypto reads lazily: rubbish deep inside shows only now
        fault = SubIndication.FORMAT_FAILURE, f"unreadable signature: {error}"
    return _SIGNATURE if fault is None else failed(5, "signature", *fault)


def check_signing_time(fault: cms.Fault | None) -> Iterator[Check]:
    """Part of step 5 for documents: nothing, or why the signature cannot have been made when it says."""
    if fault is not None:
        yield failed(5, "signing time", *fault)


def _unknown_certificate(directory: CertificateDirectory, thumbprint: str) -> Check:
    if directory.denied(thumbprint):
        detail = "the authority of the stand never issued a certificate with this thumbprint"
        return failed(1, "chain", SubIndication.NO_CERTIFICATE_CHAIN_FOUND, detail)
    return indeterminate(1, "chain", "the authority could not be asked for the certificate")


def _unreadable(detail: str | None) -> MessageVerification:
    check = failed(0, "format", SubIndication.FORMAT_FAILURE, detail or "the signature is unreadable")
    return MessageVerification(ValidationReport((check,)))
