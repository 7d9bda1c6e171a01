"""Which step ends a run, and what that step rests on.

A step ends a run if the regulation calls it an end, if it was journaled by the system whose step it is, and if it rests
on an event of the system that began the run. So whoever had nothing to do with a run cannot end it: nobody can say that
he knew what another system had journaled, unless that system or its neighbour told him of it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from services.gateway.domain.journal import JournalEntry
from services.gateway.domain.messages import LoggedMessage
from shared.kit.errors import StandError
from shared.messages.journaled import Counts, joined, may_tell, read
from shared.messages.systems import System
from shared.regulations.flow import Flow
from shared.regulations.loader import Regulations
from shared.regulations.model import Regulation
from shared.regulations.parts import Outcome


@dataclass(frozen=True, slots=True)
class End:
    """The step that ended a run. ``past``: for each system the number of its last event that the step rests on."""

    entry: JournalEntry
    outcome: Outcome
    past: Counts
    complete: int
    """Which of all events, in order of arrival, was the last of ``past`` to come."""


@dataclass(frozen=True, slots=True)
class Ends:
    """``end`` is the one that counts, if any does yet. ``contested``: steps of several systems would end the run, and
    which of them was first to have its past complete cannot be seen from what has come since."""

    end: End | None
    contested: bool


@dataclass(frozen=True)
class Known:
    """What has come about one application: its ``entries`` in order of arrival, and messages by their id."""

    entries: Sequence[JournalEntry]
    logged: Mapping[str, LoggedMessage]
    by_number: Mapping[tuple[str, int], JournalEntry] = field(init=False)
    arrival: Mapping[tuple[str, int], int] = field(init=False)

    def __post_init__(self) -> None:
        places = [(entry.actor, entry.number) for entry in self.entries]
        object.__setattr__(self, "by_number", dict(zip(places, self.entries, strict=True)))
        object.__setattr__(self, "arrival", {place: number for number, place in enumerate(places)})

    def told(self, entry: JournalEntry) -> Counts | None:
        """What the sender of the message knew that ``entry`` names; ``None`` if it came by way of the gateway, and the
        gateway has relayed no such message to its system about this application."""
        sender = entry.received_from or entry.actor
        message = self.logged.get(entry.message_id or "")
        if (
            message is not None
            and (message.subject, message.source) == (entry.application, sender)
            and (entry.received_from is None or message.destination == entry.actor)
        ):
            return read(message.journaled)
        by_gateway = sender != System.GATEWAY and not may_tell(System(entry.actor), sender)
        return None if by_gateway else {}


def law_of(entries: Sequence[JournalEntry], regulations: Regulations) -> tuple[Regulation, str]:
    """The regulation and the channel under which the run of ``entries``, in order of arrival, is judged: those that the
    first event states which came of a system with which that channel begins; else those of the first event.

    Raises as ``Regulations.find`` if they are not loaded any more.
    """
    begins: dict[tuple[str, str], str | None] = {}
    for entry in entries:
        law = entry.regulation, entry.channel
        if law not in begins:
            begins[law] = _beginner(regulations, *law)
        if begins[law] == entry.actor:
            break
    else:
        entry = entries[0]
    return regulations.find(entry.regulation, entry.channel)[0], entry.channel


def _beginner(regulations: Regulations, regulation: str, channel: str) -> str | None:
    try:
        return _first_actor(regulations.find(regulation, channel)[0], channel)
    except StandError:
        return None


def _first_actor(regulation: Regulation, channel: str) -> str:
    return Flow(regulation.channel(channel)).start().actor.value


def ends_of(regulation: Regulation, channel: str, known: Known, told: str | None) -> Ends:
    """Which of the known steps ended the run: that whose past was complete first. ``told`` is the place of the one that
    was named before as the end of a contested run; it stays that.

    Of one system it is the one with the lowest number: those after it rest on whatever it rests on.
    """
    steps = regulation.channel(channel).steps
    outcomes = {(step.id, step.actor.value): step.terminal for step in steps if step.terminal is not None}
    law = regulation.id, channel
    rightful: dict[str, list[JournalEntry]] = defaultdict(list)
    for entry in known.entries:
        if entry.kind == "step" and (entry.step, entry.actor) in outcomes and (entry.regulation, entry.channel) == law:
            rightful[entry.actor].append(entry)
    begun = _beginning(regulation, channel, known.entries)
    complete: list[End] = []
    for entries in rightful.values():
        found = _first_complete(sorted(entries, key=lambda entry: entry.number), known, begun)
        if found is not None:
            entry, past = found
            last = max(known.arrival[system, n] for system, count in past.items() for n in range(1, count + 1))
            complete.append(End(entry, outcomes[entry.step, entry.actor], past, last))
    # What completes two at once completes the one that is in the past of the other, which is the smaller.
    complete.sort(key=lambda end: (end.entry.place != told, end.complete, sum(end.past.values())))
    return Ends(complete[0] if complete else None, contested=len(rightful) > 1)


def _beginning(regulation: Regulation, channel: str, entries: Iterable[JournalEntry]) -> tuple[str, int] | None:
    """The first event, by its number, of the system with which the channel begins."""
    actor = _first_actor(regulation, channel)
    law = regulation.id, channel
    of_actor = (entry for entry in entries if entry.actor == actor and (entry.regulation, entry.channel) == law)
    number = min((entry.number for entry in of_actor), default=None)
    return None if number is None else (actor, number)


def _first_complete(
    ends: Iterable[JournalEntry], known: Known, begun: tuple[str, int] | None
) -> tuple[JournalEntry, Counts] | None:
    """The first of the ``ends`` of one system that rests on the beginning of the run, with its past; ``None`` if there
    is none yet, or some of its past has not come."""
    past: Counts = {}
    for end in ends:
        reached = _extended(past, end, known)
        if reached is None:
            return None
        past = reached
        if begun is not None and past.get(begun[0], 0) >= begun[1]:
            return end, past
    return None


def _extended(past: Counts, end: JournalEntry, known: Known) -> Counts | None:
    """``past``, which is complete, and what ``end`` rests on beside it; ``None`` if some of that has not come."""
    reached: Counts = joined(past, read(end.journaled), {end.actor: end.number})
    while reached != past:
        heard: list[Counts] = []
        for system, last in reached.items():
            for number in range(past.get(system, 0) + 1, last + 1):
                entry = known.by_number.get((system, number))
                told = None if entry is None else known.told(entry)
                if entry is None or told is None:
                    return None
                heard += read(entry.journaled), told
        past, reached = reached, joined(reached, *heard)
    return past
