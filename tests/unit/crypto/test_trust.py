"""Chains and revocation lists."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.crypto.certificates import InvalidCertificate
from shared.crypto.issuance import CertificateAuthority
from shared.crypto.revocation import RevocationList, RevocationState
from shared.crypto.testing import MemoryPKI
from shared.crypto.trust import TrustAnchors
from shared.crypto.validity import VALID_UNTIL
from shared.kit.clock import Clock


class TestChain:
    def test_own_certificates_chain(self, pki: MemoryPKI, clock: Clock) -> None:
        assert pki.anchors.chain_fault(pki.person().certificate, clock.now()) is None

    def test_issuing_authority_of_another_root(self, pki: MemoryPKI, clock: Clock) -> None:
        anchors = TrustAnchors(MemoryPKI(clock).anchors.root, pki.anchors.issuing)
        fault = anchors.chain_fault(pki.person().certificate, clock.now())
        assert fault is not None
        assert fault[0] == "NO_CERTIFICATE_CHAIN_FOUND"

    def test_expired_authority(self, pki: MemoryPKI, clock: Clock) -> None:
        fault = pki.anchors.chain_fault(pki.person().certificate, VALID_UNTIL + timedelta(seconds=1))
        assert fault is not None
        assert fault[0] == "CHAIN_CONSTRAINTS_FAILURE"

    def test_issuer_that_may_not_issue(self, pki: MemoryPKI, clock: Clock) -> None:
        """A person's key signs a certificate: mathematically in order, but basicConstraints forbid it."""
        person = pki.person()
        rogue = replace(pki.authority, issuing=person)
        assert isinstance(rogue, CertificateAuthority)
        victim = MemoryPKI(clock)
        victim.authority = rogue
        forged = victim.system("gateway").certificate
        anchors = TrustAnchors(pki.anchors.root, person.certificate)
        fault = anchors.chain_fault(forged, clock.now())
        assert fault is not None
        assert fault[0] == "CHAIN_CONSTRAINTS_FAILURE"
        assert pki.anchors.chain_fault(forged, clock.now()) is not None


class TestRevocationList:
    def test_names_who_is_revoked_since_when_and_why(self, pki: MemoryPKI, clock: Clock) -> None:
        good, bad = pki.person().certificate, pki.person().certificate
        pki.revoke(bad, "cessationOfOperation")
        revocation_list = pki.crl()
        assert bad.serial_number in revocation_list
        assert good.serial_number not in revocation_list
        status = revocation_list.status(bad, clock.now())
        expected = (RevocationState.REVOKED, clock.now(), "cessationOfOperation")
        assert (status.state, status.revoked_at, status.reason) == expected
        assert revocation_list.status(good, clock.now()).good

    def test_before_its_revocation_a_certificate_was_good(self, pki: MemoryPKI, clock: Clock) -> None:
        certificate = pki.revoked_person().certificate
        assert pki.crl().status(certificate, clock.now() - timedelta(seconds=1)).good

    def test_after_next_update_it_says_nothing(self, pki: MemoryPKI, clock: Clock) -> None:
        certificate, revocation_list = pki.revoked_person().certificate, pki.crl()
        at = revocation_list.next_update + timedelta(seconds=1)
        assert revocation_list.status(certificate, at).state is RevocationState.UNREACHABLE
        assert revocation_list.next_update - revocation_list.this_update == timedelta(hours=1)

    def test_signature_is_that_of_the_authority(self, pki: MemoryPKI, clock: Clock) -> None:
        revocation_list = pki.crl()
        assert revocation_list.signed_by(pki.anchors.issuing)
        assert not revocation_list.signed_by(pki.anchors.root)
        assert not revocation_list.signed_by(MemoryPKI(clock).anchors.issuing)
        assert not revocation_list.signed_by(pki.person().certificate)

    def test_changed_list_is_noticed(self, pki: MemoryPKI) -> None:
        pki.revoke(pki.person().certificate)
        der = bytearray(pki.crl().der)
        der[-1] ^= 0x01
        assert not RevocationList.from_der(bytes(der)).signed_by(pki.anchors.issuing)

    def test_rubbish_is_refused(self, pki: MemoryPKI) -> None:
        for rubbish in (b"", b"rubbish", pki.anchors.root.der):
            with pytest.raises(InvalidCertificate):
                RevocationList.from_der(rubbish)
