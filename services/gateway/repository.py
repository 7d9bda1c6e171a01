"""Queries of the gateway."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.domain import Evidence, JournalEntry, LoggedMessage
from services.gateway.models import EvidenceRow, JournalEntryRow, LoggedMessageRow
from shared.db.states import StateKind

MESSAGES = StateKind(LoggedMessageRow, LoggedMessage, "message_id")
EVIDENCE = StateKind(EvidenceRow, Evidence, "message_id")
JOURNAL = StateKind(JournalEntryRow, JournalEntry, "event_id")

_LOG = LoggedMessageRow.__table__.c  # type: ignore[attr-defined]
_ENTRY = JournalEntryRow.__table__.c  # type: ignore[attr-defined]


async def find_message(session: AsyncSession, message_id: str) -> tuple[LoggedMessage, Evidence] | None:
    """A relayed message with its evidence."""
    messages = await MESSAGES.load(session, [message_id])
    evidence = await EVIDENCE.load(session, [message_id])
    if message_id not in messages or message_id not in evidence:
        return None
    return messages[message_id], evidence[message_id]


async def search_messages(
    session: AsyncSession, wanted: dict[str, str], *, limit: int, before: str | None
) -> list[LoggedMessage]:
    """Messages whose columns have the ``wanted`` values, newest first; ``before`` is the id the last page ended
    with."""
    query = select(LoggedMessageRow).order_by(_LOG.message_id.desc()).limit(limit)
    for column, value in wanted.items():
        query = query.where(_LOG[column] == value)
    if before is not None:
        query = query.where(_LOG.message_id < before)
    rows = (await session.execute(query)).scalars().all()
    return [LoggedMessage(**row.model_dump()) for row in rows]


async def journal_of(session: AsyncSession, application: str) -> list[JournalEntry]:
    """The journal entries of one application (or one refused sign-in) in order of arrival."""
    query = select(JournalEntryRow).where(_ENTRY.application == application).order_by(_ENTRY.seq)
    rows = (await session.execute(query)).scalars().all()
    return [JournalEntry(**row.model_dump(exclude={"seq"})) for row in rows]


async def latest_applications(session: AsyncSession, *, limit: int) -> list[str]:
    """The applications with the newest journal entries, newest first."""
    newest = func.max(_ENTRY.seq)
    query = select(_ENTRY.application).group_by(_ENTRY.application).order_by(newest.desc()).limit(limit)
    return [str(row[0]) for row in await session.execute(query)]
