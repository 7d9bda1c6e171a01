"""Queries of the provider."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.provider.domain import Attachment, AttachmentState, Lockout, Matter, OfficerSession, Printable
from services.provider.models import AttachmentRow, LockoutRow, MatterRow, OfficerSessionRow, PrintableRow
from shared.db.states import StateKind

MATTERS = StateKind(MatterRow, Matter, "application")
ATTACHMENTS = StateKind(AttachmentRow, Attachment, "key")
PRINTABLES = StateKind(PrintableRow, Printable, "key")
SESSIONS = StateKind(OfficerSessionRow, OfficerSession, "token_hash")
LOCKOUTS = StateKind(LockoutRow, Lockout, "login")

_MATTER, _ATTACHMENT = MATTERS.sql.c, ATTACHMENTS.sql.c


@dataclass(frozen=True, slots=True)
class MatterLine:
    """A matter as the officers' list shows it."""

    application: str
    entry_number: str
    regulation: str
    channel: str
    state: str
    registered_at: datetime
    received_at: datetime
    decided_at: datetime | None


_LINE = tuple(_MATTER[name] for name in MatterLine.__dataclass_fields__)


async def find_matter(session: AsyncSession, application: str) -> Matter | None:
    """The matter of an application."""
    return (await MATTERS.load(session, [application])).get(application)


async def find_act(session: AsyncSession, sha256: str) -> Matter | None:
    """The matter whose signed act has this SHA-256."""
    application = (await session.execute(select(_MATTER.application).where(_MATTER.act_sha256 == sha256))).scalar()
    return None if application is None else await find_matter(session, str(application))


async def list_matters(
    session: AsyncSession, provider_bin: str, *, state: str | None, before: str | None, limit: int
) -> list[MatterLine]:
    """Matters of one organisation, newest first; ``before`` is the application the last page ended with."""
    query = select(*_LINE).where(_MATTER.provider_bin == provider_bin)
    if state is not None:
        query = query.where(_MATTER.state == state)
    if before is not None:
        query = query.where(_MATTER.application < before)
    rows = await session.execute(query.order_by(_MATTER.application.desc()).limit(limit))
    return [MatterLine(*row) for row in rows]


async def attachments_of(session: AsyncSession, application: str) -> list[Attachment]:
    """The attachments of one application, in the order of the signed document."""
    keys = select(_ATTACHMENT.key).where(_ATTACHMENT.application == application)
    found = await ATTACHMENTS.load(session, [str(row[0]) for row in await session.execute(keys)])
    return sorted(found.values(), key=lambda attachment: attachment.key)


async def pending_attachments(session: AsyncSession, limit: int) -> list[Attachment]:
    """Attachments still to be fetched, oldest applications first."""
    names = [_ATTACHMENT[name] for name in Attachment.__dataclass_fields__]
    query = select(*names).where(_ATTACHMENT.state == AttachmentState.PENDING.value)
    rows = await session.execute(query.order_by(_ATTACHMENT.key).limit(limit))
    return [Attachment(*row) for row in rows]


async def find_session(session: AsyncSession, token_hash: str) -> OfficerSession | None:
    """The session of a token."""
    return (await SESSIONS.load(session, [token_hash])).get(token_hash)


async def find_lockout(session: AsyncSession, login: str) -> Lockout | None:
    """Failed sign-ins of a login."""
    return (await LOCKOUTS.load(session, [login])).get(login)


async def find_printable(session: AsyncSession, key: str) -> Printable | None:
    """A PDF rendered before."""
    return (await PRINTABLES.load(session, [key])).get(key)
