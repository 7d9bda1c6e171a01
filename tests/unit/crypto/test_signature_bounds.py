"""What costs by its number is counted before it is read; the work is told by what was read, not by the time."""

from collections.abc import Callable

import asn1crypto.core
import pytest
from asn1crypto import cms as asn1

from shared.crypto.cades import SET, der, sign_document
from shared.crypto.certificates import LONGEST, Certificate, InvalidCertificate
from shared.crypto.cms import MOST_ATTRIBUTES, MOST_CERTIFICATES
from shared.crypto.identity import Identity
from shared.crypto.testing import MemoryPKI
from shared.crypto.verify import verify_document

CONTENT = b"{}"
MANY = 30_000
SEQUENCE, OCTETS, CONTEXT_0 = 0x30, 0x04, 0xA0
EMPTY = der(SEQUENCE, bytes.fromhex("06022a03"), der(SET))
SIGNING_TIME = bytes.fromhex("06092a864886f70d010905")
SIGNING_CERTIFICATE = bytes.fromhex("060b2a864886f70d010910022f")
SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
EMPTY_CERTIFICATE = der(
    SEQUENCE, der(SEQUENCE, der(0x02, b"\x01"), *[der(SEQUENCE)] * 5), der(SEQUENCE), der(0x03, b"\x00")
)
KEY_IDENTIFIER = der(0x80, b"x" * 20)


class Signature:
    """A signature of a person, put together anew with other parts."""

    def __init__(self, pki: MemoryPKI, person: Identity) -> None:
        whole = sign_document(CONTENT, person.key, person.certificate, pki.chain, pki.clock.now())
        self._outer = asn1.ContentInfo.load(whole)
        self._data = self._outer["content"]
        self._signer = self._data["signer_infos"][0]
        self.certificates: bytes = self._data["certificates"].contents
        self.attributes: bytes = self._signer["signed_attrs"].contents
        self.identifier: bytes = self._signer["sid"].dump()
        self.content: bytes = self._data["encap_content_info"].dump()
        self.more_signers = b""

    def dump(self) -> bytes:
        signer, data = self._signer, self._data
        info = der(
            SEQUENCE,
            signer["version"].dump(),
            self.identifier,
            signer["digest_algorithm"].dump(),
            der(CONTEXT_0, self.attributes),
            signer["signature_algorithm"].dump(),
            signer["signature"].dump(),
        )
        signed = der(
            SEQUENCE,
            data["version"].dump(),
            data["digest_algorithms"].dump(),
            self.content,
            der(CONTEXT_0, self.certificates),
            der(SET, info, self.more_signers),
        )
        return der(SEQUENCE, self._outer["content_type"].dump(), der(CONTEXT_0, signed))


def many_attributes(signature: Signature) -> None:
    signature.attributes += EMPTY * MANY


def many_certificates(signature: Signature) -> None:
    signature.certificates = EMPTY_CERTIFICATE * MANY + signature.certificates


def many_signers(signature: Signature) -> None:
    signature.more_signers = der(SEQUENCE) * MANY


def many_signing_times(signature: Signature) -> None:
    signature.attributes = der(SEQUENCE, SIGNING_TIME, der(SET, der(0x05) * MANY))


def many_signing_certificates(signature: Signature) -> None:
    named = der(SEQUENCE, der(SEQUENCE, der(SEQUENCE) * MANY))
    signature.attributes = der(SEQUENCE, SIGNING_CERTIFICATE, der(SET, named))


def many_attributes_inside(signature: Signature) -> None:
    inner = Signature.__new__(Signature)
    inner.__dict__.update(signature.__dict__)
    many_attributes(inner)
    data = asn1.ContentInfo.load(inner.dump())["content"].untag().dump()
    signature.content = der(SEQUENCE, SIGNED_DATA, der(CONTEXT_0, data))


def many_extensions_and_a_key_identifier(signature: Signature) -> None:
    extension = der(SEQUENCE, bytes.fromhex("06022a03"), der(OCTETS, b"\x05\x00"))
    extensions = der(0xA3, der(SEQUENCE, extension * MANY))
    version = der(CONTEXT_0, der(0x02, b"\x02"))
    inside = der(SEQUENCE, version, der(0x02, b"\x01"), *[der(SEQUENCE)] * 5, extensions)
    signature.certificates = der(SEQUENCE, inside, der(SEQUENCE), der(0x03, b"\x00"))
    signature.identifier = KEY_IDENTIFIER


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """One entry for each element that is read."""
    elements: list[None] = []
    parse = asn1crypto.core._parse

    def counted(*arguments: object, **options: object) -> object:
        elements.append(None)
        return parse(*arguments, **options)

    monkeypatch.setattr(asn1crypto.core, "_parse", counted)
    return elements


@pytest.mark.parametrize(
    "change",
    [
        many_attributes,
        many_certificates,
        many_signers,
        many_signing_times,
        many_signing_certificates,
        many_attributes_inside,
        many_extensions_and_a_key_identifier,
    ],
)
def test_many_of_anything_are_refused_unread(
    pki: MemoryPKI, read: list[None], change: Callable[[Signature], None]
) -> None:
    signature = Signature(pki, pki.person())
    change(signature)
    hostile, directory, at = signature.dump(), pki.directory(), pki.clock.now()
    read.clear()
    assert not verify_document(CONTENT, hostile, directory=directory, at=at).passed
    assert len(read) < MANY / 10


@pytest.mark.parametrize(
    ("more", "passes"),
    [(MOST_CERTIFICATES - 3, True), (MOST_CERTIFICATES - 2, False)],
)
def test_so_many_certificates_and_no_more(pki: MemoryPKI, more: int, passes: bool) -> None:
    signature = Signature(pki, pki.person())  # with the signer's and those of two authorities
    signature.certificates = EMPTY_CERTIFICATE * more + signature.certificates
    verification = verify_document(CONTENT, signature.dump(), directory=pki.directory(), at=pki.clock.now())
    assert verification.passed is passes
    if not passes:
        assert "more than 100 certificates" in str(verification.report.as_dict())


def test_attributes_beyond_the_bound_are_named(pki: MemoryPKI) -> None:
    signature = Signature(pki, pki.person())
    signature.attributes += EMPTY * MOST_ATTRIBUTES
    verification = verify_document(CONTENT, signature.dump(), directory=pki.directory(), at=pki.clock.now())
    assert "more than 100 signed attributes" in str(verification.report.as_dict())


def test_signer_named_by_his_key_is_found(pki: MemoryPKI) -> None:
    person = pki.person()
    signature = Signature(pki, person)
    extensions = asn1.ContentInfo.load(signature.dump())["content"]["certificates"]
    keys = {choice.chosen.serial_number: choice.chosen.key_identifier for choice in extensions}
    signature.identifier = der(0x80, keys[person.certificate.serial_number])
    assert verify_document(CONTENT, signature.dump(), directory=pki.directory(), at=pki.clock.now()).passed


def test_certificate_of_more_than_any_has_is_not_read(pki: MemoryPKI) -> None:
    with pytest.raises(InvalidCertificate, match="at most 65536 octets"):
        Certificate.from_der(pki.person().certificate.der + b"\x00" * LONGEST)
