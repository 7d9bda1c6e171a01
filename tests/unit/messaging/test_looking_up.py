"""Questions about unknown certificates are bounded, but not for those who wait for a silent authority."""

from datetime import timedelta

from shared.crypto.directory import CertificateDirectory
from shared.kit.errors import Unavailable
from shared.messages.systems import System
from shared.messaging.allowance import LOOK_UPS
from shared.messaging.records import IncomingRecord, Position
from shared.messaging.testing import Network
from shared.messaging.verification import RecordVerifier
from tests.factories.messages import record, review_started


class Silent:
    """An authority that does not answer."""

    async def certificate(self, _thumbprint: str) -> None:
        raise Unavailable("silent")

    async def crl(self) -> None:
        raise Unavailable("silent")

    async def anchors(self) -> None:
        raise Unavailable("silent")


async def test_a_batch_that_is_tried_again_costs_its_questions_once(net: Network) -> None:
    sent = record(net, review_started(net))
    incoming = IncomingRecord(Position(sent.topic, 0, 1), sent.key, sent.value, sent.headers)
    directory = CertificateDirectory(net.clock, Silent())  # type: ignore[arg-type]
    verifier = RecordVerifier(System.REGIONAL_GATEWAY, directory, net.clock, max_age=timedelta(days=7))
    for _ in range(3 * LOOK_UPS[0]):
        assert await verifier.prepare([incoming]) == set()
