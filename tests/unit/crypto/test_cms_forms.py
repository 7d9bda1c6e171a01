"""Signatures in the forms that signing tools write: PEM, PSS, longer digests, BER, both versions of the attribute."""

import base64
import hashlib
import shutil
import subprocess
import textwrap
from collections.abc import Sequence
from pathlib import Path

import pytest
from asn1crypto import algos, core, tsp
from asn1crypto import cms as asn1
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from shared.crypto.cades import raw_signature, sign_document
from shared.crypto.cms import decode_signature
from shared.crypto.identity import Identity
from shared.crypto.report import ValidationReport
from shared.crypto.testing import MemoryPKI, rsa_key
from shared.crypto.verify import verify_document
from shared.kit.clock import Clock
from shared.kit.errors import InvalidInput

CONTENT = '{"kind":"application","қ":1}'.encode()
openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")


def report_on(pki: MemoryPKI, der: bytes, content: bytes = CONTENT) -> ValidationReport:
    return verify_document(content, der, directory=pki.directory(), at=pki.clock.now()).report


def refusal(report: ValidationReport) -> tuple[int, str | None, str]:
    failure = report.failure
    assert failure is not None
    return failure.n, failure.sub_indication, failure.detail or ""


@pytest.fixture
def pki(clock: Clock) -> MemoryPKI:
    """By the machine's time, which is OpenSSL's."""
    clock.resume()
    return MemoryPKI(clock)


def by_openssl(pki: MemoryPKI, person: Identity, folder: Path, *options: str, form: str = "DER") -> bytes:
    """What ``openssl cms -sign`` makes of the content, by the machine's time."""
    (folder / "document").write_bytes(CONTENT)
    (folder / "person.pem").write_text(person.certificate.pem)
    key = person.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "person.key").write_bytes(key)
    (folder / "chain.pem").write_text("".join(link.pem for link in pki.chain))
    command = ["openssl", "cms", "-sign", "-binary", "-in", "document", "-signer", "person.pem", "-inkey", "person.key"]
    command += ["-outform", form, "-out", "signature", *options]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return (folder / "signature").read_bytes()


