"""How the run of one application stands: judged as soon as everything is known that it rests on, and then for good.

The journal comes in records that may be late, lost and sent again, or overtaken. What they leave open is known from the
numbers: each system numbers its events, and says with every message how many there are (``shared.messages.journaled``).

A run ends with a step that the regulation calls its end (``ends``). What led to that step is its *past*: what its
system had journaled, what this system and the senders of its messages knew to be journaled, and what these events rest
on in turn. The verdict is on the past alone, and is given when all of it has come. As events are never overwritten, a
past that is complete stays what it is, and so does the verdict, whatever comes later, from whomever, in whatever order.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from services.gateway.domain.ends import End, Known, ends_of
from services.gateway.domain.journal import JournalEntry, Told, in_order
from services.gateway.domain.messages import LoggedMessage
from shared.messages.journaled import joined, read
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
    """What is to be said of a run. ``afterwards``: what is wrong with what is no part of its past."""

    entries: list[JournalEntry]
    verdict: Verdict
    awaited: tuple[Awaited, ...] = ()
    afterwards: tuple[Deviation, ...] = ()
    contested_end: str | None = None
    """The place of its end, if another system has a step that would end it as well: whoever tells of this run keeps
    it, and gives it as ``told`` from then on."""


def judge_run(
    regulation: Regulation,
    channel: str,
    entries: Sequence[JournalEntry],
    messages: Sequence[LoggedMessage],
    calendars: Calendars,
    told: str | None = None,
) -> Run:
    """The run whose journal has ``entries``, in order of arrival; ``messages`` are the relayed ones about it, and those
    that entries name. ``told``: the ``contested_end`` that was told of before.

    Raises as ``shared.regulations.judgement.judge``.
    """
    known = Known(entries, {message.message_id: message for message in messages})
    application = entries[0].application
    said = {message.message_id: read(message.journaled) for message in messages if message.subject == application}
    ends = ends_of(regulation, channel, known, told)
    if ends.end is not None:
        run = _ended(regulation, channel, ends.end, entries, said, calendars)
        return replace(run, contested_end=ends.end.entry.place) if ends.contested else run
    ordered = in_order(entries, said)
    awaited = (
        *_missing(known, said),
        *(AwaitedMessage(entry.message_id or "", entry.actor) for entry in ordered if known.told(entry) is None),
        *_under_way(application, entries, messages),
    )
    if awaited:
        steps = tuple(entry.step for entry in ordered if entry.kind == "step")
        return Run(ordered, Verdict(verdict="incomplete", outcome=None, steps=steps, deviations=()), awaited)
    return Run(ordered, _open(judge(regulation, channel, ordered, calendars)))


def _open(verdict: Verdict) -> Verdict:
    """``verdict`` on a run whose end, if it has a step that looks like one, does not count."""
    if verdict.outcome is None:
        return verdict
    short = "incomplete" if verdict.verdict == "conformant" else verdict.verdict
    return verdict.model_copy(update={"verdict": short, "outcome": None})


def _ended(
    regulation: Regulation,
    channel: str,
    end: End,
    entries: Sequence[JournalEntry],
    told: Told,
    calendars: Calendars,
) -> Run:
    """A run that has ended. Nothing may come after its end but marks, and nothing of a stranger; what is wrong with
    those, and whatever else there is, is said beside the verdict."""
    before = in_order([entry for entry in entries if entry.number <= end.past.get(entry.actor, 0)], told)
    after = in_order([entry for entry in entries if entry.number > end.past.get(entry.actor, 0)], told)
    verdict = judge(regulation, channel, before, calendars)
    # What the end is was said by the system whose step it is, even where it does not follow from the steps before.
    found = tuple(deviation for deviation in verdict.deviations if deviation.name != "no-terminal")
    verdict = verdict.model_copy(update={"outcome": end.outcome, "deviations": found})
    if not after:
        return Run(before, verdict)
    whole = judge(regulation, channel, [*before, *after], calendars)
    said = set(verdict.deviations)
    afterwards = tuple(deviation for deviation in whole.deviations if deviation not in said)
    return Run([*before, *after], verdict, (), afterwards)


def _missing(known: Known, told: Told) -> list[Awaited]:
    """The events that somebody knows of and that have not come."""
    numbers: dict[str, list[int]] = defaultdict(list)
    for actor, number in sorted(known.by_number):
        numbers[actor].append(number)
    last = joined(*(read(entry.journaled) for entry in known.entries), *told.values())
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
