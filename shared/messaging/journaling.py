"""What one system has journaled of each application, in numbers without a gap, and what it heard of others.

The numbers are taken in the transaction that journals the events, for all applications of a batch in one query and one
statement. Every message about an application tells them to its receiver, so whoever has read the message knows which
events there must be, also those whose record has not come.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from shared.db.postgres import take_names
from shared.db.session import DatabaseSession
from shared.db.statements import keys_parameter, select_by_keys, upsert
from shared.messages.control import JournalEvent
from shared.messages.journaled import Counts, joined, read, written
from shared.messages.systems import System
from shared.messaging.records import Received
from shared.messaging.tables import MessagingTables

_KEY, _COUNTS = "application", "counts"


class Counting:
    """The numbers of one transaction."""

    def __init__(self, system: str, known: Mapping[str, Counts], heard: Mapping[str, Counts]) -> None:
        self._system = system
        self._known = dict(known)
        self._counts = {key: joined(known.get(key, {}), heard.get(key, {})) for key in {*known, *heard}}

    def take(self, application: str, count: int) -> int:
        """Numbers for ``count`` more events about ``application``; the first of them."""
        counts = self._counts.setdefault(application, {})
        first = counts.get(self._system, 0) + 1
        counts[self._system] = first + count - 1
        return first

    def of(self, application: str) -> str:
        """What is known of ``application`` now, as it travels."""
        return written(self._counts.get(application, {}))

    @property
    def changed(self) -> dict[str, str]:
        """What is to be kept, by application."""
        return {
            application: written(counts)
            for application, counts in self._counts.items()
            if counts != self._known.get(application, {})
        }


class Journaling:
    """The numbers of one system, in its database."""

    def __init__(self, system: System, tables: MessagingTables) -> None:
        self._system = system
        self._table = tables.journaled

    def heard(self, messages: Iterable[Received]) -> dict[str, Counts]:
        """What came with messages that the gateway has not seen, by application.

        What came by the gateway it knows already, so only this has to be told it again.
        """
        found: dict[str, Counts] = {}
        for item in messages:
            told = {system: number for system, number in item.journaled.items() if system != self._system}
            if told and item.hop is item.message.source and self._system is not System.GATEWAY:
                found[item.message.subject] = joined(found.get(item.message.subject, {}), told)
        return found

    async def count(
        self, session: DatabaseSession, applications: Collection[str], heard: Mapping[str, Counts]
    ) -> Counting:
        """The numbers of ``applications`` for this transaction; other transactions wait for them until it ends."""
        wanted = {*applications, *heard}
        known = await self._load(session, wanted) if wanted else {}
        if session.dialect == "postgresql" and (absent := wanted - known.keys()):
            await take_names(session, [f"{self._table.name}/{application}" for application in absent])
            known |= await self._load(session, absent)
        return Counting(self._system.value, known, heard)

    async def keep(self, session: DatabaseSession, counting: Counting) -> None:
        """Write down what has changed."""
        rows = [{_KEY: application, _COUNTS: counts} for application, counts in sorted(counting.changed.items())]
        if rows:
            await session.run(upsert(self._table, _KEY, (_KEY, _COUNTS), (_COUNTS,), session.dialect), rows)

    async def _load(self, session: DatabaseSession, applications: Collection[str]) -> dict[str, Counts]:
        statement = select_by_keys(self._table, (_KEY, _COUNTS), _KEY, session.dialect)
        rows = await session.run(statement, keys_parameter(applications, session.dialect))
        return {row[0]: read(row[1]) for row in rows}


def by_application(events: Sequence[JournalEvent]) -> dict[str, list[JournalEvent]]:
    """Events by what they are about, each in the order given."""
    found: dict[str, list[JournalEvent]] = defaultdict(list)
    for event in events:
        found[event.application].append(event)
    return found