@openssl
class TestByOpenSSL:
    PSS = ("-keyopt", "rsa_padding_mode:pss")

    @pytest.mark.parametrize("digest", ["sha256", "sha384", "sha512"])
    @pytest.mark.parametrize("kind", ["rsa", "pss", "p256", "p384"])
    def test_every_strong_algorithm(self, pki: MemoryPKI, tmp_path: Path, digest: str, kind: str) -> None:
        keys = {"rsa": rsa_key(), "pss": rsa_key(), "p256": None, "p384": ec.generate_private_key(ec.SECP384R1())}
        person = pki.person(key=keys[kind])
        padding = self.PSS if kind == "pss" else ()
        assert report_on(pki, by_openssl(pki, person, tmp_path, "-cades", "-md", digest, *padding)).passed

    def test_salt_of_another_length(self, pki: MemoryPKI, tmp_path: Path) -> None:
        person = pki.person(key=rsa_key())
        der = by_openssl(pki, person, tmp_path, "-cades", "-md", "sha256", *self.PSS, "-keyopt", "rsa_pss_saltlen:20")
        assert report_on(pki, der).passed
        assert refusal(report_on(pki, der, CONTENT + b" "))[:2] == (5, "HASH_FAILURE")

    def test_mask_with_a_weak_digest(self, pki: MemoryPKI, tmp_path: Path) -> None:
        options = ("-cades", "-md", "sha256", *self.PSS, "-keyopt", "rsa_mgf1_md:sha1")
        der = by_openssl(pki, pki.person(key=rsa_key()), tmp_path, *options)
        assert refusal(report_on(pki, der))[:2] == (5, "SIG_CRYPTO_FAILURE")

    @pytest.mark.parametrize("digest", ["sha1", "md5", "sha224"])
    def test_weak_digest(self, pki: MemoryPKI, tmp_path: Path, digest: str) -> None:
        der = by_openssl(pki, pki.person(key=rsa_key()), tmp_path, "-md", digest)
        n, sub_indication, detail = refusal(report_on(pki, der))
        assert (n, sub_indication) == (5, "CRYPTO_CONSTRAINTS_FAILURE")
        assert digest in detail

    def test_without_the_attribute_that_names_the_certificate(self, pki: MemoryPKI, tmp_path: Path) -> None:
        der = by_openssl(pki, pki.person(), tmp_path, "-md", "sha256")
        assert "signing-certificate" in refusal(report_on(pki, der))[2]

    def test_without_signed_attributes(self, pki: MemoryPKI, tmp_path: Path) -> None:
        der = by_openssl(pki, pki.person(), tmp_path, "-md", "sha256", "-noattr")
        assert refusal(report_on(pki, der))[:2] == (0, "FORMAT_FAILURE")

    def test_attached_content_is_refused_even_if_it_is_the_document(self, pki: MemoryPKI, tmp_path: Path) -> None:
        der = by_openssl(pki, pki.person(), tmp_path, "-cades", "-md", "sha256", "-nodetach")
        assert "detached" in refusal(report_on(pki, der))[2]

    def test_two_signers_are_refused(self, pki: MemoryPKI, tmp_path: Path) -> None:
        other = tmp_path / "other"
        other.mkdir()
        by_openssl(pki, pki.person(), other, "-cades", "-md", "sha256")
        second = ("-signer", str(other / "person.pem"), "-inkey", str(other / "person.key"))
        der = by_openssl(pki, pki.person(), tmp_path, "-cades", "-md", "sha256", *second)
        assert "one signer" in refusal(report_on(pki, der))[2]

    def test_embedded_chain(self, pki: MemoryPKI, tmp_path: Path) -> None:
        der = by_openssl(pki, pki.person(), tmp_path, "-cades", "-md", "sha256", "-certfile", "chain.pem")
        assert report_on(pki, der).passed

    def test_signer_named_by_key(self, pki: MemoryPKI, tmp_path: Path) -> None:
        assert report_on(pki, by_openssl(pki, pki.person(), tmp_path, "-cades", "-md", "sha256", "-keyid")).passed

    def test_lengths_that_are_not_said_beforehand(self, pki: MemoryPKI, tmp_path: Path) -> None:
        """BER, as programs write it that do not know beforehand how long it gets."""
        der = by_openssl(pki, pki.person(), tmp_path, "-cades", "-md", "sha256")
        outer = asn1.ContentInfo.load(der)
        inner = outer["content"]
        ends = b"\x00\x00"
        signed = b"\x30\x80" + inner.contents + ends
        ber = b"\x30\x80" + outer["content_type"].dump() + b"\xa0\x80" + signed + ends + ends
        assert report_on(pki, ber).passed
        assert refusal(report_on(pki, ber[:-2]))[:2] == (0, "FORMAT_FAILURE")

    def test_openssl_streaming_packs_the_document_as_well(self, pki: MemoryPKI, tmp_path: Path) -> None:
        der = by_openssl(pki, pki.person(), tmp_path, "-cades", "-md", "sha256", "-stream")
        assert "detached" in refusal(report_on(pki, der))[2]

    def test_pem_as_it_is_written(self, pki: MemoryPKI, tmp_path: Path) -> None:
        pem = by_openssl(pki, pki.person(), tmp_path, "-cades", "-md", "sha256", form="PEM").decode()
        assert "BEGIN CMS" in pem
        assert report_on(pki, decode_signature(pem)).passed

    def test_smime_is_refused_and_told_what_to_do(self, pki: MemoryPKI, tmp_path: Path) -> None:
        mail = by_openssl(pki, pki.person(), tmp_path, "-cades", "-md", "sha256", form="SMIME").decode()
        with pytest.raises(InvalidInput) as refused:
            decode_signature(mail)
        assert "S/MIME" in refused.value.members["faults"][0]["message"]


