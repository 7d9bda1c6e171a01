"""Queries on the tables both registries have."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, tuple_

from services.registries.common.domain import AccessEntry, HeldAnswer
from shared.db.session import DatabaseSession
from shared.db.states import StateKind
from shared.db.switches import Switch


@dataclass(frozen=True, eq=False)
class RegistryKinds:
    """The tables of one registry that both have."""

    access: StateKind[AccessEntry]
    held: StateKind[HeldAnswer]
    faults: StateKind[Switch]


async def is_empty(session: DatabaseSession, kind: StateKind[Any]) -> bool:
    """Whether the table of ``kind`` has no row."""
    return (await session.execute(select(kind.sql.c[kind.key]).limit(1))).first() is None


async def search_access(
    session: DatabaseSession, kind: StateKind[AccessEntry], wanted: Mapping[str, str], *, before: str | None, limit: int
) -> list[AccessEntry]:
    """Entries that fit every wanted column, newest first; ``before`` is the key the last page ended with.

    Keys begin with the message id, a UUIDv7, so their order is that of the requests.
    """
    columns = kind.sql.c
    query = kind.select().order_by(columns.key.desc()).limit(limit)
    for name, value in wanted.items():
        query = query.where(columns[name] == value)
    if before is not None:
        query = query.where(columns.key < before)
    return await kind.read(session, query)


async def held_answers(
    session: DatabaseSession, kind: StateKind[HeldAnswer], *, after: str | None, limit: int
) -> list[HeldAnswer]:
    """Answers still kept back, oldest first; ``after``: those after the one to that request, which may have gone."""
    columns = kind.sql.c
    query = kind.select().where(columns.released_at.is_(None))
    if after is not None:
        place = select(columns.held_at, columns.request_id).where(columns.request_id == after).scalar_subquery()
        query = query.where(tuple_(columns.held_at, columns.request_id) > place)
    return await kind.read(session, query.order_by(columns.held_at, columns.request_id).limit(limit))


async def next_due(session: DatabaseSession, kind: StateKind[HeldAnswer]) -> datetime | None:
    """When the next late answer is due, or ``None`` if no answer is late."""
    columns = kind.sql.c
    query = select(func.min(columns.due_at)).where(columns.released_at.is_(None), columns.due_at.is_not(None))
    due: datetime | None = (await session.execute(query)).scalar()
    return due
