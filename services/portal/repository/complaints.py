"""Complaints that recipients have made, and queries about them."""

from sqlalchemy import func, select

from services.portal.domain.complaints import OPEN, SentComplaint
from services.portal.models import ComplaintRow
from shared.db.session import DatabaseSession
from shared.db.states import StateKind

COMPLAINTS = StateKind(table=ComplaintRow, record=SentComplaint, key="id")
_COMPLAINT = COMPLAINTS.sql.c


async def list_complaints(session: DatabaseSession, iin: str, *, before: str | None, limit: int) -> list[SentComplaint]:
    """The complaints of a person, newest first; ``before``: the position of the last one seen."""
    query = COMPLAINTS.select().where(_COMPLAINT.iin == iin)
    if before is not None:
        query = query.where(_COMPLAINT.position < before)
    return await COMPLAINTS.read(session, query.order_by(_COMPLAINT.position.desc()).limit(limit))


async def count_open(session: DatabaseSession, iin: str) -> int:
    """How many complaints of a person are not answered yet."""
    query = select(func.count()).where(_COMPLAINT.iin == iin, _COMPLAINT.state.in_(OPEN))
    return int(await session.scalar(query))


async def count_about(session: DatabaseSession, iin: str, application: str) -> int:
    """How many complaints a person has made about one application."""
    query = select(func.count()).where(_COMPLAINT.iin == iin, _COMPLAINT.application == application)
    return int(await session.scalar(query))
