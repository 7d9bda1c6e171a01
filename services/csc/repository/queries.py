"""Every query of the centre. They run in the caller's session."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Select, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.csc.domain.documents import IssuedDocument
from services.csc.domain.enquiry import Enquiry
from services.csc.domain.matter import Matter, State
from services.csc.domain.people import AccessEntry, OperatorSession
from services.csc.domain.visits import SlotUse, Visit, VisitState
from services.csc.repository import ACCESS, ATTEMPTS, ENQUIRIES, ISSUED_DOCUMENTS, MATTERS, SESSIONS, SLOT_USES, VISITS
from shared.db.states import StateKind
from shared.kit.lockout import Attempts

Record = TypeVar("Record")

_MATTER, _ENQUIRY, _VISIT, _ACCESS = MATTERS.sql.c, ENQUIRIES.sql.c, VISITS.sql.c, ACCESS.sql.c


@dataclass(frozen=True)
class MatterLine:
    """A matter as the operators' list shows it: no personal data."""

    id: str
    service: str
    state: State
    operator: str
    created_at: datetime
    changed_at: datetime
    number: str | None
    entry_number: str | None
    kept_until: datetime | None


async def find_session(session: AsyncSession, token_hash: str) -> OperatorSession | None:
    """The session of a token."""
    return await _find(session, SESSIONS, token_hash)


async def close_sessions(session: AsyncSession, token_hash: str, now: datetime) -> None:
    """Forget a session, and all that have expired."""
    column = SESSIONS.sql.c
    await session.execute(delete(SESSIONS.sql).where(or_(column.token_hash == token_hash, column.expires_at <= now)))


async def find_attempts(session: AsyncSession, login: str) -> Attempts:
    """The failed sign-ins of a login, known or not."""
    return await _find(session, ATTEMPTS, login) or Attempts(login)


async def find_matter(session: AsyncSession, matter_id: str) -> Matter | None:
    """One matter."""
    return await _find(session, MATTERS, matter_id)


async def find_by_number(session: AsyncSession, number: str) -> Matter | None:
    """The matter with this number: of the application, of the receipt, or of the registration journal."""
    wanted = or_(_MATTER.id == number, _MATTER.number == number, _MATTER.entry_number == number)
    found = await _all(session, MATTERS, _select(MATTERS).where(wanted).order_by(_MATTER.id).limit(1))
    return found[0] if found else None


async def list_matters(
    session: AsyncSession, centre: str, *, state: State | None, before: str | None, limit: int
) -> list[MatterLine]:
    """Matters of one centre, newest first; ``before`` is the id the last page ended with."""
    names = [field.name for field in fields(MatterLine)]
    query = select(*(_MATTER[name] for name in names)).where(_MATTER.centre == centre)
    if state is not None:
        query = query.where(_MATTER.state == state.value)
    if before is not None:
        query = query.where(_MATTER.id < before)
    rows = await session.execute(query.order_by(_MATTER.id.desc()).limit(limit))
    return [MatterLine(**{**row._mapping, "state": State(row.state)}) for row in rows]  # noqa: SLF001 - its public name


async def enquiries_of(session: AsyncSession, matter: Matter) -> list[Enquiry]:
    """What was asked in a matter, in the order of the regulation."""
    found = await _all(session, ENQUIRIES, _select(ENQUIRIES).where(_ENQUIRY.matter == matter.id))
    return sorted(found, key=lambda enquiry: matter.enquiries.index(enquiry.about))


async def due_enquiries(session: AsyncSession, now: datetime, limit: int) -> list[str]:
    """Matters in which a registry is to be asked again, the longest due first."""
    query = select(_ENQUIRY.matter).where(_ENQUIRY.due_at <= now).order_by(_ENQUIRY.due_at).limit(limit)
    return list(dict.fromkeys(str(row[0]) for row in await session.execute(query)))


async def find_extract(session: AsyncSession, sha256: str) -> Enquiry | None:
    """The answered question whose extract is the file with this digest."""
    found = await _all(session, ENQUIRIES, _select(ENQUIRIES).where(_ENQUIRY.document_sha256 == sha256).limit(1))
    return found[0] if found else None


async def uncollected(session: AsyncSession, now: datetime, limit: int) -> list[str]:
    """Matters whose result was kept long enough."""
    query = select(_MATTER.id).where(_MATTER.kept_until <= now, _MATTER.state == State.READY.value)
    rows = await session.execute(query.order_by(_MATTER.kept_until).limit(limit))
    return [str(row[0]) for row in rows]


async def find_issued(session: AsyncSession, application: str) -> IssuedDocument | None:
    """The act on an application."""
    return await _find(session, ISSUED_DOCUMENTS, application)


async def waiting_visits(session: AsyncSession, centre: str, until: datetime) -> list[Visit]:
    """Who waits at a centre, in the order of their times, as far as these have come at ``until``."""
    query = _select(VISITS).where(
        _VISIT.centre == centre, _VISIT.state == VisitState.WAITING.value, _VISIT.due_at <= until
    )
    return await _all(session, VISITS, query.order_by(_VISIT.due_at, _VISIT.taken_at, _VISIT.id))


async def slot_uses(session: AsyncSession, centre: str, first: datetime, last: datetime) -> dict[datetime, SlotUse]:
    """What is booked from ``first`` to ``last``, by the beginning of the slot."""
    column = SLOT_USES.sql.c
    query = _select(SLOT_USES).where(column.centre == centre, column.starts_at >= first, column.starts_at <= last)
    return {use.starts_at: use for use in await _all(session, SLOT_USES, query)}


async def access_log(
    session: AsyncSession, centre: str, *, iin: str | None, matter: str | None, before: str | None, limit: int
) -> list[AccessEntry]:
    """Looks at people's data in a centre, newest first."""
    query = _select(ACCESS).where(_ACCESS.centre == centre)
    for column, value in ((_ACCESS.iin, iin), (_ACCESS.matter, matter)):
        if value is not None:
            query = query.where(column == value)
    if before is not None:
        query = query.where(_ACCESS.key < before)
    return await _all(session, ACCESS, query.order_by(_ACCESS.key.desc()).limit(limit))


def _select(kind: StateKind[Any]) -> Select[Any]:
    return select(*(kind.sql.c[field.name] for field in fields(kind.record)))


async def _find(session: AsyncSession, kind: StateKind[Record], key: str) -> Record | None:
    found = await _all(session, kind, _select(kind).where(kind.sql.c[kind.key] == key).limit(1))
    return found[0] if found else None


async def _all(session: AsyncSession, kind: StateKind[Record], query: Select[Any]) -> list[Record]:
    names: Sequence[str] = [field.name for field in fields(kind.record)]  # type: ignore[arg-type]
    rows = await session.execute(query)
    return [kind.record(**dict(zip(names, row, strict=True))) for row in rows]
