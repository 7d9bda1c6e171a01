"""Every query of the centre. They run in the caller's session."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import delete, or_, select

from services.csc.domain.documents import IssuedDocument
from services.csc.domain.matter import Matter
from services.csc.domain.people import AccessEntry, OperatorSession
from services.csc.domain.states import UNCOLLECTED, State
from services.csc.domain.visits import SlotUse
from services.csc.repository import ACCESS, ENQUIRIES, ISSUED_DOCUMENTS, MATTERS, SESSIONS, SLOT_USES, VISITS
from shared.db.session import DatabaseSession
from shared.regulations.enquiry import Enquiry
from shared.regulations.visits import Visit, VisitState

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
    due_at: datetime | None
    overdue_at: datetime | None
    open_step: dict[str, Any] | None


async def find_session(session: DatabaseSession, token_hash: str) -> OperatorSession | None:
    """The session of a token."""
    return await SESSIONS.find(session, token_hash)


async def close_sessions(session: DatabaseSession, token_hash: str, elapsed_s: float) -> None:
    """Forget a session, and all that have expired."""
    column = SESSIONS.sql.c
    await session.execute(delete(SESSIONS.sql).where(or_(column.token_hash == token_hash, column.ends_s <= elapsed_s)))


async def find_matter(session: DatabaseSession, matter_id: str) -> Matter | None:
    """One matter."""
    return await MATTERS.find(session, matter_id)


async def find_by_number(session: DatabaseSession, number: str) -> Matter | None:
    """The matter with this number: of the application, of the receipt, or of the registration journal."""
    wanted = or_(_MATTER.id == number, _MATTER.number == number, _MATTER.entry_number == number)
    found = await MATTERS.read(session, MATTERS.select().where(wanted).order_by(_MATTER.id).limit(1))
    return found[0] if found else None


async def list_matters(
    session: DatabaseSession,
    centre: str,
    *,
    state: State | None,
    before: str | None,
    limit: int,
    overdue: bool | None = None,
) -> list[MatterLine]:
    """Matters of one centre, newest first; ``before`` is the id the last page ended with."""
    names = [field.name for field in fields(MatterLine)]
    query = select(*(_MATTER[name] for name in names)).where(_MATTER.centre == centre)
    if state is not None:
        query = query.where(_MATTER.state == state.value)
    if overdue is not None:
        late = or_(_MATTER.overdue_at.is_not(None), _MATTER.step_overdue.is_(True))
        query = query.where(late if overdue else ~late)
    if before is not None:
        query = query.where(_MATTER.id < before)
    rows = await session.execute(query.order_by(_MATTER.id.desc()).limit(limit))
    return [MatterLine(**{**row._mapping, "state": State(row.state)}) for row in rows]  # noqa: SLF001 - its public name


async def enquiries_of(session: DatabaseSession, matter: Matter) -> list[Enquiry]:
    """What was asked in a matter, in the order of the regulation."""
    found = await ENQUIRIES.read(session, ENQUIRIES.select().where(_ENQUIRY.matter == matter.id))
    return sorted(found, key=lambda enquiry: matter.enquiries.index(enquiry.about))


async def due_enquiries(session: DatabaseSession, now: datetime, limit: int) -> list[str]:
    """Matters in which a registry is to be asked again, the longest due first."""
    query = select(_ENQUIRY.matter).where(_ENQUIRY.due_at <= now).order_by(_ENQUIRY.due_at).limit(limit)
    return list(dict.fromkeys(str(row[0]) for row in await session.execute(query)))


async def find_extract(session: DatabaseSession, sha256: str) -> Enquiry | None:
    """The answered question whose extract is the file with this digest."""
    found = await ENQUIRIES.read(session, ENQUIRIES.select().where(_ENQUIRY.document_sha256 == sha256).limit(1))
    return found[0] if found else None


async def uncollected(session: DatabaseSession, now: datetime, limit: int) -> list[str]:
    """Matters whose result or refusal was kept long enough."""
    there = [state.value for state in UNCOLLECTED]
    query = select(_MATTER.id).where(_MATTER.kept_until <= now, _MATTER.state.in_(there))
    rows = await session.execute(query.order_by(_MATTER.kept_until).limit(limit))
    return [str(row[0]) for row in rows]


async def overdue_matters(session: DatabaseSession, now: datetime, limit: int) -> list[str]:
    """Matters in which a term has passed."""
    query = select(_MATTER.id).where(_MATTER.watch_at < now).order_by(_MATTER.watch_at).limit(limit)
    return [str(row[0]) for row in await session.execute(query)]


async def overdue_visits(session: DatabaseSession, now: datetime, limit: int) -> list[Visit]:
    """Visits in which a term has passed."""
    query = VISITS.select().where(_VISIT.watch_at < now).order_by(_VISIT.watch_at).limit(limit)
    return await VISITS.read(session, query)


async def list_visits(
    session: DatabaseSession, centre: str, *, overdue: bool | None, before: str | None, limit: int
) -> list[Visit]:
    """The visits at a centre, latest first."""
    query = VISITS.select().where(_VISIT.place == centre)
    if before is not None:
        query = query.where(_VISIT.id < before)
    if overdue is not None:
        late = or_(_VISIT.wait_overdue_at.is_not(None), _VISIT.service_overdue_at.is_not(None))
        query = query.where(late if overdue else ~late)
    return await VISITS.read(session, query.order_by(_VISIT.id.desc()).limit(limit))


async def find_issued(session: DatabaseSession, application: str) -> IssuedDocument | None:
    """The act on an application."""
    return await ISSUED_DOCUMENTS.find(session, application)


async def waiting_visits(session: DatabaseSession, centre: str, until: datetime) -> list[Visit]:
    """Who waits at a centre, in the order of their times, as far as these have come at ``until``."""
    query = VISITS.select().where(
        _VISIT.place == centre, _VISIT.state == VisitState.WAITING.value, _VISIT.due_at <= until
    )
    return await VISITS.read(session, query.order_by(_VISIT.due_at, _VISIT.taken_at, _VISIT.id))


async def slot_uses(session: DatabaseSession, centre: str, first: datetime, last: datetime) -> dict[datetime, SlotUse]:
    """What is booked from ``first`` to ``last``, by the beginning of the slot."""
    column = SLOT_USES.sql.c
    query = SLOT_USES.select().where(column.centre == centre, column.starts_at >= first, column.starts_at <= last)
    return {use.starts_at: use for use in await SLOT_USES.read(session, query)}


async def access_log(
    session: DatabaseSession, centre: str, *, iin: str | None, matter: str | None, before: str | None, limit: int
) -> list[AccessEntry]:
    """Looks at people's data in a centre, newest first."""
    query = ACCESS.select().where(_ACCESS.centre == centre)
    for column, value in ((_ACCESS.iin, iin), (_ACCESS.matter, matter)):
        if value is not None:
            query = query.where(column == value)
    if before is not None:
        query = query.where(_ACCESS.key < before)
    return await ACCESS.read(session, query.order_by(_ACCESS.key.desc()).limit(limit))
