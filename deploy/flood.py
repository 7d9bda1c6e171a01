"""How late honest messages come while a stranger floods the embedded broker from a process of its own.

    python -m deploy.flood --records 10000 --size 20000 --honest 40

One system sends messages to another, at the stand's usual settings, before, during and after the flood of the other's
inbox. Says in seconds how long they took until they were handled, and what became of the stranger's records.
"""

import argparse
import asyncio
import contextlib
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

from aiokafka import AIOKafkaProducer

from shared.db.engine import Database
from shared.kit.ids import uuid7
from shared.messages.application import ReviewStarted
from shared.messages.systems import System
from shared.messages.topics import inbox_of
from shared.messages.types import MessageType
from shared.messaging.embedded import EmbeddedBroker
from shared.messaging.handlers import Handlers
from shared.messaging.records import Received
from shared.messaging.runtime import Runtime
from shared.messaging.testing import Network, eventually, rows
from shared.messaging.work import Work

_SENDER, _READER = System.PROVIDER, System.REGIONAL_GATEWAY
_EVERY_S = 0.25
_LONGEST_S = 90.0


async def _write(bootstrap: str, count: int, size: int) -> None:
    """The stranger: ``count`` records of ``size`` bytes without a signature, as fast as the broker takes them."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    started = perf_counter()
    for number in range(count):
        await producer.send(inbox_of(_READER), b"%010d" % number + b"x" * max(0, size - 10))
    await producer.stop()
    print(f"stranger: {count} records of {size} bytes in {perf_counter() - started:.1f} s")


async def _send(sender: Runtime, net: Network, sent: dict[str, float]) -> None:
    subject = uuid7(net.clock)
    sent[subject] = perf_counter()
    async with sender.work(()) as work:
        work.send(MessageType.REVIEW_STARTED, _READER, subject, ReviewStarted(started_at=net.clock.now()))


async def _measure(net: Network, arguments: argparse.Namespace) -> dict[str, Any]:
    sent, handled = dict[str, float](), dict[str, float]()
    handlers = Handlers()

    def handle(_work: Work, item: Received) -> None:
        handled.setdefault(item.message.subject, perf_counter())

    handlers.on(MessageType.REVIEW_STARTED, handle, lambda _item: ())
    async with net.run(_READER, handlers) as (reader, database), net.run(_SENDER, Handlers()) as (sender, _):
        command = (sys.executable, "-m", "deploy.flood", "--bootstrap", net.bootstrap)
        numbers = ("--records", str(arguments.records), "--size", str(arguments.size))
        await _send(sender, net, sent)
        await asyncio.sleep(1)
        stranger = await asyncio.create_subprocess_exec(*command, *numbers)
        for _ in range(arguments.honest):
            await _send(sender, net, sent)
            await asyncio.sleep(_EVERY_S)
        await stranger.wait()

        async def all_handled() -> bool:
            return len(handled) == len(sent)

        with contextlib.suppress(AssertionError):  # then it says how many are lost
            await eventually(all_handled, seconds=_LONGEST_S)
        await asyncio.sleep(1)
        late = sorted(handled[subject] - sent[subject] for subject in sent if subject in handled)
        return {"lost": len(sent) - len(handled), **_figures(late), **await _became(reader, sender, database)}


def _figures(late: Sequence[float]) -> dict[str, Any]:
    slowest = ", ".join(f"{seconds:.2f}" for seconds in late[-5:])
    return {"honest": len(late), "median_s": round(statistics.median(late), 3), "slowest_s": slowest}


async def _became(reader: Runtime, sender: Runtime, database: Database) -> dict[str, Any]:
    names = ("rejected", "forgotten", "not_kept")
    return {
        **{name: reader.counts[name] for name in names},
        "dead_letters": (await rows(database, ["dead_letters"]))["dead_letters"],
        "sent_again": sender.counts["resent"],
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=10_000, help="of the stranger")
    parser.add_argument("--size", type=int, default=20_000, help="bytes of each")
    parser.add_argument("--honest", type=int, default=40, help="messages, four a second")
    parser.add_argument("--bootstrap", help="be the stranger, at this broker")
    return parser.parse_args()


async def _main(arguments: argparse.Namespace) -> None:
    if arguments.bootstrap:
        await _write(arguments.bootstrap, arguments.records, arguments.size)
        return
    broker = EmbeddedBroker()
    try:
        with tempfile.TemporaryDirectory(prefix="egov-flood-") as folder:
            found = await _measure(Network(Path(folder), broker.start(), resend_after_s=20), arguments)
    finally:
        broker.stop()
    for name, value in found.items():
        print(f"{name:>14}  {value}")


if __name__ == "__main__":
    asyncio.run(_main(_arguments()))
