"""The numbered procedure on messages: each step fails by its own name."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from shared.crypto.directory import CertificateDirectory
from shared.crypto.identity import Identity
from shared.crypto.issuance import Subject
from shared.crypto.jws import sign_detached
from shared.crypto.policy import SignedBySystem
from shared.crypto.report import Check, Indication, failed
from shared.crypto.testing import BIN, MemoryPKI, rsa_key
from shared.crypto.verify import MessageVerification, check_key_usage, verify_message
from shared.kit.clock import Clock

PAYLOAD = b'{"id":"1"}'
STEPS = ["chain", "validity", "revocation", "key usage", "signature", "policy", "freshness"]


def fresh(_header: Mapping[str, Any]) -> Check:
    return Check(7, "freshness")


class Bench:
    """Signs and verifies one message, with one thing changed at a time."""

    def __init__(self, pki: MemoryPKI, clock: Clock) -> None:
        self.pki, self.clock = pki, clock

    def verify(
        self,
        signer: Identity,
        *,
        payload: bytes = PAYLOAD,
        directory: CertificateDirectory | None = None,
        system: str = "portal",
        freshness: Any = fresh,
    ) -> MessageVerification:
        return verify_message(
            payload,
            sign_detached(PAYLOAD, signer, attempt=1, clock=self.clock),
            directory=directory or self.pki.directory(),
            at=self.clock.now(),
            policy=SignedBySystem(system),
            freshness=freshness,
        )


@pytest.fixture
def bench(pki: MemoryPKI, clock: Clock) -> Bench:
    return Bench(pki, clock)


def reason(verification: MessageVerification) -> tuple[int, str, Indication, str | None]:
    """The step that did not pass; also: it was the last one made, and the steps before are those of the list."""
    failure = verification.report.failure
    assert failure is not None
    assert verification.report.checks[-1] is failure
    assert [check.name for check in verification.report.checks[:-1]] == STEPS[: max(failure.n - 1, 0)]
    return failure.n, failure.name, failure.indication, failure.sub_indication


def test_message_in_order_passes_all_steps(bench: Bench, pki: MemoryPKI, clock: Clock) -> None:
    portal = pki.system("portal")
    verification = bench.verify(portal)
    assert verification.passed
    assert [(check.n, check.name) for check in verification.report.checks] == list(enumerate(STEPS, start=1))
    assert verification.certificate == portal.certificate
    assert verification.header["iat"] == int(clock.timestamp())


@pytest.mark.parametrize("jws", [None, "", "a.b.c", "..", "x" * 5000])
def test_missing_or_garbled_signature_is_a_format_failure(pki: MemoryPKI, clock: Clock, jws: str | None) -> None:
    verification = verify_message(
        PAYLOAD, jws, directory=pki.directory(), at=clock.now(), policy=SignedBySystem("portal"), freshness=fresh
    )
    assert reason(verification) == (0, "format", Indication.FAILED, "FORMAT_FAILURE")
    assert verification.certificate is None


def test_unknown_certificate(bench: Bench, pki: MemoryPKI) -> None:
    directory = pki.directory()
    stranger = pki.system("portal")
    expected = (1, "chain", Indication.FAILED, "NO_CERTIFICATE_CHAIN_FOUND")
    assert reason(bench.verify(stranger, directory=directory)) == expected


def test_certificate_of_another_authority(bench: Bench, pki: MemoryPKI, clock: Clock) -> None:
    impostor = MemoryPKI(clock).system("portal")
    directory = pki.directory()
    directory.add(impostor.certificate)
    expected = (1, "chain", Indication.FAILED, "NO_CERTIFICATE_CHAIN_FOUND")
    assert reason(bench.verify(impostor, directory=directory)) == expected


def test_expired(bench: Bench, pki: MemoryPKI, clock: Clock) -> None:
    portal = pki.system("portal")
    assert bench.verify(portal).passed
    clock.advance(timedelta(days=366))
    assert reason(bench.verify(portal)) == (2, "validity", Indication.FAILED, "EXPIRED")


def test_last_instant_of_validity_still_counts(bench: Bench, pki: MemoryPKI, clock: Clock) -> None:
    portal = pki.system("portal")
    clock.set(portal.certificate.not_after, freeze=True)
    assert bench.verify(portal).passed
    clock.advance(timedelta(seconds=1))
    assert reason(bench.verify(portal))[3] == "EXPIRED"


def test_not_yet_valid(bench: Bench, pki: MemoryPKI, clock: Clock) -> None:
    portal = pki.system("portal")
    clock.advance(timedelta(days=-31))
    assert reason(bench.verify(portal)) == (2, "validity", Indication.FAILED, "NOT_YET_VALID")


def test_revoked_names_moment_and_reason(bench: Bench, pki: MemoryPKI) -> None:
    portal = pki.system("portal")
    pki.revoke(portal.certificate)
    verification = bench.verify(portal)
    assert reason(verification) == (3, "revocation", Indication.FAILED, "REVOKED")
    failure = verification.report.failure
    assert failure is not None
    assert "2026-06-02T09:00:00" in (failure.detail or "")
    assert "keyCompromise" in (failure.detail or "")


def test_without_a_revocation_list_nothing_is_decided(bench: Bench, pki: MemoryPKI) -> None:
    portal = pki.system("portal")
    directory = pki.directory()
    directory.crl = None
    expected = (3, "revocation", Indication.INDETERMINATE, "TRY_LATER")
    assert reason(bench.verify(portal, directory=directory)) == expected


def test_outdated_revocation_list_decides_nothing(bench: Bench, pki: MemoryPKI, clock: Clock) -> None:
    portal, directory = pki.system("portal"), pki.directory()
    clock.advance(timedelta(minutes=59))
    assert bench.verify(portal, directory=directory).passed
    clock.advance(timedelta(minutes=2))
    assert reason(bench.verify(portal, directory=directory))[2:] == (Indication.INDETERMINATE, "TRY_LATER")


def test_wrong_key_usage(bench: Bench, pki: MemoryPKI) -> None:
    subject = Subject("portal", bin=BIN, system="portal")
    expected = (4, "key usage", Indication.FAILED, "CHAIN_CONSTRAINTS_FAILURE")
    assert reason(bench.verify(pki.issue(subject, usage="encryption"))) == expected


def test_authority_signs_nothing_but_certificates(pki: MemoryPKI) -> None:
    check = check_key_usage(pki.anchors.issuing, "digital_signature")
    assert (check.n, check.sub_indication) == (4, "CHAIN_CONSTRAINTS_FAILURE")


def test_certificate_with_an_rsa_key_is_a_wrong_signature_not_a_crash(
    bench: Bench, pki: MemoryPKI, clock: Clock
) -> None:
    portal, directory = pki.system("portal"), pki.directory()
    rsa = pki.person(key=rsa_key()).certificate
    jws = sign_detached(PAYLOAD, Identity(portal.key, rsa), attempt=1, clock=clock)
    directory.add(rsa)
    verification = verify_message(
        PAYLOAD, jws, directory=directory, at=clock.now(), policy=SignedBySystem("portal"), freshness=fresh
    )
    assert reason(verification) == (5, "signature", Indication.FAILED, "SIG_CRYPTO_FAILURE")


def test_tampered_content(bench: Bench, pki: MemoryPKI) -> None:
    verification = bench.verify(pki.system("portal"), payload=PAYLOAD.replace(b"1", b"2"))
    assert reason(verification) == (5, "signature", Indication.FAILED, "SIG_CRYPTO_FAILURE")


def test_wrong_sender(bench: Bench, pki: MemoryPKI) -> None:
    verification = bench.verify(pki.system("provider"))
    assert reason(verification) == (6, "policy", Indication.FAILED, "SIG_CONSTRAINTS_FAILURE")


def test_freshness_gets_the_verified_header(bench: Bench, pki: MemoryPKI) -> None:
    seen: list[Mapping[str, Any]] = []

    def stale(header: Mapping[str, Any]) -> Check:
        seen.append(header)
        return failed(7, "freshness", "SIG_CONSTRAINTS_FAILURE", "seen before")

    verification = bench.verify(pki.system("portal"), freshness=stale)
    assert reason(verification)[:2] == (7, "freshness")
    assert seen[0]["attempt"] == 1
    bench.verify(pki.system("provider"), freshness=stale)
    assert len(seen) == 1  # never asked about a message that failed before
