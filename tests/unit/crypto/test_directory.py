"""The directory: what is at hand, when it is fetched anew, and what an unreachable authority means."""

from datetime import timedelta

import pytest

from shared.crypto.certificates import Certificate
from shared.crypto.directory import CertificateDirectory
from shared.crypto.revocation import RevocationList, RevocationState
from shared.crypto.testing import MemoryPKI
from shared.crypto.trust import TrustAnchors
from shared.kit.clock import Clock
from shared.kit.errors import Unavailable


class FakeAuthority:
    """Answers from a ``MemoryPKI`` and counts the questions; ``away`` makes it silent."""

    def __init__(self, pki: MemoryPKI) -> None:
        self.pki = pki
        self.away = False
        self.lists = 0
        self.asked: list[str] = []

    async def anchors(self) -> TrustAnchors:
        self._answer()
        return self.pki.anchors

    async def crl(self, anchors: TrustAnchors) -> RevocationList:
        self._answer()
        self.lists += 1
        return self.pki.crl()

    async def certificate(self, thumbprint: str) -> Certificate | None:
        self.asked.append(thumbprint)
        self._answer()
        return next((found for found in self.pki.certificates if found.thumbprint == thumbprint), None)

    def _answer(self) -> None:
        if self.away:
            raise Unavailable("away")


class Bench:
    def __init__(self, pki: MemoryPKI, clock: Clock) -> None:
        self.pki, self.clock, self.seconds = pki, clock, 0.0
        self.authority = FakeAuthority(pki)
        self.directory = CertificateDirectory(clock, self.authority, monotonic=lambda: self.seconds)

    def state(self, certificate: Certificate) -> RevocationState:
        return self.directory.revocation(certificate, self.clock.now()).state


@pytest.fixture
def bench(pki: MemoryPKI, clock: Clock) -> Bench:
    return Bench(pki, clock)


async def test_brings_in_certificates_list_and_anchors_once(bench: Bench) -> None:
    certificate = bench.pki.system("portal").certificate
    for _ in range(3):
        await bench.directory.ensure([certificate.thumbprint])
    assert bench.directory.lookup(certificate.thumbprint) == certificate
    assert bench.directory.anchors is not None
    assert bench.state(certificate) is RevocationState.GOOD
    assert (bench.authority.lists, len(bench.authority.asked)) == (1, 1)


@pytest.mark.parametrize("by", [timedelta(seconds=5), timedelta(days=-3), timedelta(days=30)])
async def test_list_is_fetched_again_when_stand_time_moved(bench: Bench, by: timedelta) -> None:
    await bench.directory.ensure([])
    bench.clock.advance(by)
    await bench.directory.ensure([])
    assert bench.authority.lists == 2


async def test_frozen_clock_does_not_freeze_revocation(bench: Bench) -> None:
    certificate = bench.pki.system("portal").certificate
    await bench.directory.ensure([certificate.thumbprint])
    bench.pki.revoke(certificate)
    bench.seconds += 5
    await bench.directory.ensure([])
    assert bench.state(certificate) is RevocationState.REVOKED


async def test_refresh_fetches_at_once_and_says_whether_it_worked(bench: Bench) -> None:
    certificate = bench.pki.revoked_person().certificate
    assert await bench.directory.refresh()
    assert bench.state(certificate) is RevocationState.REVOKED
    bench.authority.away = True
    assert not await bench.directory.refresh()


async def test_failed_refresh_keeps_the_old_list_until_its_end(bench: Bench) -> None:
    certificate = bench.pki.system("portal").certificate
    await bench.directory.ensure([certificate.thumbprint])
    bench.authority.away = True
    bench.clock.advance(timedelta(minutes=59))
    await bench.directory.ensure([])
    assert bench.state(certificate) is RevocationState.GOOD
    bench.clock.advance(timedelta(minutes=2))
    await bench.directory.ensure([])
    assert bench.state(certificate) is RevocationState.UNREACHABLE
    bench.authority.away = False
    bench.seconds += 5
    await bench.directory.ensure([])
    assert bench.state(certificate) is RevocationState.GOOD


async def test_unreachable_authority_is_not_asked_at_every_batch(bench: Bench) -> None:
    calls = 0

    async def anchors() -> TrustAnchors:
        nonlocal calls
        calls += 1
        raise Unavailable("away")

    bench.authority.anchors = anchors  # type: ignore[method-assign]
    for _ in range(10):
        await bench.directory.ensure([])
    assert calls == 1


async def test_denied_is_not_the_same_as_unanswered(bench: Bench, clock: Clock) -> None:
    stranger = MemoryPKI(clock).system("portal").certificate.thumbprint
    bench.authority.away = True
    await bench.directory.ensure([stranger])
    assert not bench.directory.denied(stranger)
    bench.authority.away = False
    await bench.directory.ensure([stranger])
    assert bench.directory.denied(stranger)
    asked = len(bench.authority.asked)
    await bench.directory.ensure([stranger])
    assert len(bench.authority.asked) == asked  # remembered for a while


async def test_denied_certificate_may_come_later(bench: Bench) -> None:
    late = bench.pki.system("portal").certificate
    bench.pki.certificates.clear()
    await bench.directory.ensure([late.thumbprint])
    assert bench.directory.denied(late.thumbprint)
    bench.pki.certificates.append(late)
    bench.seconds += 5
    await bench.directory.ensure([late.thumbprint])
    assert bench.directory.lookup(late.thumbprint) == late
    assert not bench.directory.denied(late.thumbprint)


async def test_new_authority_after_a_reset_is_taken_over(bench: Bench, clock: Clock) -> None:
    old = bench.pki.system("portal").certificate
    await bench.directory.ensure([old.thumbprint])
    bench.authority.pki = MemoryPKI(clock)
    await bench.directory.refresh()
    assert bench.directory.anchors is not None
    assert bench.directory.anchors.chain_fault(old, clock.now()) is not None


async def test_without_an_authority_it_knows_what_it_was_given(pki: MemoryPKI) -> None:
    certificate = pki.system("portal").certificate
    directory = pki.directory()
    await directory.ensure(["x"])
    assert directory.lookup(certificate.thumbprint) == certificate
    assert directory.denied("x")
    assert not await directory.refresh()
