"""The pause before a message is sent again grows with the sendings that left, and with nothing else."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from shared.db.engine import Database
from shared.kit.errors import Transient
from shared.messages.systems import System
from shared.messages.topics import inbox_of
from shared.messaging.handlers import Handlers
from shared.messaging.records import OutgoingRecord
from shared.messaging.runtime import Runtime
from shared.messaging.testing import Network, eventually
from tests.unit.messaging.test_delivery import send

PAUSE_S = 20.0


async def outbox_row(database: Database) -> Any:
    """The only message that waits for a receipt."""
    async with database.session() as session:
        (row,) = (await session.execute(database.metadata.tables["outbox"].select())).all()
    return row


async def next_pause(runtime: Runtime, database: Database) -> float:
    """Seconds until that message is sent again, if it is sent when it is due next."""
    due_at = (await outbox_row(database)).next_attempt_at
    async with database.transaction() as session:
        await runtime.store.claim_due(session, due_at, PAUSE_S, limit=10)
    return float((await outbox_row(database)).next_attempt_at - due_at)


def connected_of(runtime: Runtime) -> Callable[[], Awaitable[bool]]:
    """Whether it has its broker."""

    async def connected() -> bool:
        return runtime.trouble is None

    return connected


async def test_pause_doubles_with_every_sending(net: Network) -> None:
    async with net.run(System.PROVIDER, Handlers()) as (provider, database):
        await eventually(connected_of(provider))
        await send(provider, net, "application-1")
        provider.trouble = "the test sends in its place"  # the loop itself sends nothing now
        assert [await next_pause(provider, database) for _ in range(4)] == pytest.approx([40, 60, 60, 60])


async def test_sendings_that_never_left_do_not_count_for_the_pause_but_for_the_number(
    net: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts: list[int] = []

    async def away(records: Sequence[OutgoingRecord]) -> None:
        attempts.append(len(records))
        raise Transient("Kafka: the cluster is away")

    async with net.run(System.PROVIDER, Handlers()) as (provider, database):
        await eventually(connected_of(provider), what="a connection")
        working = provider._broker.publish
        monkeypatch.setattr(provider._broker, "publish", away)
        await send(provider, net, "application-1")

        async def tried_often() -> bool:
            return len(attempts) >= 6

        await eventually(tried_often, seconds=20, what="six sendings in vain")
        monkeypatch.setattr(provider._broker, "publish", working)

        async def sent() -> bool:
            return provider.counts["resent"] == 1

        await eventually(sent, what="the sending that leaves")
        # One has left: the next pause is the second one, whatever was tried in vain before.
        assert await next_pause(provider, database) == pytest.approx(2 * PAUSE_S)
        # Nobody knows for sure that nothing of them left, so no number was used twice.
        assert len(await net.read(inbox_of(System.REGIONAL_GATEWAY), 1)) == 1
        assert (await outbox_row(database)).attempt >= 8
