"""How the run of one application stands: judged as soon as everything is known that it rests on, and then for good.

The journal comes in records that may be late, lost and sent again, or overtaken. What they leave open is known from the
numbers: each system numbers its events, and says with every message how many there are (``shared.messages.journaled``).

A run ends with a step that the regulation calls its end. What led to that step is its *past*: what its system had
journaled, what this system and the senders of its messages knew to be journaled, and what these events rest on in turn.
The verdict is on the past, and is given when all of it has come. As events are never overwritten, a past that is
complete stays what it is, and so does the verdict, whatever comes later and in whatever order.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from services.gateway.domain.journal import JournalEntry, Told, in_order
from services.gateway.domain.messages import LoggedMessage
from shared.messages.journaled import Counts, joined, may_tell, read
from shared.messages.systems import System
from shared.regulations.calendar import Calendars
from shared.regulations.conformance import Deviation, Verdict
from shared.regulations.judgement import judge
from shared.regulations.model import Regulation


@dataclass(frozen=True, slots=True)
class AwaitedEvents:
    """Events ``first`` to ``last`` of ``system`` are there, but have not come."""

    system: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class AwaitedEffect:
    """A relayed message, of which nobody knows yet what it led to."""

    message_id: str
    type: str
    destination: str


@dataclass(frozen=True, slots=True)
class AwaitedMessage:
    """The message that led to an event of ``receiver`` is not in the log."""

    message_id: str
    receiver: str


Awaited = AwaitedEvents | AwaitedEffect | AwaitedMessage


@dataclass(frozen=True, slots=True)
class Run:
    """What is to be said of a run. ``afterwards``: what is wrong with what came after its end."""

    entries: list[JournalEntry]
    verdict: Verdict
    awaited: tuple[Awaited, ...] = ()
    afterwards: tuple[Deviation, ...] = ()


def judge_run(
    regulation: Regulation,
    channel: str,
    entries: Sequence[JournalEntry],
    messages: Sequence[LoggedMessage],
    calendars: Calendars,
) -> Run:
    """The run whose journal has ``entries``, in order of arrival; ``messages`` are the relayed ones about it, and those
    that entries name.

    Raises as ``shared.regulations.judgement.judge``.
    """
    told = {message.message_id: read(message.journaled) for message in messages}
    known = {(entry.actor, entry.number): entry for entry in entries}
    end = _end(regulation, channel, entries)
    past = None if end is None else _past(end, known, told)
    if past is not None:
        return _ended(regulation, channel, past, entries, told, calendars)
    ordered, application = in_order(entries, told), entries[0].application
    awaited = (
        *_missing(known, told),
        *(AwaitedMessage(entry.message_id or "", entry.actor) for entry in ordered if _unlogged(entry, told)),
        *_under_way(application, entries, messages),
    )
    if awaited:
        steps = tuple(entry.step for entry in ordered if entry.kind == "step")
        return Run(ordered, Verdict(verdict="incomplete", outcome=None, steps=steps, deviations=()), awaited)
    return Run(ordered, judge(regulation, channel, ordered, calendars))


def _end(regulation: Regulation, channel: str, entries: Iterable[JournalEntry]) -> JournalEntry | None:
    """The entry that says that the run has ended: the first that came of a system that has such a step, else of any.

    Another one never takes its place, not even while what this one rests on has not come: the run would be judged
    otherwise then.
    """
    ends = {step.id: step.actor for step in regulation.channel(channel).steps if step.terminal is not None}
    found = [entry for entry in entries if entry.kind == "step" and entry.step in ends and entry.channel == channel]
    return next((entry for entry in found if entry.actor == ends[entry.step]), found[0] if found else None)


def _past(end: JournalEntry, known: Mapping[tuple[str, int], JournalEntry], told: Told) -> Counts | None:
    """What ``end`` rests on: for each system the number of the last event; ``None`` if some of it has not come."""
    past: Counts = {}
    reached: Counts = joined(read(end.journaled), {end.actor: end.number})
    while reached != past:
        new = []
        for system, last in reached.items():
            for number in range(past.get(system, 0) + 1, last + 1):
                entry = known.get((system, number))
                if entry is None or _unlogged(entry, told):
                    return None
                new.append(entry)
        counts = (counts for entry in new for counts in (read(entry.journaled), told.get(entry.message_id or "", {})))
        past, reached = reached, joined(reached, *counts)
    return past


def _unlogged(entry: JournalEntry, told: Told) -> bool:
    """Whether it came of a message by way of the gateway that the gateway does not know."""
    sender = entry.received_from
    if sender in {None, System.GATEWAY.value} or may_tell(System(entry.actor), str(sender)):
        return False
    return entry.message_id not in told


def _ended(
    regulation: Regulation,
    channel: str,
    past: Counts,
    entries: Sequence[JournalEntry],
    told: Told,
    calendars: Calendars,
) -> Run:
    """A run that has ended. Nothing may come after its end but marks; what is wrong with those is said beside it."""
    before = in_order([entry for entry in entries if entry.number <= past.get(entry.actor, 0)], told)
    after = in_order([entry for entry in entries if entry.number > past.get(entry.actor, 0)], told)
    verdict = judge(regulation, channel, [*before, *(entry for entry in after if entry.kind != "mark")], calendars)
    if not after:
        return Run(before, verdict)
    whole = judge(regulation, channel, [*before, *after], calendars)
    afterwards = tuple(deviation for deviation in whole.deviations if deviation not in verdict.deviations)
    return Run([*before, *after], verdict, (), afterwards)


def _missing(known: Mapping[tuple[str, int], JournalEntry], told: Told) -> list[Awaited]:
    """The events that somebody knows of and that have not come."""
    numbers: dict[str, list[int]] = defaultdict(list)
    for actor, number in sorted(known):
        numbers[actor].append(number)
    last = joined(*(read(entry.journaled) for entry in known.values()), *told.values())
    return [
        AwaitedEvents(system, before + 1, after - 1)
        for system in sorted(last.keys() | numbers.keys())
        for before, after in pairwise((0, *numbers[system], 1 + max(last.get(system, 0), *numbers[system], 0)))
        if after - before > 1
    ]


def _under_way(application: str, entries: Sequence[JournalEntry], messages: Sequence[LoggedMessage]) -> list[Awaited]:
    """The messages of which neither a receipt nor an event of their receiver has come."""
    taken = {(entry.actor, entry.message_id) for entry in entries}
    return [
        AwaitedEffect(message.message_id, message.type, message.destination)
        for message in messages
        if message.on_its_way
        and message.subject == application
        and (message.destination, message.message_id) not in taken
    ]