class TestText:
    def test_lines_labels_and_ends(self) -> None:
        der = bytes(range(256))
        encoded = base64.b64encode(der).decode()
        wrapped = "\r\n".join(textwrap.wrap(encoded, 64))
        texts = [encoded, wrapped, f"  {wrapped}\n"]
        labels = ("CMS", "PKCS7", "PKCS #7 SIGNED DATA")
        texts += [f"\n-----BEGIN {label}-----\n{wrapped}\n-----END {label}-----\n" for label in labels]
        assert {decode_signature(text) for text in texts} == {der}

    @pytest.mark.parametrize(
        "text",
        [
            "-----BEGIN CMS-----\nAAAA\n-----END PKCS7-----",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
            "-----BEGIN CMS-----\nAAAA\n",
            "-----BEGIN CMS-----\nAAA\n-----END CMS-----",
            "two-----BEGIN CMS-----\nAAAA\n-----END CMS-----",
        ],
    )
    def test_other_armour_is_refused(self, text: str) -> None:
        with pytest.raises(InvalidInput):
            decode_signature(text)


class TestAttributes:
    def made(self, pki: MemoryPKI, person: Identity, attributes: Sequence[dict[str, object]]) -> bytes:
        """A signature of the content with these attributes beside the two that must be there."""
        always = [
            {"type": "content_type", "values": ["data"]},
            {"type": "message_digest", "values": [hashlib.sha256(CONTENT).digest()]},
        ]
        signed = asn1.CMSAttributes([*always, *attributes])
        parsed = asn1.ContentInfo.load(sign_document(CONTENT, person.key, person.certificate, (), pki.clock.now()))
        info = parsed["content"]["signer_infos"][0]
        info["signed_attrs"] = signed
        info["signature"] = raw_signature(person.key, signed.dump(force=True), "sha256")
        return bytes(parsed.dump(force=True))

    def by_v1(self, certificate: bytes) -> dict[str, object]:
        identifier = tsp.ESSCertID({"cert_hash": hashlib.sha1(certificate).digest()})
        return {"type": "signing_certificate", "values": [tsp.SigningCertificate({"certs": [identifier]})]}

    def at(self, clock: Clock) -> dict[str, object]:
        return {"type": "signing_time", "values": [asn1.Time({"utc_time": core.UTCTime(clock.now())})]}

    def test_version_1_names_the_certificate_too(self, pki: MemoryPKI) -> None:
        person = pki.person()
        good = self.made(pki, person, [self.at(pki.clock), self.by_v1(person.certificate.der)])
        assert report_on(pki, good).passed
        bad = self.made(pki, person, [self.at(pki.clock), self.by_v1(pki.person().certificate.der)])
        assert refusal(report_on(pki, bad))[:2] == (5, "SIG_CONSTRAINTS_FAILURE")

    def test_two_that_contradict_each_other(self, pki: MemoryPKI) -> None:
        person = pki.person()
        v1 = [self.by_v1(person.certificate.der), self.by_v1(pki.person().certificate.der)]
        assert refusal(report_on(pki, self.made(pki, person, [self.at(pki.clock), *v1])))[0] == 5

    def test_no_signing_time_or_two(self, pki: MemoryPKI) -> None:
        person = pki.person()
        named = self.by_v1(person.certificate.der)
        for times in ([], [self.at(pki.clock)] * 2):
            n, sub_indication, detail = refusal(report_on(pki, self.made(pki, person, [*times, named])))
            assert (n, sub_indication) == (5, "SIG_CONSTRAINTS_FAILURE")
            assert "when it was made" in detail

    def test_unsigned_attributes_travel_along(self, pki: MemoryPKI) -> None:
        parsed = asn1.ContentInfo.load(
            sign_document(CONTENT, (person := pki.person()).key, person.certificate, (), pki.clock.now())
        )
        countersignature = {"type": "1.2.3.4", "values": [core.OctetString(b"whatever")]}
        parsed["content"]["signer_infos"][0]["unsigned_attrs"] = asn1.CMSAttributes([countersignature])
        assert report_on(pki, parsed.dump(force=True)).passed

    def test_algorithm_nobody_knows(self, pki: MemoryPKI) -> None:
        person = pki.person()
        parsed = asn1.ContentInfo.load(sign_document(CONTENT, person.key, person.certificate, (), pki.clock.now()))
        national = algos.SignedDigestAlgorithm({"algorithm": "1.2.398.3.10.1.1.2.3.2"})
        parsed["content"]["signer_infos"][0]["signature_algorithm"] = national
        assert refusal(report_on(pki, parsed.dump(force=True)))[:2] == (5, "CRYPTO_CONSTRAINTS_FAILURE")
