"""Queries of the gateway."""

from collections.abc import Sequence
from typing import cast

import orjson
from sqlalchemy import Table, func, or_, select

from services.gateway.domain.journal import JournalEntry
from services.gateway.domain.messages import Evidence, LoggedMessage, RejectedRecord
from services.gateway.models import MESSAGING, EvidenceRow, JournalEntryRow, LoggedMessageRow, ToldEndRow
from shared.db.session import DatabaseSession
from shared.db.statements import conflicting_insert
from shared.db.states import StateKind
from shared.messages.systems import System
from shared.messages.topics import JOURNAL as JOURNAL_TOPIC

MESSAGES = StateKind(LoggedMessageRow, LoggedMessage, "message_id")
EVIDENCE = StateKind(EvidenceRow, Evidence, "message_id")
JOURNAL = StateKind(JournalEntryRow, JournalEntry, "place")

_LOG = LoggedMessageRow.__table__.c  # type: ignore[attr-defined]
_ENTRY = JournalEntryRow.__table__.c  # type: ignore[attr-defined]
_LETTER = MESSAGING.dead_letters.c
_OF_ITS_SENDER = ("unknown-regulation", "journal-rewritten", "schema", "handler-failed")
"""Reasons that come up only when the signature has been found good: a forger cannot have records rejected for them."""
_LETTERS_READ = 100
_ENDS: Table = ToldEndRow.__table__  # type: ignore[attr-defined]
_END = _ENDS.c


async def find_message(session: DatabaseSession, message_id: str) -> tuple[LoggedMessage, Evidence] | None:
    """A relayed message with its evidence."""
    messages = await MESSAGES.load(session, [message_id])
    evidence = await EVIDENCE.load(session, [message_id])
    if message_id not in messages or message_id not in evidence:
        return None
    return messages[message_id], evidence[message_id]


async def search_messages(
    session: DatabaseSession, wanted: dict[str, str], *, of: System | None, limit: int, before: str | None
) -> list[LoggedMessage]:
    """Messages whose columns have the ``wanted`` values, newest first; ``of``: only those this system has sent or is
    sent; ``before`` is the id the last page ended with."""
    query = MESSAGES.select().order_by(_LOG.message_id.desc()).limit(limit)
    for column, value in wanted.items():
        query = query.where(_LOG[column] == value)
    if of is not None:
        query = query.where(or_(_LOG.source == of, _LOG.destination == of))
    if before is not None:
        query = query.where(_LOG.message_id < before)
    return await MESSAGES.read(session, query)


async def journal_of(session: DatabaseSession, application: str) -> list[JournalEntry]:
    """The journal entries of one application (or one refused sign-in) in order of arrival."""
    return await JOURNAL.read(session, JOURNAL.select().where(_ENTRY.application == application).order_by(_ENTRY.seq))


async def messages_of(session: DatabaseSession, entries: Sequence[JournalEntry]) -> list[LoggedMessage]:
    """The relayed messages about the application of ``entries``, and those that ``entries`` name."""
    about = await MESSAGES.read(session, MESSAGES.select().where(_LOG.subject == entries[0].application))
    named = {entry.message_id for entry in entries if entry.message_id is not None}
    elsewhere = named - {message.message_id for message in about}
    return [*about, *(await MESSAGES.load(session, elsewhere)).values()] if elsewhere else about


async def rejected_records(session: DatabaseSession, application: str) -> list[RejectedRecord]:
    """What was signed to be journaled of the application, was not taken, and was not re-driven since; oldest first."""
    query = select(_LETTER.id, _LETTER.value, _LETTER.reason).where(
        _LETTER.record_key == application.encode(),
        _LETTER.topic == JOURNAL_TOPIC,
        _LETTER.reason.in_(_OF_ITS_SENDER),
        _LETTER.redriven_at.is_(None),
    )
    found = []
    for row in await session.execute(query.order_by(_LETTER.id).limit(_LETTERS_READ)):
        try:
            said = orjson.loads(row.value)
            first, count = int(said["data"]["first"]), len(said["data"]["events"])
            found.append(RejectedRecord(row.id, str(said["source"]), first, first + count - 1, row.reason))
        except (ValueError, KeyError, TypeError):
            continue  # which events it would have had cannot be read
    return found


async def told_end(session: DatabaseSession, application: str) -> str | None:
    """The place of the step that was told to be the end of a contested run."""
    return cast("str | None", await session.scalar(select(_END.place).where(_END.application == application)))


async def tell_end(session: DatabaseSession, application: str, place: str) -> str:
    """The same; ``place`` from now on, if none was told before."""
    inserting = conflicting_insert(_ENDS, session.dialect).values(application=application, place=place)
    await session.execute(inserting.on_conflict_do_nothing())
    return await told_end(session, application) or place


async def latest_applications(session: DatabaseSession, *, before: int | None, limit: int) -> list[tuple[str, int]]:
    """The applications with the newest journal entries and the numbers of these, newest first."""
    newest = func.max(_ENTRY.seq)
    query = select(_ENTRY.application, newest).group_by(_ENTRY.application).order_by(newest.desc()).limit(limit)
    if before is not None:
        query = query.having(newest < before)
    return [(str(application), int(seq)) for application, seq in await session.execute(query)]
