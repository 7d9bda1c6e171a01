"""Files that people have handed in, and what uses each: one that nothing uses any more goes.

Equal content is kept once (``ContentStore``), whoever hands it in: a file goes only when the last use of it ends, and a
use is noted before the file is in its place, so that nobody takes away what somebody else is about to use.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlmodel import Field, SQLModel

from shared.db.content import ContentStore
from shared.db.engine import Database
from shared.db.postgres import take_names
from shared.db.session import DatabaseSession
from shared.db.statements import conflicting_insert
from shared.db.states import StateKind

InUse = Callable[[DatabaseSession], Awaitable[set[str]]]
"""Which files an owner uses; they stay the same until the end of the transaction."""


class FileUseColumns(SQLModel):
    """The table of uses; each service that keeps files puts it into its own metadata."""

    key: str = Field(primary_key=True)
    sha256: str = Field(index=True)
    owner: str = Field(index=True)


@dataclass(frozen=True, slots=True)
class FileUse:
    """``owner``, an application or a matter, uses the file ``sha256``. Field names are the columns."""

    key: str
    sha256: str
    owner: str


def use_key(owner: str, sha256: str) -> str:
    """The key of a use."""
    return f"{sha256}/{owner}"


class KeptFiles:
    """The files of one service. Every method is a transaction of its own unless it is given a session."""

    def __init__(self, store: ContentStore, kind: StateKind[FileUse], database: Callable[[], Database]) -> None:
        """``database``: asked for when it is needed, for a service is composed before anything is open."""
        self._store = store
        self._kind = kind
        self._database = database

    async def note_use(self, owner: str, sha256: str) -> None:
        """``owner`` is about to use the file; called before it is put in its place."""
        async with self._database().transaction() as session:
            await self._hold(session, [sha256])
            row = {"key": use_key(owner, sha256), "sha256": sha256, "owner": owner}
            inserting = conflicting_insert(self._kind.sql, session.dialect).values(row)
            await session.execute(inserting.on_conflict_do_nothing(index_elements=["key"]))

    @asynccontextmanager
    async def replacing(self, owner: str, in_use: InUse) -> AsyncIterator["Replacement"]:
        """A block in which ``owner`` may get other files. When it ends, however, those go that it has noted or released
        and that ``owner`` does not use then."""
        replacement = Replacement(owner, self.note_use)
        try:
            yield replacement
        finally:
            if replacement.released:
                async with self._database().transaction() as session:
                    await self.end_uses(session, owner, replacement.released - await in_use(session))

    async def end_all(self, owners: Collection[str]) -> None:
        """These ``owners`` are gone, and use nothing any more."""
        for owner in owners:
            async with self._database().transaction() as session:
                await self.end_uses(session, owner, await self.uses_of(session, owner))

    async def uses_of(self, session: DatabaseSession, owner: str) -> list[str]:
        """The digests of what ``owner`` uses."""
        column = self._kind.sql.c
        rows = await session.execute(select(column.sha256).where(column.owner == owner))
        return [str(row[0]) for row in rows]

    async def end_uses(self, session: DatabaseSession, owner: str, files: Collection[str]) -> None:
        """``owner`` uses these ``files`` no longer; those that nobody else uses are deleted. If the transaction fails
        after that, the uses stand without their files: of what nobody was going to read any more."""
        column = self._kind.sql.c
        await self._hold(session, files)
        for sha256 in sorted(set(files)):
            await session.execute(delete(self._kind.sql).where(column.key == use_key(owner, sha256)))
            used = await session.execute(select(column.key).where(column.sha256 == sha256).limit(1))
            if used.first() is None and (path := self._store.path(sha256)) is not None:
                with suppress(FileNotFoundError):
                    path.unlink()

    async def _hold(self, session: DatabaseSession, files: Collection[str]) -> None:
        # Between the look for other uses and the end of the transaction nobody may note one. SQLite has one writer.
        if files and session.dialect == "postgresql":
            await take_names(session, [f"{self._kind.sql.name}/{sha256}" for sha256 in set(files)])


class Replacement:
    """What comes and goes while an owner gets other files."""

    def __init__(self, owner: str, note: Callable[[str, str], Awaitable[None]]) -> None:
        self._owner = owner
        self._note = note
        self.released: set[str] = set()
        """The digests of files that may not be used any more."""

    async def note_use(self, sha256: str) -> None:
        """A file is about to come; should it not be used in the end, it goes."""
        self.released.add(sha256)
        await self._note(self._owner, sha256)
