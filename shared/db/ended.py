"""What has ended and only takes room: sessions and counts of failures, whose rows say in ``ends_s`` when they end."""

from typing import Any

from sqlalchemy import delete, select

from shared.db.session import DatabaseSession
from shared.db.states import StateKind


async def forget_ended(session: DatabaseSession, elapsed_s: float, *kinds: StateKind[Any]) -> None:
    """Delete the rows of ``kinds`` that have ended at this ``Clock.elapsed_s``."""
    for kind in kinds:
        await session.execute(delete(kind.sql).where(kind.sql.c.ends_s <= elapsed_s))


async def keep_newest(session: DatabaseSession, kind: StateKind[Any], owner: str, whose: str, number: int) -> None:
    """Of the rows whose column ``owner`` is ``whose`` keep the ``number`` that end last."""
    column = kind.sql.c
    mine = select(column[kind.key]).where(column[owner] == whose)
    beyond = [row[0] for row in await session.execute(mine.order_by(column.ends_s.desc()).offset(number))]
    for key in beyond:
        await session.execute(delete(kind.sql).where(column[kind.key] == key))
