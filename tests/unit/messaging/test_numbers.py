"""The numbers of an exchange: what was counted, what is measured, and what stays silent when nobody answers."""

from contextlib import AsyncExitStack
from datetime import timedelta

import pytest
from prometheus_client import generate_latest
from sqlalchemy import text

from shared.kit.clock import Clock
from shared.kit.errors import RejectedMessage, Transient
from shared.messages.systems import System
from shared.messages.topics import inbox_of
from shared.messages.types import MessageType
from shared.messaging.handlers import Handlers
from shared.messaging.platform import measure
from shared.messaging.records import OutgoingRecord, Received
from shared.messaging.runtime import Runtime
from shared.messaging.testing import Network, eventually, rows
from shared.messaging.work import Work
from tests.factories.messages import record, review_started
from tests.unit.messaging.test_delivery import send

NINETY_S = timedelta(seconds=90)
TOPIC = inbox_of(System.REGIONAL_GATEWAY)


def value(runtime: Runtime, name: str, **labels: str) -> float | None:
    """A number, ``None`` if there is none."""
    return runtime.numbers.registry.get_sample_value(name, labels)


def refusing() -> Handlers:
    """Handlers that reject reviews."""

    def reject(_work: Work, _received: Received) -> None:
        raise RejectedMessage("not-wanted", "planned")

    handlers = Handlers()
    handlers.on(MessageType.REVIEW_STARTED, reject, lambda _r: ())
    return handlers


async def test_verifications_batches_and_dead_letters_are_counted_by_reason(net: Network) -> None:
    async with net.run(System.REGIONAL_GATEWAY, refusing()) as (runtime, database):
        good = record(net, review_started(net))
        await net.publish(good, OutgoingRecord(TOPIC, b"x", b"{}", ()))

        async def buried() -> bool:
            return (await rows(database, ["dead_letters"]))["dead_letters"] == 2

        await eventually(buried, what="two dead letters")
        await measure(runtime, database, net.clock)
        assert value(runtime, "egov_messaging_verifications_total", outcome="passed", reason="") == 1
        assert value(runtime, "egov_messaging_verifications_total", outcome="failed", reason="signature") == 1
        assert value(runtime, "egov_messaging_dead_letters", reason="not-wanted") == 1
        assert value(runtime, "egov_messaging_dead_letters", reason="signature") == 1
        assert value(runtime, "egov_messaging_batch_records_sum") == 2
        assert value(runtime, "egov_messaging_events_total", event="rejected") == 2
        assert value(runtime, "egov_messaging_stuck") == 0


async def test_outbox_tells_its_size_and_the_age_of_the_oldest(net: Network) -> None:
    net.clock.set(net.clock.now(), freeze=True)
    async with net.run(System.PROVIDER, Handlers()) as (provider, database):
        await measure(provider, database, net.clock)
        assert value(provider, "egov_messaging_outbox_messages") == 0
        assert value(provider, "egov_messaging_outbox_oldest_seconds") == 0
        await send(provider, net, "application-1")
        later = Clock()
        later.set(net.clock.now(), freeze=True)
        later.advance(NINETY_S)
        await send(provider, net, "application-2")
        await measure(provider, database, later)
        assert value(provider, "egov_messaging_outbox_messages") == 2
        assert value(provider, "egov_messaging_outbox_oldest_seconds") == pytest.approx(90, abs=0.01)


async def test_lag_counts_what_lies_at_the_broker_and_what_is_at_hand(
    net: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with net.run(System.REGIONAL_GATEWAY, refusing()) as (runtime, database):

        async def reading() -> bool:
            return runtime.trouble is None

        await eventually(reading, what="a reader")
        silent = Transient("OCSP: silent")

        async def undecided(_records: object) -> None:
            raise silent

        with monkeypatch.context() as patch:
            patch.setattr(runtime._verifier, "prepare", undecided)
            await net.publish(*(record(net, review_started(net, f"application-{number}")) for number in range(5)))

            async def told() -> bool:
                await measure(runtime, database, net.clock)
                lag = value(runtime, "egov_messaging_consumer_lag_records", topic=TOPIC)
                return (lag, value(runtime, "egov_messaging_stuck")) == (5, 1)

            await eventually(told, what="a lag of five, and the loop stuck")
            assert (value(runtime, "egov_messaging_verifications_total", outcome="undecided", reason="") or 0) >= 1

        async def caught_up() -> bool:
            await measure(runtime, database, net.clock)
            return value(runtime, "egov_messaging_consumer_lag_records", topic=TOPIC) == 0

        await eventually(caught_up, seconds=20, what="no lag")


async def test_without_a_cluster_nobody_claims_a_lag(net: Network) -> None:
    async with net.run(System.REGIONAL_GATEWAY, refusing()) as (runtime, database):
        await runtime._broker.stop()
        await measure(runtime, database, net.clock)
        assert b"egov_messaging_consumer_lag_records{" not in generate_latest(runtime.numbers.registry)


async def test_connections_are_counted(net: Network) -> None:
    async with net.run(System.REGIONAL_GATEWAY, refusing()) as (runtime, database):
        async with AsyncExitStack() as held:
            for _ in range(3):
                session = await held.enter_async_context(database.session())
                await session.execute(text("SELECT 1"))
            await measure(runtime, database, net.clock)
            # Three of ours; what the runtime uses just now comes on top.
            assert (value(runtime, "egov_database_connections", state="in_use") or 0) >= 3

        async def given_back() -> bool:
            await measure(runtime, database, net.clock)
            return (value(runtime, "egov_database_connections", state="in_use") or 0) < 3

        await eventually(given_back, what="connections given back")
