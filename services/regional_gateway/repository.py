"""Queries of the regional gateway."""

from sqlalchemy import func, select

from services.regional_gateway.domain import Counter, JournalEntry, QueuePlace
from services.regional_gateway.models import CounterRow, JournalEntryRow, QueuePlaceRow
from shared.db.session import DatabaseSession
from shared.db.states import StateKind

ENTRIES = StateKind(JournalEntryRow, JournalEntry, "application")
COUNTERS = StateKind(CounterRow, Counter, "name", contended=True)
PLACES = StateKind(QueuePlaceRow, QueuePlace, "application")

_ENTRY = JournalEntryRow.__table__.c  # type: ignore[attr-defined]
_PLACE = QueuePlaceRow.__table__.c  # type: ignore[attr-defined]


async def search_entries(
    session: DatabaseSession, *, status: str | None, regulation: str | None, before: str | None, limit: int
) -> list[JournalEntry]:
    """Entries of the registration journal, newest number first; ``before`` is the number the last page ended with."""
    query = ENTRIES.select().order_by(_ENTRY.entry_number.desc()).limit(limit)
    if status is not None:
        query = query.where(_ENTRY.status == status)
    if regulation is not None:
        query = query.where(_ENTRY.regulation == regulation)
    if before is not None:
        query = query.where(_ENTRY.entry_number < before)
    return await ENTRIES.read(session, query)


async def find_entry(session: DatabaseSession, entry_number: str) -> JournalEntry | None:
    """The entry with this number."""
    found = await ENTRIES.read(session, ENTRIES.select().where(_ENTRY.entry_number == entry_number))
    return found[0] if found else None


async def places(session: DatabaseSession, queue: str, *, after: int, limit: int) -> list[QueuePlace]:
    """Who stands on ``queue``, in the order of the numbers, from the number after ``after`` on."""
    query = (
        PLACES.select()
        .where(_PLACE.queue == queue, _PLACE.number > after, _PLACE.released_at.is_(None))
        .order_by(_PLACE.number)
        .limit(limit)
    )
    return await PLACES.read(session, query)


async def queue_length(session: DatabaseSession, queue: str, *, up_to: int | None = None) -> int:
    """How many stand on ``queue``; ``up_to``: with this number or a smaller one."""
    query = select(func.count()).select_from(QueuePlaceRow).where(_PLACE.queue == queue, _PLACE.released_at.is_(None))
    count = await session.execute(query if up_to is None else query.where(_PLACE.number <= up_to))
    return int(count.scalar_one())
