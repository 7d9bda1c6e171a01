"""Signatures inside PDF files."""

from io import BytesIO

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from reportlab.pdfgen.canvas import Canvas

from shared.crypto.identity import Identity
from shared.crypto.pades import PDFVerification, sign_pdf, verify_pdf
from shared.crypto.policy import SignedByIIN
from shared.crypto.report import Indication
from shared.crypto.revocation import UNREACHABLE, RevocationStatus
from shared.crypto.testing import IIN, OTHER_IIN, MemoryPKI, rsa_key
from shared.kit.clock import Clock
from shared.kit.errors import InvalidInput


@pytest.fixture(scope="module")
def pdf() -> bytes:
    """One page, uncompressed, so that a test can change a word of it."""
    output = BytesIO()
    canvas = Canvas(output, pageCompression=0)
    canvas.drawString(100, 700, "granted")
    canvas.save()
    return output.getvalue()


def sign(pki: MemoryPKI, clock: Clock, pdf: bytes, signer: Identity) -> bytes:
    return sign_pdf(pdf, signer.key, signer.certificate, pki.chain, clock.now(), "result of a public service")


def verify(
    pki: MemoryPKI, clock: Clock, pdf: bytes, signer: Identity, status: RevocationStatus | None = None, iin: str = IIN
) -> PDFVerification:
    status = status or pki.crl().status(signer.certificate, clock.now())
    return verify_pdf(pdf, anchors=pki.anchors, revocation=status, clock=clock, at=clock.now(), policy=SignedByIIN(iin))


@pytest.mark.parametrize("algorithm", ["rsa", "ec"])
def test_round_trip(pki: MemoryPKI, clock: Clock, pdf: bytes, algorithm: str) -> None:
    officer = pki.person(key=rsa_key() if algorithm == "rsa" else None)
    signed = sign(pki, clock, pdf, officer)
    assert signed.startswith(pdf)  # an incremental update leaves the original alone
    verification = verify(pki, clock, signed, officer)
    assert verification.report.passed
    assert verification.certificate == officer.certificate
    assert verification.signing_time == clock.now()


async def test_signs_inside_a_running_loop_too(pki: MemoryPKI, clock: Clock, pdf: bytes) -> None:
    officer = pki.officer()
    assert verify(pki, clock, sign(pki, clock, pdf, officer), officer).report.passed


def test_changed_word_is_noticed(pki: MemoryPKI, clock: Clock, pdf: bytes) -> None:
    officer = pki.officer()
    signed = sign(pki, clock, pdf, officer)
    assert b"granted" in signed
    failure = verify(pki, clock, signed.replace(b"granted", b"refused"), officer).report.failure
    assert failure is not None
    assert (failure.n, failure.sub_indication) == (5, "HASH_FAILURE")


def test_appended_update_is_noticed(pki: MemoryPKI, clock: Clock, pdf: bytes) -> None:
    officer = pki.officer()
    writer = IncrementalPdfFileWriter(BytesIO(sign(pki, clock, pdf, officer)))
    writer.root["/Added"] = generic.pdf_string("afterwards")
    writer.update_root()
    output = BytesIO()
    writer.write(output)
    failure = verify(pki, clock, output.getvalue(), officer).report.failure
    assert failure is not None
    assert (failure.n, failure.sub_indication) == (5, "HASH_FAILURE")


def test_unsigned_file_and_rubbish_are_format_failures(pki: MemoryPKI, clock: Clock, pdf: bytes) -> None:
    for content in (pdf, b"", b"%PDF-1.7 rubbish", b"\x00" * 100):
        failure = verify(pki, clock, content, pki.officer()).report.failure
        assert failure is not None
        assert (failure.n, failure.sub_indication) == (0, "FORMAT_FAILURE")


def test_signing_rubbish_is_refused(pki: MemoryPKI, clock: Clock) -> None:
    with pytest.raises(InvalidInput, match="not a PDF"):
        sign(pki, clock, b"rubbish", pki.officer())


def test_certificate_and_policy_are_checked(pki: MemoryPKI, clock: Clock, pdf: bytes) -> None:
    officer, expired = pki.officer(), pki.expired()
    signed = sign(pki, clock, pdf, officer)
    assert verify(pki, clock, signed, officer, UNREACHABLE).report.indication is Indication.INDETERMINATE
    for report, expected in (
        (verify(pki, clock, signed, officer, iin=OTHER_IIN).report, (6, "SIG_CONSTRAINTS_FAILURE")),
        (verify(pki, clock, sign(pki, clock, pdf, expired), expired).report, (2, "EXPIRED")),
    ):
        assert report.failure is not None
        assert (report.failure.n, report.failure.sub_indication) == expected
