"""Every query of the portal. They run in the caller's session."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Select, Table, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel

from services.portal.domain.application import Application, State
from services.portal.domain.documents import IssuedDocument
from services.portal.domain.notices import Notice
from services.portal.domain.recipients import Recipient, Session
from services.portal.models import (
    ApplicationRow,
    AttemptsRow,
    IssuedDocumentRow,
    NoticeRow,
    RecipientRow,
    SessionRow,
)
from shared.kit.lockout import Attempts

Record = TypeVar("Record")


@dataclass(frozen=True)
class Matter:
    """A line of the cabinet's list."""

    id: str
    service: str
    state: State
    created_at: datetime
    changed_at: datetime
    entry_number: str | None
    queue: dict[str, Any] | None


async def add_recipient(session: AsyncSession, recipient: Recipient) -> bool:
    """Add a recipient; whether the IIN was free. Two at the same time: one of them gets it."""
    table = _table(RecipientRow)
    values = {field.name: getattr(recipient, field.name) for field in fields(recipient)}
    dialect: Any = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    added = await session.execute(
        dialect.insert(table).values(values).on_conflict_do_nothing(index_elements=["iin"]).returning(table.c.iin)
    )
    return added.first() is not None


async def find_sign_in(session: AsyncSession, iin: str) -> tuple[Recipient | None, Attempts]:
    """The recipient with this IIN and the failed sign-ins so far: the same work for an unknown IIN."""
    recipient = await _find(session, Recipient, RecipientRow, "iin", iin)
    return recipient, await _find(session, Attempts, AttemptsRow, "subject", iin) or Attempts(iin)


async def find_session(session: AsyncSession, token_hash: str) -> Session | None:
    """The session of a token."""
    return await _find(session, Session, SessionRow, "token_hash", token_hash)


async def close_session(session: AsyncSession, token_hash: str) -> None:
    """Forget a session."""
    table = _table(SessionRow)
    await session.execute(delete(table).where(table.c.token_hash == token_hash))


async def close_expired_sessions(session: AsyncSession, iin: str, now: datetime) -> None:
    """Forget the recipient's sessions that no longer serve."""
    table = _table(SessionRow)
    await session.execute(delete(table).where(table.c.iin == iin, table.c.expires_at <= now))


async def find_application(session: AsyncSession, application_id: str) -> Application | None:
    """One application."""
    return await _find(session, Application, ApplicationRow, "id", application_id)


async def delete_draft(session: AsyncSession, application_id: str) -> None:
    """Delete a draft; anything else stays."""
    table = _table(ApplicationRow)
    await session.execute(delete(table).where(table.c.id == application_id, table.c.state == State.DRAFT.value))


async def list_matters(
    session: AsyncSession, iin: str, *, state: State | None, before: str | None, limit: int
) -> list[Matter]:
    """The recipient's matters, newest first."""
    table = _table(ApplicationRow)
    query = select(*(table.c[field.name] for field in fields(Matter))).where(table.c.iin == iin)
    if state is not None:
        query = query.where(table.c.state == state.value)
    if before is not None:
        query = query.where(table.c.id < before)
    return await _all(session, Matter, query.order_by(table.c.id.desc()).limit(limit))


async def list_notices(
    session: AsyncSession, iin: str, *, application: str | None, before: str | None, limit: int
) -> list[Notice]:
    """The recipient's notices, newest first."""
    table = _table(NoticeRow)
    query = _select(Notice, table).where(table.c.iin == iin)
    if application is not None:
        query = query.where(table.c.application == application)
    if before is not None:
        query = query.where(table.c.id < before)
    return await _all(session, Notice, query.order_by(table.c.id.desc()).limit(limit))


async def find_issued(session: AsyncSession, *, application: str) -> IssuedDocument | None:
    """The act on an application."""
    return await _find(session, IssuedDocument, IssuedDocumentRow, "application", application)


async def find_issued_by_digest(session: AsyncSession, sha256: str) -> IssuedDocument | None:
    """The act whose content has this digest."""
    return await _find(session, IssuedDocument, IssuedDocumentRow, "sha256", sha256)


def _table(model: type[SQLModel]) -> Table:
    table: Table = model.__table__  # type: ignore[attr-defined]
    return table


def _select(record: type[Any], table: Table) -> Select[Any]:
    return select(*(table.c[field.name] for field in fields(record)))


async def _find(
    session: AsyncSession, record: type[Record], model: type[SQLModel], key: str, value: str
) -> Record | None:
    table = _table(model)
    found = await _all(session, record, _select(record, table).where(table.c[key] == value).limit(1))
    return found[0] if found else None


async def _all(session: AsyncSession, record: type[Record], query: Select[Any]) -> list[Record]:
    names: Sequence[str] = [field.name for field in fields(record)]  # type: ignore[arg-type]
    rows = await session.execute(query)
    return [record(**dict(zip(names, row, strict=True))) for row in rows]
