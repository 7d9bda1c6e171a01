"""Receipts: each taken message is named once, whether its receipt waited for others or the system ended meanwhile."""

from pathlib import Path

from shared.messages.control import DeliveryReceipt
from shared.messages.envelope import Message
from shared.messages.systems import System
from shared.messages.topics import inbox_of
from shared.messages.types import MessageType
from shared.messaging.receipts import Receipts
from shared.messaging.runtime import Runtime
from shared.messaging.testing import Network, eventually, network
from tests.unit.messaging.test_delivery import Log, empty_outbox, pair, send

COUNT = 8


async def named(net: Network, receipts: int) -> list[str]:
    """The message ids in all receipts for the provider."""
    found = []
    for record in await net.read(inbox_of(System.PROVIDER), receipts, seconds=2):
        message = Message.decode(record.value)
        assert message.type is MessageType.DELIVERY_RECEIPT_ISSUED
        payload = message.payload()
        assert isinstance(payload, DeliveryReceipt)
        found += [item.message_id for item in payload.items]
    return found


def waits_long(runtime: Runtime) -> Receipts:
    """Nothing goes out by the timer while the test lasts."""
    receipts: Receipts = runtime._receipts
    receipts._gather_s = 600.0
    return receipts


async def test_one_receipt_names_all_that_came_within_a_moment(tmp_path: Path) -> None:
    async with network(tmp_path) as made:
        net = Network(tmp_path, made.bootstrap, resend_after_s=60.0)
        taken = Log()
        async with pair(net, Log(), taken) as (provider, provider_db, regional, _):
            receipts = waits_long(regional)
            sent = [await send(provider, net, f"application-{number}") for number in range(COUNT)]
            await eventually(lambda: _all_taken(taken), what="the messages")
            assert await named(net, 1) == []
            await receipts.settle()
            assert sorted(await named(net, 1)) == sorted(sent)
            await empty_outbox(provider_db)


async def test_what_is_owed_goes_out_when_a_system_ends(tmp_path: Path) -> None:
    async with network(tmp_path) as made:
        net = Network(tmp_path, made.bootstrap, resend_after_s=60.0)
        taken = Log()
        async with pair(net, Log(), taken) as (provider, provider_db, regional, _):
            waits_long(regional)
            sent = [await send(provider, net, f"application-{number}") for number in range(COUNT)]
            await eventually(lambda: _all_taken(taken), what="the messages")
            await regional.stop()
            await empty_outbox(provider_db)
            assert sorted(await named(net, 1)) == sorted(sent)


async def test_what_a_dead_system_owed_is_sent_again_and_receipted_then(tmp_path: Path) -> None:
    async with network(tmp_path) as made:
        net = Network(tmp_path, made.bootstrap, resend_after_s=0.4)
        taken = Log()
        async with pair(net, Log(), taken) as (provider, provider_db, regional, _):
            waits_long(regional)
            await send(provider, net, "application")
            await eventually(lambda: _all_taken(taken, 1), what="the message")
            await regional.kill()
            async with net.run(System.REGIONAL_GATEWAY, taken.handlers()):
                await empty_outbox(provider_db)
        assert len(taken) == 1


async def _all_taken(taken: Log, count: int = COUNT) -> bool:
    return len(taken) == count
