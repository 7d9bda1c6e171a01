"""Queries of the gateway."""

from collections.abc import Sequence

from sqlalchemy import func, or_, select

from services.gateway.domain.journal import JournalEntry
from services.gateway.domain.messages import Evidence, LoggedMessage
from services.gateway.models import EvidenceRow, JournalEntryRow, LoggedMessageRow
from shared.db.session import DatabaseSession
from shared.db.states import StateKind

MESSAGES = StateKind(LoggedMessageRow, LoggedMessage, "message_id")
EVIDENCE = StateKind(EvidenceRow, Evidence, "message_id")
JOURNAL = StateKind(JournalEntryRow, JournalEntry, "place")

_LOG = LoggedMessageRow.__table__.c  # type: ignore[attr-defined]
_ENTRY = JournalEntryRow.__table__.c  # type: ignore[attr-defined]


async def find_message(session: DatabaseSession, message_id: str) -> tuple[LoggedMessage, Evidence] | None:
    """A relayed message with its evidence."""
    messages = await MESSAGES.load(session, [message_id])
    evidence = await EVIDENCE.load(session, [message_id])
    if message_id not in messages or message_id not in evidence:
        return None
    return messages[message_id], evidence[message_id]


async def search_messages(
    session: DatabaseSession, wanted: dict[str, str], *, limit: int, before: str | None
) -> list[LoggedMessage]:
    """Messages whose columns have the ``wanted`` values, newest first; ``before`` is the id the last page ended
    with."""
    query = MESSAGES.select().order_by(_LOG.message_id.desc()).limit(limit)
    for column, value in wanted.items():
        query = query.where(_LOG[column] == value)
    if before is not None:
        query = query.where(_LOG.message_id < before)
    return await MESSAGES.read(session, query)


async def journal_of(session: DatabaseSession, application: str) -> list[JournalEntry]:
    """The journal entries of one application (or one refused sign-in) in order of arrival."""
    return await JOURNAL.read(session, JOURNAL.select().where(_ENTRY.application == application).order_by(_ENTRY.seq))


async def messages_of(session: DatabaseSession, entries: Sequence[JournalEntry]) -> list[LoggedMessage]:
    """The relayed messages about the application of ``entries``, and those that ``entries`` name."""
    named = {entry.message_id for entry in entries if entry.message_id is not None}
    about = or_(_LOG.subject == entries[0].application, _LOG.message_id.in_(named))
    return await MESSAGES.read(session, MESSAGES.select().where(about))


async def latest_applications(session: DatabaseSession, *, before: int | None, limit: int) -> list[tuple[str, int]]:
    """The applications with the newest journal entries and the numbers of these, newest first."""
    newest = func.max(_ENTRY.seq)
    query = select(_ENTRY.application, newest).group_by(_ENTRY.application).order_by(newest.desc()).limit(limit)
    if before is not None:
        query = query.having(newest < before)
    return [(str(application), int(seq)) for application, seq in await session.execute(query)]
