"""A verdict with an outcome is the last word: whatever order the records of a real run come in, and whatever others
throw in, it is never another."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
from hypothesis import given, settings
from hypothesis import strategies as st

from services.stand.cases import CASES
from services.stand.centre_demo import CentreDemo, ShortFormDemo
from services.stand.demo import Demo, Run
from services.stand.embedded import EmbeddedStand, embedded_stand
from services.stand.report import remarks
from services.stand.visits import SHORT_VISITS, VISITS
from services.stand.working_time import to_working_time
from shared.crypto.jws import read_header
from shared.crypto.report import ValidationReport
from shared.kit.ids import sha256_base64url
from shared.kit.settings import StandSettings
from shared.messages.control import JournalRecorded
from shared.messages.envelope import Message
from shared.messages.journaled import read
from shared.messages.systems import System
from shared.messages.topics import topics_read_by
from shared.messages.types import MessageType
from shared.messaging.records import IncomingRecord, Position, Received
from tests.faults import topics
from tests.unit.gateway.keeping import REGULATIONS, Gateway, recorded

EXAMPLES = 25
"""Orders tried for each run; each is a verdict after every record."""


async def played(stand: EmbeddedStand) -> list[Run]:
    """Runs of the portal, of a centre by both of its diagrams, and one whose result nobody collected."""
    async with httpx.AsyncClient(timeout=30) as http:
        portal = Demo(http, stand.addresses, stand.clock)
        centre = CentreDemo(http, stand.addresses, stand.clock)
        short = ShortFormDemo(http, stand.addresses, stand.clock)
        runs = [await portal.play(case) for case in CASES[:3]]
        runs += [await centre.play(VISITS[0]), await short.play(SHORT_VISITS[0])]
        uncollected = next(visit for visit in VISITS if "uncollected" in visit.name)
        return [*runs, await centre.play(uncollected)]


async def taken(stand: EmbeddedStand, application: str) -> list[Received]:
    """The records about an application that the gateway took, as they come out of verification."""
    places = await topics.partitions(stand.bootstrap, topics_read_by(System.GATEWAY))
    found: dict[str, Received] = {}
    for _, record in await topics.records(stand.bootstrap, places):
        message = Message.decode(record.value)
        if message.subject == application and message.type is not MessageType.DELIVERY_RECEIPT_ISSUED:
            jws = dict(record.headers)["jws"].decode()
            incoming = IncomingRecord(
                Position(record.topic, record.partition, record.offset), record.key, record.value, record.headers
            )
            counts = read(read_header(jws).get("journaled", ""))
            digest = sha256_base64url(record.value)
            found[message.id] = Received(
                incoming, message, message.payload(), digest, message.source, 1, jws, ValidationReport(()), counts
            )
    return list(found.values())


def assert_final(application: str, records: Sequence[Received], journal: dict[str, object]) -> None:
    """In any order, from any prefix on: no verdict, or that one."""

    @settings(max_examples=EXAMPLES, deadline=None)
    @given(st.permutations(range(len(records))), st.lists(st.integers(0, len(records) - 1), max_size=3))
    def in_any_order(arrived: list[int], again: list[int]) -> None:
        gateway, given_before = Gateway(), False
        for place in [*arrived, *again]:
            gateway.take(records[place])
            run = gateway.run(application)
            if run is None:
                continue
            if run.verdict.outcome is None:
                assert not given_before, "an outcome was taken back"
                assert run.verdict.verdict == "incomplete", run
            else:
                given_before = True
                found = (run.verdict.outcome, run.verdict.verdict, run.verdict.deviations, run.afterwards)
                assert found == (journal["outcome"], journal["verdict"], (), ()), run
        assert given_before

    in_any_order()


@dataclass(frozen=True)
class Thrown:
    """An event that does not belong to the run: of whom, which of its own (``leap``: after a gap), what it says."""

    system: System
    leap: int
    kind: str
    step: str
    names: int | None
    """The record whose message it names, if any."""
    at: int
    """After how many records of the run it comes."""


def thrown_in(records: Sequence[Received], journal: dict[str, object]) -> st.SearchStrategy[list[Thrown]]:
    """Events of strangers, and of systems of the run after all they journaled of it."""
    steps = [step.id for step in REGULATIONS[str(journal["regulation"])].channel(str(journal["channel"])).steps]
    one = st.builds(
        Thrown,
        system=st.sampled_from([system for system in System if system is not System.GATEWAY]),
        leap=st.sampled_from([1, 1, 3]),
        kind=st.sampled_from(["step", "step", "task", "mark"]),
        step=st.sampled_from([*steps, "procedure-1", "nowhere"]),
        names=st.none() | st.integers(0, len(records) - 1),
        at=st.integers(0, len(records)),
    )
    return st.lists(one, min_size=1, max_size=6)


def assert_untouched(application: str, records: Sequence[Received], journal: dict[str, object]) -> None:
    """Whatever is thrown in: an outcome once given stays with its verdict; and it is that of the run, unless a system
    of the run itself has journaled another end of its own."""
    law = {"regulation": journal["regulation"], "channel": journal["channel"]}
    steps = REGULATIONS[str(journal["regulation"])].channel(str(journal["channel"])).steps
    ends = {(step.id, step.actor.value) for step in steps if step.terminal is not None}
    last: Counter[str] = Counter()
    for item in records:
        if isinstance(item.payload, JournalRecorded):
            source = item.message.source.value
            last[source] = max(last[source], item.payload.first + len(item.payload.events) - 1)

    @settings(max_examples=EXAMPLES, deadline=None)
    @given(st.permutations(range(len(records))), thrown_in(records, journal))
    def whatever_comes(arrived: list[int], thrown: list[Thrown]) -> None:
        gateway, numbers = Gateway(), Counter(last)
        strange: list[tuple[int, Received]] = []
        for event in thrown:
            code = event.system.value
            numbers[code] += event.leap
            named = {} if event.names is None else {"message_id": records[event.names].message.id}
            if named and event.names is not None and records[event.names].message.source is not event.system:
                named["received_from"] = records[event.names].message.source.value
            kept = recorded(
                gateway,
                event.system,
                numbers[code],
                event.step,
                application=application,
                told=f"{code}={numbers[code]}",
                **law,
                **named,
                kind=event.kind,
            )
            strange.append((event.at, kept))
        honest = not any(
            event.kind == "step" and last[event.system.value] and (event.step, event.system.value) in ends
            for event in thrown
        )
        given_before: set[tuple[object, ...]] = set()
        for place in range(len(records) + 1):
            for item in [*(kept for at, kept in strange if at == place), *(records[n] for n in arrived[place:][:1])]:
                gateway.take(item)
                run = gateway.run(application)
                if run is not None and (run.verdict.outcome is not None or given_before):
                    given_before.add((run.verdict.outcome, run.verdict.verdict, run.verdict.deviations))
                assert len(given_before) < 2, given_before
        assert given_before == {(journal["outcome"], journal["verdict"], ())} or not honest

    whatever_comes()


async def test_a_verdict_with_an_outcome_never_changes(tmp_path: Path) -> None:
    async with embedded_stand(tmp_path) as stand:
        to_working_time(stand.clock, StandSettings())
        runs = [run.journal for run in await played(stand)]
        records = {run["application"]: await taken(stand, run["application"]) for run in runs}
    for run in runs:
        assert run["verdict"] == "conformant", remarks(run)
        assert_final(run["application"], records[run["application"]], run)
        assert_untouched(run["application"], records[run["application"]], run)
