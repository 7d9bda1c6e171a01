"""Questions about unknown certificates are bounded, but not for those who wait for a silent authority; and who names a
certificate that nobody can be asked for holds up nobody else."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from shared.crypto.certificates import Certificate
from shared.crypto.directory import CertificateDirectory
from shared.crypto.revocation import RevocationList
from shared.crypto.testing import MemoryPKI
from shared.crypto.trust import TrustAnchors
from shared.kit.errors import Transient, Unavailable
from shared.messages.systems import System
from shared.messages.types import MessageType
from shared.messaging.allowance import LOOK_UPS
from shared.messaging.deadletters import Redriven
from shared.messaging.records import GATEWAY_JWS_HEADER, JWS_HEADER, IncomingRecord, OutgoingRecord, Position
from shared.messaging.runtime import Runtime
from shared.messaging.signing import Signer
from shared.messaging.testing import Network, eventually
from shared.messaging.verification import RecordVerifier
from tests.factories.messages import record, review_started
from tests.factories.readers import collecting, holds, reasons, set_aside, to

REGIONAL, PROVIDER = System.REGIONAL_GATEWAY, System.PROVIDER
HONEST = [f"application-{number}" for number in range(8)]


class Authority:
    """Answers from a ``MemoryPKI``; ``says`` is what it does before it answers."""

    def __init__(self, pki: MemoryPKI) -> None:
        self.pki = pki
        self.says: Callable[[], Awaitable[None]] = talks

    async def certificate(self, thumbprint: str) -> Certificate | None:
        """The certificate, if there is one."""
        await self.says()
        return next((found for found in self.pki.certificates if found.thumbprint == thumbprint), None)

    async def crl(self, _anchors: TrustAnchors) -> RevocationList:
        """The list."""
        await self.says()
        return self.pki.crl()

    async def anchors(self) -> TrustAnchors:
        """The anchors."""
        await self.says()
        return self.pki.anchors


async def talks() -> None:
    """Answers."""


async def refuses() -> None:
    """Is not there."""
    raise Unavailable("silent")


async def freezes() -> None:
    """Takes the question and never answers."""
    await asyncio.Event().wait()


RELAYED = {
    "source": System.PORTAL,
    "type": MessageType.APPLICATION_SUBMITTED,
    "messagetype": "REQUEST",
    "serviceid": "ApplicationIntake",
    "data": {"channel": "portal", "document": {"content": "{}", "signature": ""}, "attachments": []},
}


def of_a_stranger(net: Network, header: str) -> OutgoingRecord:
    """A message of which the signature in ``header`` is by a key whose certificate this stand has never seen."""
    message = review_started(net, "stranger", **(RELAYED if header == GATEWAY_JWS_HEADER else {}))
    stranger = Signer(MemoryPKI(net.clock).system("gateway"), net.clock).headers(message.encode(), attempt=1)
    named = (header, dict(stranger)["jws"])
    sent = record(net, message)
    return replace(sent, headers=(*(pair for pair in sent.headers if pair[0] != header), named))


@pytest.fixture
def authority(net: Network) -> Authority:
    """An authority that can fall silent, and a network that asks it."""
    found = Authority(net.pki)
    net.certificates = CertificateDirectory(net.clock, found)
    return found


async def met(net: Network, seen: list[str]) -> None:
    """Let the reader take a message of the provider's, so that it has what it needs for more."""
    await to(net, record(net, review_started(net, "before")))
    await eventually(holds(seen, "before"))
    await net.certificates.ensure([net.identities[System.PORTAL].certificate.thumbprint])


async def all_taken(runtime: Runtime, seen: list[str]) -> None:
    """The honest messages are handled and nothing waits."""

    async def taken() -> bool:
        return seen[1:] == HONEST and runtime.trouble is None

    await eventually(taken, what="reading on")


