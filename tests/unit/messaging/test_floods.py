"""What strangers write in masses costs them more than the reader, and pushes out nothing that is worth keeping."""

import gzip
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import cramjam
import pytest

from shared.messages.systems import System
from shared.messages.topics import inbox_of
from shared.messaging import flood
from shared.messaging.allowance import LETTERS, Allowance
from shared.messaging.batches import Batches
from shared.messaging.deadletters import Letter
from shared.messaging.handlers import Handlers
from shared.messaging.records import IncomingRecord, OutgoingRecord, Position, Received, Rejected
from shared.messaging.runtime import Runtime
from shared.messaging.testing import Network, eventually, rows
from shared.messaging.verification import RecordVerifier
from tests.factories.batches import RawBatch, entry, produce
from tests.factories.messages import record, review_started
from tests.factories.readers import collecting, holds, reasons, to

REGIONAL = System.REGIONAL_GATEWAY
TOPIC = inbox_of(REGIONAL)


def unsigned(count: int, value: bytes = b"%100d") -> RawBatch:
    """A batch of records that nobody signed."""
    return RawBatch(b"".join(entry(value % number, delta=number) for number in range(count)), records=count)


def incoming(sent: OutgoingRecord, offset: int) -> IncomingRecord:
    """``sent`` as it is read."""
    return IncomingRecord(Position(sent.topic, 0, offset), sent.key, sent.value, sent.headers)


async def letters(runtime: Runtime) -> list[Letter]:
    """All dead letters, newest first."""
    return await runtime.dead_letters.search(reason=None, redriven=None, before=None, limit=10_000)


@pytest.mark.parametrize("least", [1, 64])
def test_a_batch_costs_its_reader_what_it_cost_to_send(least: int) -> None:
    """However well it is packed: an honest record has a signature of its own, which nobody can pack."""
    packed = gzip.compress(b"".join(entry(b"v" * least, delta=number) for number in range(10_000)))
    (found,) = flood_of(RawBatch(packed, records=10_000, attributes=1))
    assert "10000 records" in found.value.reason


def flood_of(batch: RawBatch) -> list[Any]:
    """The records that are made of a batch."""
    return list(Batches(batch.encode()).next_batch() or ())


async def test_honest_records_are_never_too_many_for_their_batch(net: Network) -> None:
    """As small as they can be, the same but for their signatures, and packed as well as can be."""
    sent = [record(net, review_started(net, "a")) for _ in range(500)]
    content = b"".join(
        entry(one.value, one.key, [(name.encode(), what) for name, what in one.headers], delta=number)
        for number, one in enumerate(sent)
    )
    packed: dict[int, Callable[[bytes], bytes]] = {
        1: lambda raw: gzip.compress(raw, 9),
        4: lambda raw: bytes(cramjam.zstd.compress(raw, 19)),
    }
    for codec, pack in packed.items():
        assert len(flood_of(RawBatch(pack(content), records=500, attributes=codec))) == 500


async def test_batches_that_claim_a_multitude_become_one_dead_letter_each(net: Network) -> None:
    packed = gzip.compress(b"".join(entry(b"v", delta=number) for number in range(10_000)))
    seen: list[str] = []
    async with net.run(REGIONAL, collecting(seen)) as (runtime, database):
        await produce(net.bootstrap, TOPIC, *[RawBatch(packed, records=10_000, attributes=1)] * 3)
        await to(net, record(net, review_started(net, "honest")))
        await eventually(holds(seen, "honest"))

        async def buried() -> bool:
            return await reasons(runtime, database) == ["undecodable"] * 3

        # They may be in other partitions than the honest one, which is read before them then.
        await eventually(buried)


async def test_of_a_flood_one_record_is_kept_for_all_that_came_at_once(net: Network) -> None:
    seen: list[str] = []
    async with net.run(REGIONAL, collecting(seen)) as (runtime, database):
        await produce(net.bootstrap, TOPIC, unsigned(3000))
        await to(net, record(net, review_started(net, "honest")))
        await eventually(holds(seen, "honest"))

        async def counted() -> bool:
            return runtime.counts["rejected"] == 3000

        await eventually(counted)
        kept = await letters(runtime)
        floods = [letter for letter in kept if letter.reason == flood.FLOOD]
        alone = [letter for letter in kept if letter.reason == "signature"]
        assert len(kept) == len(floods) + len(alone) < 600
        assert len(alone) >= LETTERS[0]
        assert len(alone) + sum(letter.report["records"] for letter in floods) == 3000
        assert all(letter.report["reasons"] == {"signature": letter.report["records"]} for letter in floods)
        assert runtime.counts["not_kept"] == 3000 - len(kept)
        assert (await rows(database, ["dead_letters"]))["dead_letters"] == len(kept)


