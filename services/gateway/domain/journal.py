"""The journal: its entries, and the order in which they came about."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush

from shared.messages.journaled import Counts, joined, read


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One journal event as the gateway keeps it."""

    event_id: str
    kind: str
    application: str
    regulation: str
    channel: str
    step: str
    clause: str
    actor: str
    at: datetime
    passed: bool | None
    message_id: str | None
    received_from: str | None
    signature: str | None
    detail: str | None
    variant: str | None = None
    role: str | None = None
    started_at: datetime | None = None
    due_at: datetime | None = None
    place: str = field(kw_only=True)
    """Its key: whose event it is, and which of those about the application (``place_of``)."""
    number: int = field(kw_only=True)
    """Which of the events that its system has journaled of the application; from 1 on without a gap."""
    journaled: str = field(kw_only=True)
    """What its system knew of the journal of the application when it committed (``shared.messages.journaled``)."""
    recorded_at: datetime = field(kw_only=True)
    set_back_s: float = field(kw_only=True)

    @property
    def steady_at(self) -> datetime:
        """When the transaction that journaled it was made, on a line of time that never goes back: stand time plus
        everything by which the stand's clock was ever set back."""
        return self.recorded_at + timedelta(seconds=self.set_back_s)

    def says_the_same_as(self, other: "JournalEntry") -> bool:
        """Whether it is the same event, whatever record brought it."""
        return self == replace(
            other, journaled=self.journaled, recorded_at=self.recorded_at, set_back_s=self.set_back_s
        )


def place_of(actor: str, number: int, application: str) -> str:
    """The key of an event. Nobody can write at another system's places, for its ``actor`` is who signed the record."""
    return f"{actor} {number} {application}"


Told = Mapping[str, Counts]
"""By message id: what its sender knew of the journal of the application."""


def in_order(entries: Sequence[JournalEntry], told: Told | None = None) -> list[JournalEntry]:
    """Entries of one application, given in order of arrival, in the order in which they came about.

    A system's entries go by their numbers. Nothing comes before what led to it: neither before what its system knew to
    be journaled, nor before what the sender of its message knew, nor before the step that sent this message. What
    nothing binds goes by steady time, in order of arrival at the same instant.
    """
    by_time = sorted(entries, key=lambda entry: entry.steady_at)
    rank = {entry.place: number for number, entry in enumerate(by_time)}
    waits_for = _causes(by_time, told or {})
    lets_go: dict[str, list[str]] = defaultdict(list)
    for place, causes in waits_for.items():
        for cause in causes:
            lets_go[cause].append(place)
    ready = [rank[place] for place, causes in waits_for.items() if not causes]
    heapify(ready)
    # Journals whose claims contradict each other are shown as far as they go; the verdict names what is wrong.
    stuck = iter(sorted(range(len(by_time)), key=lambda number: by_time[number].number))
    done: dict[int, JournalEntry] = {}
    while len(done) < len(by_time):
        next_one = heappop(ready) if ready else next(stuck)
        if next_one in done:
            continue
        entry = done[next_one] = by_time[next_one]
        for place in lets_go[entry.place]:
            waits_for[place].discard(entry.place)
            if not waits_for[place]:
                heappush(ready, rank[place])
    return list(done.values())


def _causes(entries: Sequence[JournalEntry], told: Told) -> dict[str, set[str]]:
    """For each entry those that must have been just before it."""
    sent: dict[tuple[str, str], set[str]] = defaultdict(set)
    own: dict[str, list[JournalEntry]] = defaultdict(list)
    for entry in sorted(entries, key=_number):
        own[entry.actor].append(entry)
        if entry.message_id is not None and entry.received_from is None:
            sent[entry.actor, entry.message_id].add(entry.place)
    causes: dict[str, set[str]] = {}
    for entry in entries:
        known = joined(read(entry.journaled), told.get(entry.message_id or "", {})) | {entry.actor: entry.number - 1}
        # Of each system the last one that was known is enough: those before it are its own causes.
        places = ((own[system], bisect_right(own[system], last, key=_number)) for system, last in known.items())
        before = {others[place - 1].place for others, place in places if place}
        if entry.received_from is not None and entry.message_id is not None:
            before |= sent.get((entry.received_from, entry.message_id), set())
        causes[entry.place] = before
    return causes


def _number(entry: JournalEntry) -> int:
    return entry.number
