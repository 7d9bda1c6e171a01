"""Queries of the regional gateway."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.regional_gateway.domain import Counter, JournalEntry, QueuePlace
from services.regional_gateway.models import CounterRow, JournalEntryRow, QueuePlaceRow
from shared.db.states import StateKind

ENTRIES = StateKind(JournalEntryRow, JournalEntry, "application")
COUNTERS = StateKind(CounterRow, Counter, "name")
PLACES = StateKind(QueuePlaceRow, QueuePlace, "application")

_ENTRY = JournalEntryRow.__table__.c  # type: ignore[attr-defined]
_PLACE = QueuePlaceRow.__table__.c  # type: ignore[attr-defined]


async def search_entries(
    session: AsyncSession, *, status: str | None, regulation: str | None, before: str | None, limit: int
) -> list[JournalEntry]:
    """Entries of the registration journal, newest number first; ``before`` is the number the last page ended with."""
    query = select(JournalEntryRow).order_by(_ENTRY.entry_number.desc()).limit(limit)
    if status is not None:
        query = query.where(_ENTRY.status == status)
    if regulation is not None:
        query = query.where(_ENTRY.regulation == regulation)
    if before is not None:
        query = query.where(_ENTRY.entry_number < before)
    rows = (await session.execute(query)).scalars().all()
    return [JournalEntry(**row.model_dump()) for row in rows]


async def find_entry(session: AsyncSession, entry_number: str) -> JournalEntry | None:
    """The entry with this number."""
    query = select(JournalEntryRow).where(_ENTRY.entry_number == entry_number)
    row = (await session.execute(query)).scalars().first()
    return None if row is None else JournalEntry(**row.model_dump())


async def places(session: AsyncSession, queue: str, *, after: int, limit: int) -> list[QueuePlace]:
    """Places of ``queue`` in the order of their numbers, from the number after ``after`` on."""
    query = (
        select(QueuePlaceRow).where(_PLACE.queue == queue, _PLACE.number > after).order_by(_PLACE.number).limit(limit)
    )
    return [QueuePlace(**row.model_dump()) for row in (await session.execute(query)).scalars().all()]


async def queue_length(session: AsyncSession, queue: str) -> int:
    """How many stand on ``queue``."""
    count = await session.execute(select(func.count()).select_from(QueuePlaceRow).where(_PLACE.queue == queue))
    return int(count.scalar_one())