@pytest.mark.parametrize("header", [JWS_HEADER, GATEWAY_JWS_HEADER])
@pytest.mark.parametrize("silence", [refuses, freezes])
async def test_who_names_an_unknown_certificate_holds_up_nobody(
    net: Network, authority: Authority, silence: Callable[[], Awaitable[None]], header: str
) -> None:
    seen: list[str] = []
    async with net.run(REGIONAL, collecting(seen)) as (runtime, database):
        await met(net, seen)
        authority.says = silence
        for subject in HONEST:
            await to(net, of_a_stranger(net, header))
            await to(net, record(net, review_started(net, subject)))
        await all_taken(runtime, seen)
        await set_aside(runtime, database, *["certificate-unanswered"] * len(HONEST))
        assert runtime.counts["sent"] == 0  # nobody is told: whoever has sent it sends it again


@pytest.mark.parametrize("silence", [refuses, freezes])
async def test_a_new_system_is_heard_when_the_authority_is_back(
    net: Network, authority: Authority, silence: Callable[[], Awaitable[None]]
) -> None:
    seen: list[str] = []
    async with net.run(REGIONAL, collecting(seen)) as (runtime, database):
        await met(net, seen)
        net.identities[PROVIDER] = net.pki.system("provider")
        message = review_started(net, "new")
        authority.says = silence
        await to(net, record(net, message))
        await set_aside(runtime, database, "certificate-unanswered")
        (letter,) = await runtime.dead_letters.search(reason=None, redriven=None, before=None, limit=1)
        with pytest.raises(Transient):  # who re-drives it meanwhile is told to wait
            async with asyncio.timeout(20):
                await runtime.redrive(letter.id)
        authority.says = talks
        for question in net.certificates._questions.values():
            question.cancel()  # as the client's time limit does
        await to(net, record(net, message, attempt=2))
        await eventually(holds(seen, "new"))
        assert await reasons(runtime, database) == ["certificate-unanswered"]
        assert (await runtime.redrive(letter.id)).result is Redriven.TAKEN_BEFORE
        assert seen == ["before", "new"]


async def test_without_a_list_everybody_waits(net: Network, authority: Authority) -> None:
    """Nothing could be decided about anybody: then nothing is set aside either."""
    seen: list[str] = []
    authority.says = refuses
    async with net.run(REGIONAL, collecting(seen)) as (runtime, database):
        await to(net, record(net, review_started(net, "honest")))

        async def waiting() -> bool:
            return runtime.trouble is not None and "undecided" in runtime.trouble

        await eventually(waiting)
        assert await reasons(runtime, database) == []
        authority.says = talks
        await eventually(holds(seen, "honest"), seconds=20)


async def test_who_claims_to_be_ahead_of_the_clock_holds_up_nobody(net: Network) -> None:
    """Its silent keeper is asked, and not waited for without end."""
    asked: list[datetime] = []

    async def silent() -> None:
        asked.append(net.clock.now())
        await asyncio.Event().wait()

    net.clock.catch_up = silent
    seen: list[str] = []
    net.clock.advance(timedelta(days=1))
    ahead = [record(net, review_started(net, "ahead")) for _ in range(20)]
    net.clock.advance(timedelta(days=-1))
    async with net.run(REGIONAL, collecting(seen)):
        for sent in ahead:
            await to(net, sent)
        await to(net, record(net, review_started(net, "honest")))
        await eventually(holds(seen, "honest"))
    assert 1 <= len(asked) <= 20


async def test_a_batch_that_is_tried_again_costs_its_questions_once(net: Network) -> None:
    sent = record(net, review_started(net))
    incoming = IncomingRecord(Position(sent.topic, 0, 1), sent.key, sent.value, sent.headers)
    authority = Authority(net.pki)
    authority.says = refuses
    verifier = RecordVerifier(REGIONAL, CertificateDirectory(net.clock, authority), net.clock, timedelta(days=7))
    for _ in range(3 * LOOK_UPS[0]):
        assert await verifier.prepare([incoming]) == set()
