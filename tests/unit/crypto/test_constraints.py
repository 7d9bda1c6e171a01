"""Weak, ambiguous or incomprehensible certificates and impossible signing times are refused, each with its reason."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID as Purpose
from cryptography.x509.oid import NameOID

from shared.crypto.cades import sign_document
from shared.crypto.certificates import SYSTEM_URN, Certificate, InvalidCertificate
from shared.crypto.constraints import certificate_fault, handing_over_fault, signing_time_fault
from shared.crypto.identity import Identity, new_ec_key
from shared.crypto.issuance import Subject
from shared.crypto.jws import sign_detached
from shared.crypto.policy import SignedBySystem
from shared.crypto.report import Check, ValidationReport
from shared.crypto.testing import MemoryPKI
from shared.crypto.verify import check_key_usage, verify_document, verify_message, verify_person_certificate
from shared.kit.clock import Clock

Change = Callable[[x509.CertificateBuilder], x509.CertificateBuilder]
CONTENT = b"{}"


def certified(pki: MemoryPKI, change: Change, *, subject: x509.Name | None = None, usage: str = "signing") -> Identity:
    """A certificate of the authority that differs from its usual ones."""
    usual = pki.person() if usage == "signing" else pki.system("portal")
    loaded, now = usual.certificate.loaded, pki.clock.now()
    builder = x509.CertificateBuilder().subject_name(subject or loaded.subject).issuer_name(loaded.issuer)
    builder = builder.public_key(usual.key.public_key()).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    for extension in loaded.extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    signed = change(builder).sign(pki.authority.issuing.key, hashes.SHA256())
    certificate = Certificate.from_der(signed.public_bytes(Encoding.DER))
    pki.certificates.append(certificate)
    return Identity(usual.key, certificate)


def unknown_extension(critical: bool) -> Change:
    value = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4.5"), b"\x05\x00")
    return lambda builder: builder.add_extension(value, critical=critical)


def named(*values: tuple[x509.ObjectIdentifier, str]) -> x509.Name:
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in values])


TWO_IINS = named((NameOID.SERIAL_NUMBER, "IIN900101300017"), (NameOID.SERIAL_NUMBER, "IIN850615400026"))
TWO_BINS = named(
    (NameOID.ORGANIZATIONAL_UNIT_NAME, "BIN990140000011"), (NameOID.ORGANIZATIONAL_UNIT_NAME, "BIN990140000022")
)


def report_on(pki: MemoryPKI, identity: Identity) -> ValidationReport:
    """What the verification of a document says."""
    at = pki.clock.now()
    der = sign_document(CONTENT, identity.key, identity.certificate, pki.chain, at)
    return verify_document(CONTENT, der, directory=pki.directory(), at=at).report


def refusal(report: ValidationReport) -> tuple[int, str | None, str]:
    failure = report.failure
    assert failure is not None
    return failure.n, failure.sub_indication, failure.detail or ""


class TestCertificates:
    @pytest.mark.parametrize(
        ("key", "words"),
        [
            (rsa.generate_private_key(public_exponent=65537, key_size=1024), "1024 bits"),
            (ec.generate_private_key(ec.SECP192R1()), "secp192r1"),
            (ec.generate_private_key(ec.SECP256K1()), "secp256k1"),
        ],
    )
    def test_weak_key(self, pki: MemoryPKI, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, words: str) -> None:
        n, sub_indication, detail = refusal(report_on(pki, pki.person(key=key)))
        assert (n, sub_indication) == (1, "CRYPTO_CONSTRAINTS_FAILURE")
        assert words in detail

    @pytest.mark.parametrize("curve", [ec.SECP384R1(), ec.SECP521R1()])
    def test_strong_curves_pass(self, pki: MemoryPKI, curve: ec.EllipticCurve) -> None:
        assert report_on(pki, pki.person(key=ec.generate_private_key(curve))).passed

    @pytest.mark.parametrize("algorithm", ["sha1_ecdsa", "sha224_ecdsa"])
    def test_weak_digest(self, pki: MemoryPKI, algorithm: str) -> None:
        """The libraries here sign no certificate so any more: the name of the algorithm is changed."""
        parsed = asn1.Certificate.load(pki.person().certificate.der)
        parsed["tbs_certificate"]["signature"] = parsed["signature_algorithm"] = {"algorithm": algorithm}
        fault = certificate_fault(Certificate.from_der(parsed.dump(force=True)))
        assert fault is not None
        assert fault[0] == "CRYPTO_CONSTRAINTS_FAILURE"
        assert algorithm.partition("_")[0] in fault[1]

    def test_unknown_extension_is_refused_if_critical(self, pki: MemoryPKI) -> None:
        assert report_on(pki, certified(pki, unknown_extension(critical=False))).passed
        n, sub_indication, detail = refusal(report_on(pki, certified(pki, unknown_extension(critical=True))))
        assert (n, sub_indication) == (1, "CHAIN_CONSTRAINTS_FAILURE")
        assert "1.2.3.4.5" in detail

    @pytest.mark.parametrize("critical", [True, False])
    @pytest.mark.parametrize(
        ("purposes", "passes"),
        [
            ([Purpose.SERVER_AUTH], False),
            ([Purpose.CLIENT_AUTH, Purpose.OCSP_SIGNING], False),
            ([x509.ObjectIdentifier("1.2.3.4.5")], False),
            ([Purpose.EMAIL_PROTECTION], True),
            ([x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")], True),
            ([Purpose.SERVER_AUTH, Purpose.ANY_EXTENDED_KEY_USAGE], True),
        ],
    )
    def test_purposes_are_obeyed(
        self, pki: MemoryPKI, purposes: list[x509.ObjectIdentifier], passes: bool, critical: bool
    ) -> None:
        identity = certified(pki, lambda b: b.add_extension(x509.ExtendedKeyUsage(purposes), critical=critical))
        report = report_on(pki, identity)
        assert report.passed is passes
        if not passes:
            n, sub_indication, detail = refusal(report)
            assert (n, sub_indication) == (4, "CHAIN_CONSTRAINTS_FAILURE")
            assert all(purpose.dotted_string in detail for purpose in purposes)

    @pytest.mark.parametrize(("purpose", "passes"), [(Purpose.SERVER_AUTH, False), (Purpose.CLIENT_AUTH, True)])
    def test_purposes_of_systems_too(self, pki: MemoryPKI, purpose: x509.ObjectIdentifier, passes: bool) -> None:
        identity = certified(
            pki, lambda b: b.add_extension(x509.ExtendedKeyUsage([purpose]), critical=True), usage="system"
        )
        assert (check_key_usage(identity.certificate, "digital_signature").indication == "passed") is passes

    def test_critical_policies_and_names_pass(self, pki: MemoryPKI) -> None:
        policies = x509.CertificatePolicies([x509.PolicyInformation(x509.ObjectIdentifier("1.2.398.3.3.2"), None)])
        names = x509.SubjectAlternativeName([x509.RFC822Name("person@test.kz")])
        identity = certified(pki, lambda b: b.add_extension(policies, True).add_extension(names, True))
        assert report_on(pki, identity).passed

    def test_critical_policy_with_a_qualifier_that_nobody_knows(self, pki: MemoryPKI) -> None:
        policy = bytes.fromhex("3010300e06022a033008300606022a040500")  # 1.2.3, qualified by 1.2.4 with NULL
        value = x509.UnrecognizedExtension(x509.CertificatePolicies.oid, policy)
        with pytest.raises(InvalidCertificate):
            certified(pki, lambda b: b.add_extension(value, critical=True))

    @pytest.mark.parametrize(("subject", "word"), [(TWO_IINS, "IIN"), (TWO_BINS, "BIN")])
    def test_two_numbers(self, pki: MemoryPKI, subject: x509.Name, word: str) -> None:
        n, sub_indication, detail = refusal(report_on(pki, certified(pki, lambda builder: builder, subject=subject)))
        assert (n, sub_indication) == (1, "CHAIN_CONSTRAINTS_FAILURE")
        assert f"more than one {word}" in detail

    def test_portal_is_told_before_anything_is_signed(self, pki: MemoryPKI) -> None:
        identity = certified(pki, lambda builder: builder, subject=TWO_IINS)
        at = pki.clock.now()
        report = verify_person_certificate(
            identity.certificate,
            anchors=pki.anchors,
            revocation=pki.crl().status(identity.certificate, at),
            at=at,
            iin="900101300017",
        )
        assert refusal(report)[:2] == (1, "CHAIN_CONSTRAINTS_FAILURE")

    def test_systems_are_held_to_the_same(self, pki: MemoryPKI, clock: Clock) -> None:
        identity = certified(pki, unknown_extension(critical=True), usage="system")
        verification = verify_message(
            CONTENT,
            sign_detached(CONTENT, identity, attempt=1, clock=clock),
            directory=pki.directory(),
            at=clock.now(),
            policy=SignedBySystem("portal"),
            freshness=lambda _: Check(7, "freshness"),
        )
        assert refusal(verification.report)[:2] == (1, "CHAIN_CONSTRAINTS_FAILURE")

    def test_two_systems(self, pki: MemoryPKI) -> None:
        names = x509.SubjectAlternativeName([x509.UniformResourceIdentifier(SYSTEM_URN + s) for s in ("portal", "csc")])
        identity = certified(pki, lambda builder: builder.add_extension(names, critical=False))
        assert "more than one system" in refusal(report_on(pki, identity))[2]

    def test_everybody_of_the_stand_is_in_order(self, pki: MemoryPKI) -> None:
        own = (pki.person(), pki.officer(), pki.system("portal"), pki.issue(Subject("x"), key=new_ec_key()))
        for certificate in (*[identity.certificate for identity in own], *pki.chain):
            assert certificate_fault(certificate) is None


class TestSigningTime:
    @pytest.fixture
    def clock(self, clock: Clock) -> Clock:
        """As if it had never shown anything later: what a clock was set back is allowed for."""
        clock.adopt(clock.position[0], clock.now(), clock.changes, 0.0)
        return clock

    @pytest.fixture
    def certificate(self, pki: MemoryPKI) -> Certificate:
        begin, end = datetime(1999, 12, 31, tzinfo=UTC), datetime(2101, 1, 1, tzinfo=UTC)
        return pki.issue(Subject("x"), not_before=begin, not_after=end).certificate

    @pytest.mark.parametrize(
        ("claimed", "words"),
        [
            (None, "does not say"),
            (datetime(1999, 6, 1, tzinfo=UTC), "not valid"),
            (datetime(2102, 1, 1, tzinfo=UTC), "not valid"),
            (datetime(2026, 8, 1, tzinfo=UTC), "later than the stand's time"),
            (datetime(2026, 6, 2, 9, 6, tzinfo=UTC), "later than the stand's time"),
        ],
    )
    def test_impossible(self, certificate: Certificate, clock: Clock, claimed: datetime | None, words: str) -> None:
        fault = signing_time_fault(claimed, certificate, clock, clock.now())
        assert fault is not None
        assert fault[0] == "SIG_CONSTRAINTS_FAILURE"
        assert words in fault[1]
        assert handing_over_fault(claimed, certificate, clock) == fault

    def test_old_is_good_where_it_was_taken_before_and_not_where_it_is_handed_over(
        self, certificate: Certificate, clock: Clock
    ) -> None:
        for age, passes in ((timedelta(), True), (timedelta(days=6), True), (timedelta(days=8), False)):
            claimed = clock.now() - age
            assert signing_time_fault(claimed, certificate, clock, clock.now()) is None
            fault = handing_over_fault(claimed, certificate, clock)
            assert (fault is None) is passes
            assert fault is None or "more than 7 days before" in fault[1]

    def test_time_of_the_machine_is_as_good(self, certificate: Certificate, clock: Clock) -> None:
        """OpenSSL and the like cannot be told the stand's time, which is months away here."""
        assert handing_over_fault(clock.machine_now(), certificate, clock) is None
        for offset in (timedelta(days=-8), timedelta(minutes=6)):
            claimed = clock.machine_now() + offset
            assert signing_time_fault(claimed, certificate, clock, clock.now()) is not None
            assert handing_over_fault(claimed, certificate, clock) is not None

    def test_what_was_signed_before_the_clock_was_set_back_stays_good(
        self, certificate: Certificate, clock: Clock
    ) -> None:
        signed = clock.now()
        clock.advance(timedelta(days=-60))
        assert signing_time_fault(signed, certificate, clock, clock.now()) is None
        assert signing_time_fault(signed + timedelta(days=1), certificate, clock, clock.now()) is not None
        assert handing_over_fault(signed, certificate, clock) is not None

    def test_document_with_such_a_time_fails_in_step_5(self, pki: MemoryPKI, clock: Clock) -> None:
        person, directory = pki.person(), pki.directory()
        der = sign_document(CONTENT, person.key, person.certificate, pki.chain, clock.now() + timedelta(days=20))
        report = verify_document(CONTENT, der, directory=directory, at=clock.now()).report
        assert refusal(report)[:2] == (5, "SIG_CONSTRAINTS_FAILURE")
