"""Signatures inside PDF files: PAdES B-B by pyHanko, without any network (ETSI EN 319 142-1).

Costs 10 ms and more; never on the path of a message.
"""

import asyncio
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers.pdf_cms import Signer
from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata, PdfSigner, PdfSigningSession
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator.registry import SimpleCertificateStore

from shared.crypto import cms
from shared.crypto.certificates import Certificate
from shared.crypto.constraints import signing_time_fault
from shared.crypto.identity import PrivateKey
from shared.crypto.policy import Policy
from shared.crypto.report import Check, SubIndication, ValidationReport, failed
from shared.crypto.revocation import RevocationStatus
from shared.crypto.trust import TrustAnchors
from shared.crypto.verify import certificate_steps, check_signing_time
from shared.kit.clock import Clock
from shared.kit.errors import InvalidInput


class _KeySigner(Signer):
    """A pyHanko signer around a key that is already loaded."""

    def __init__(self, key: PrivateKey, certificate: Certificate, chain: Sequence[Certificate]) -> None:
        store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        store.register_multiple([cms.asn1_certificate(link.der) for link in chain])
        super().__init__(signing_cert=cms.asn1_certificate(certificate.der), cert_registry=store)
        self._key = key

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:  # noqa: ARG002
        """Sign ``data``; a dry run, which only measures sizes, signs as well."""
        return cms.raw_signature(self._key, data, digest_algorithm)


class _DatedSigner(PdfSigner):
    """A PDF signer that dates by the stand's clock instead of the machine's."""

    def __init__(self, metadata: PdfSignatureMetadata, signer: _KeySigner, at: datetime) -> None:
        super().__init__(metadata, signer)
        self._at = at

    def init_signing_session(self, *args: Any, **kwargs: Any) -> PdfSigningSession:
        session = super().init_signing_session(*args, **kwargs)
        session.system_time = self._at
        return session


def sign_pdf(
    pdf: bytes,
    key: PrivateKey,
    certificate: Certificate,
    chain: Sequence[Certificate],
    at: datetime,
    reason: str,
    *,
    field_name: str = "Signature1",
) -> bytes:
    """``pdf`` with an invisible PAdES signature appended as an incremental update, dated ``at`` (stand time).

    Raises ``InvalidInput`` if ``pdf`` is not a PDF file. Takes 20 ms: call it in a thread when a loop runs.
    """
    metadata = PdfSignatureMetadata(
        field_name=field_name, reason=reason, md_algorithm=cms.DIGEST, subfilter=SigSeedSubFilter.PADES
    )
    signer = _DatedSigner(metadata, _KeySigner(key, certificate, chain), at)
    try:
        writer = IncrementalPdfFileWriter(BytesIO(pdf))
    except Exception as error:  # pyHanko's reader fails on rubbish with errors of many types
        raise InvalidInput(f"not a PDF file: {error}") from error
    # pyHanko wants an event loop for the sake of remote keys. A thread of its own has one, wherever we are.
    with ThreadPoolExecutor(max_workers=1) as thread:
        output: BytesIO = thread.submit(lambda: asyncio.run(signer.async_sign_pdf(writer))).result()
    return output.getvalue()


@dataclass(frozen=True, slots=True)
class PDFVerification:
    """The report on a PDF file's signature; the signer's certificate and the claimed time if it was readable."""

    report: ValidationReport
    certificate: Certificate | None = None
    signing_time: datetime | None = None


def verify_pdf(
    pdf: bytes,
    *,
    anchors: TrustAnchors,
    revocation: RevocationStatus,
    clock: Clock,
    at: datetime,
    policy: Policy | None = None,
) -> PDFVerification:
    """Verify the last signature of ``pdf``: it must cover the whole file, byte by byte.

    Same steps as ``verify.verify_document``. A file without a signature, or with bytes appended after it, fails.
    """
    try:
        embedded = PdfFileReader(BytesIO(pdf)).embedded_signatures[-1]
        signature = cms.read_signed_data(embedded.signed_data)
        coverage = embedded.evaluate_signature_coverage()
        digest_fault = _integrity_fault(embedded, signature, coverage)
        claimed = embedded.self_reported_timestamp
    except Exception as error:  # noqa: BLE001 - as above
        reason = "the file has no signature" if isinstance(error, IndexError) else f"not a signed PDF file: {error}"
        return PDFVerification(ValidationReport((failed(0, "format", SubIndication.FORMAT_FAILURE, reason),)))

    def steps() -> Iterator[Check]:
        yield from certificate_steps(signature.certificate, anchors, revocation, at)
        yield Check(5, "signature") if digest_fault is None else failed(5, "signature", *digest_fault)
        yield from check_signing_time(signing_time_fault(claimed, signature.certificate, clock, at))
        if policy is not None:
            yield policy(signature.certificate)

    return PDFVerification(ValidationReport.of(steps()), signature.certificate, claimed)


def _integrity_fault(
    embedded: EmbeddedPdfSignature, signature: cms.DocumentSignature, coverage: SignatureCoverageLevel
) -> cms.Fault | None:
    fault = signature.digest_fault(embedded.compute_digest())
    if fault is None and coverage is not SignatureCoverageLevel.ENTIRE_FILE:
        return SubIndication.HASH_FAILURE, "something was added to the file after it was signed"
    return fault