async def test_of_a_flood_nothing_is_looked_at_but_what_is_kept(net: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    verifier = RecordVerifier(REGIONAL, net.certificates, net.clock, timedelta(days=7))
    made: list[str] = []
    working = verifier.reject

    def counting(*arguments: Any, **more: Any) -> Rejected:
        made.append("")
        return working(*arguments, **more)

    monkeypatch.setattr(verifier, "reject", counting)
    honest = record(net, review_started(net, "honest"))
    strangers = [incoming(OutgoingRecord(TOPIC, b"k", b"%100d" % number, ()), number) for number in range(5000)]
    found = await verifier.verify_all([*strangers, incoming(honest, 5000)])
    # A few more may have become due while it was at work.
    assert LETTERS[0] <= len(made) < 2 * LETTERS[0]
    assert sum(sum(item.reasons.values()) for item in found if isinstance(item, Rejected)) == 5000
    assert [item.message.subject for item in found if isinstance(item, Received)] == ["honest"]


async def test_what_is_told_does_not_count_among_strangers(net: Network) -> None:
    """What its sender has signed, and will not send again, is kept each by itself, however much there is."""
    async with net.run(REGIONAL, Handlers()) as (runtime, database):
        await net.publish(*(record(net, review_started(net, "a")) for _ in range(LETTERS[0] + 50)))

        async def all_kept() -> bool:
            return (await rows(database, ["dead_letters"]))["dead_letters"] == LETTERS[0] + 50

        await eventually(all_kept, seconds=30)
        assert {letter.reason for letter in await letters(runtime)} == {"no-handler"}
        assert runtime.counts["not_kept"] == 0


async def test_strangers_push_out_no_only_copy(net: Network) -> None:
    net.settings.dead_letters_kept = 100
    async with net.run(REGIONAL, Handlers()) as (runtime, database):
        await net.publish(*(record(net, review_started(net, "a")) for _ in range(40)))

        async def kept() -> bool:
            return (await rows(database, ["dead_letters"]))["dead_letters"] >= 40

        await eventually(kept)
        # Each in a turn of its own, so that each is kept by itself.
        for number in range(4):
            runtime._verifier._letters = Allowance(*LETTERS)
            await produce(net.bootstrap, TOPIC, unsigned(90))

            async def read(wanted: int = 40 + 90 * (number + 1)) -> bool:
                return runtime.counts["rejected"] == wanted

            await eventually(read)
        found = [letter.reason for letter in await letters(runtime)]
        assert len(found) < 300
        assert found.count("no-handler") == 40


async def test_the_oldest_go_where_only_such_are_left(net: Network) -> None:
    net.settings.dead_letters_kept = 100
    async with net.run(REGIONAL, Handlers()) as (runtime, _database):
        await net.publish(*(record(net, review_started(net, "a")) for _ in range(350)))

        async def read() -> bool:
            return runtime.counts["rejected"] == 350

        await eventually(read, seconds=30)
        kept = [letter.id for letter in await letters(runtime)]
        assert 100 <= len(kept) < 300
        assert runtime.counts["not_kept"] == 350 - len(kept)
        assert kept == list(range(350, 350 - len(kept), -1))


async def test_a_redriven_letter_is_no_only_copy(net: Network) -> None:
    net.settings.dead_letters_kept = 1
    async with net.run(REGIONAL, Handlers()) as (runtime, database):
        await net.publish(*(record(net, review_started(net, subject)) for subject in ("first", "second")))

        async def kept() -> bool:
            return len(await reasons(runtime, database)) == 2

        await eventually(kept)
        first = next(letter for letter in await letters(runtime) if letter.record.key == b"first")
        second = next(letter for letter in await letters(runtime) if letter.record.key == b"second")
        async with database.transaction() as session:
            await runtime.dead_letters._mark(session, second.id)
            assert await runtime.store.prune_dead_letters(session, 100) == 1
        assert [letter.id for letter in await letters(runtime)] == [first.id]
