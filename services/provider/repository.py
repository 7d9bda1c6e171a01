"""Queries of the provider."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ScalarSelect, func, or_, select, tuple_

from services.provider.domain.attachments import Attachment, AttachmentState, Printable
from services.provider.domain.kindergartens import Kindergarten, Voucher, VoucherState, Waiting
from services.provider.domain.matter import Matter
from services.provider.domain.people import Booking, OfficerSession
from services.provider.domain.quality import QualityNorm
from services.provider.domain.register import Counter
from services.provider.domain.tasks import Task, TaskState
from services.provider.models import (
    AttachmentRow,
    AttemptsRow,
    BookingRow,
    ComplaintRow,
    CounterRow,
    EnquiryRow,
    KindergartenRow,
    MatterRow,
    OfficerSessionRow,
    PrintableRow,
    QualityNormRow,
    SwitchRow,
    TaskRow,
    VisitRow,
    VoucherRow,
    WaitingRow,
)
from shared.db.session import DatabaseSession
from shared.db.statements import among, keys_parameter
from shared.db.states import StateKind
from shared.db.switches import Switch
from shared.kit.lockout import Attempts
from shared.regulations.enquiry import Enquiry
from shared.regulations.hearing import Complaint
from shared.regulations.terms import Role
from shared.regulations.visits import Visit, VisitState

MATTERS = StateKind(MatterRow, Matter, "application")
ENQUIRIES = StateKind(EnquiryRow, Enquiry, "key")
VISITS = StateKind(VisitRow, Visit, "id")
TASKS = StateKind(TaskRow, Task, "key")
COUNTERS = StateKind(CounterRow, Counter, "name", contended=True)
BOOKINGS = StateKind(BookingRow, Booking, "key", contended=True)
ATTACHMENTS = StateKind(AttachmentRow, Attachment, "key")
PRINTABLES = StateKind(PrintableRow, Printable, "key", contended=True)
SESSIONS = StateKind(OfficerSessionRow, OfficerSession, "token_hash")
ATTEMPTS = StateKind(AttemptsRow, Attempts, "subject", contended=True)
KINDERGARTENS = StateKind(KindergartenRow, Kindergarten, "code", contended=True)
WAITING = StateKind(WaitingRow, Waiting, "application")
VOUCHERS = StateKind(VoucherRow, Voucher, "application")
COMPLAINTS = StateKind(ComplaintRow, Complaint, "id")
NORMS = StateKind(QualityNormRow, QualityNorm, "key")
SWITCHES = StateKind(SwitchRow, Switch, "name", locked=False)

_MATTER, _ATTACHMENT, _TASK, _BOOKING = MATTERS.sql.c, ATTACHMENTS.sql.c, TASKS.sql.c, BOOKINGS.sql.c
_ENQUIRY, _VISIT = ENQUIRIES.sql.c, VISITS.sql.c
_WAITING, _VOUCHER, _COMPLAINT = WAITING.sql.c, VOUCHERS.sql.c, COMPLAINTS.sql.c
_IN_LINE = tuple_(_WAITING["rank"], _WAITING.application)


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
    variant: str
    task: str | None
    due_at: datetime | None
    overdue_at: datetime | None


@dataclass(frozen=True, slots=True)
class RegisterLine:
    """An entry of the register of public services."""

    register_number: str
    register_key: str
    application: str
    regulation: str
    channel: str
    recipient_iin: str | None
    started_at: datetime | None
    due_at: datetime | None
    overdue_at: datetime | None
    state: str
    decided_at: datetime | None
    handed_out: dict[str, object] | None


_LINE = tuple(_MATTER[item.name] for item in fields(MatterLine))
_ENTRY = tuple(_MATTER[item.name] for item in fields(RegisterLine))


_ANY_TERM_PASSED = or_(
    _MATTER.overdue_at.is_not(None),
    _MATTER.extended["overdue_at"].as_string().is_not(None),
    _MATTER.course["overdue_at"].as_string().is_not(None),
)


async def find_matter(session: DatabaseSession, application: str) -> Matter | None:
    """The matter of an application."""
    return (await MATTERS.load(session, [application])).get(application)


async def find_act(session: DatabaseSession, sha256: str) -> Matter | None:
    """The matter whose signed act has this SHA-256."""
    application = (await session.execute(select(_MATTER.application).where(_MATTER.act_sha256 == sha256))).scalar()
    return None if application is None else await find_matter(session, str(application))


async def list_matters(
    session: DatabaseSession,
    provider_bin: str,
    *,
    state: str | None,
    before: str | None,
    limit: int,
    overdue: bool | None = None,
) -> list[MatterLine]:
    """Matters of one organisation, newest first; ``before`` is the application the last page ended with.

    ``overdue``: only those with a term that has passed, or without: of the service, of the notice that it takes longer,
    of the course that began with the result.
    """
    query = select(*_LINE).where(_MATTER.provider_bin == provider_bin)
    if state is not None:
        query = query.where(_MATTER.state == state)
    if overdue is not None:
        query = query.where(_ANY_TERM_PASSED if overdue else ~_ANY_TERM_PASSED)
    if before is not None:
        query = query.where(_MATTER.application < before)
    rows = await session.execute(query.order_by(_MATTER.application.desc()).limit(limit))
    return [MatterLine(*row) for row in rows]


async def list_register(
    session: DatabaseSession, provider_bin: str, *, year: int, after: int, limit: int
) -> list[RegisterLine]:
    """The register of one organisation and year, in the order of its numbers, after number ``after``."""
    query = select(*_ENTRY).where(
        _MATTER.register_key > f"{provider_bin}/{year}/{after:08d}", _MATTER.register_key < f"{provider_bin}/{year}/:"
    )
    rows = await session.execute(query.order_by(_MATTER.register_key).limit(limit))
    return [RegisterLine(*row) for row in rows]


async def watched(session: DatabaseSession, now: datetime, limit: int) -> list[str]:
    """The applications something is due for, longest due first."""
    query = select(_MATTER.application).where(_MATTER.watch_at <= now).order_by(_MATTER.watch_at).limit(limit)
    return [str(row[0]) for row in await session.execute(query)]


async def tasks_of(session: DatabaseSession, application: str) -> list[Task]:
    """The tasks of a matter that are open or done, in order."""
    query = TASKS.select().where(_TASK.application == application)
    return await TASKS.read(session, query.order_by(_TASK.position))


async def registered_as(session: DatabaseSession, keys: Collection[str]) -> list[Matter]:
    """The matters that stand in registers under these keys."""
    query = MATTERS.select().where(among(_MATTER.register_key, session.dialect))
    return await MATTERS.read(session, query, keys_parameter(keys, session.dialect))


async def waiting_visits(session: DatabaseSession, place: str, until: datetime) -> list[Visit]:
    """Who waits at a counter, in the order of their times, as far as these have come at ``until``."""
    query = VISITS.select().where(
        _VISIT.place == place, _VISIT.state == VisitState.WAITING.value, _VISIT.due_at <= until
    )
    return await VISITS.read(session, query.order_by(_VISIT.due_at, _VISIT.taken_at, _VISIT.id))


async def overdue_visits(session: DatabaseSession, now: datetime, limit: int) -> list[Visit]:
    """Visits in which a term has passed."""
    query = VISITS.select().where(_VISIT.watch_at < now).order_by(_VISIT.watch_at).limit(limit)
    return await VISITS.read(session, query)


async def list_visits(
    session: DatabaseSession, place: str, *, overdue: bool | None, before: str | None, limit: int
) -> list[Visit]:
    """The visits at a counter, latest first."""
    query = VISITS.select().where(_VISIT.place == place)
    if before is not None:
        query = query.where(_VISIT.id < before)
    if overdue is not None:
        late = _VISIT.wait_overdue_at.is_not(None) | _VISIT.service_overdue_at.is_not(None)
        query = query.where(late if overdue else ~late)
    return await VISITS.read(session, query.order_by(_VISIT.id.desc()).limit(limit))


async def enquiries_of(session: DatabaseSession, application: str) -> list[Enquiry]:
    """What registries were asked about an application."""
    query = ENQUIRIES.select().where(_ENQUIRY.matter == application)
    return await ENQUIRIES.read(session, query.order_by(_ENQUIRY.key))


async def due_enquiries(session: DatabaseSession, now: datetime, limit: int) -> list[str]:
    """The applications in which a registry has been silent for too long."""
    query = select(_ENQUIRY.matter).where(_ENQUIRY.due_at <= now).order_by(_ENQUIRY.due_at).limit(limit)
    return list(dict.fromkeys(str(row[0]) for row in await session.execute(query)))


async def list_tasks(
    session: DatabaseSession,
    provider_bin: str,
    *,
    roles: Collection[str],
    prepared: Collection[tuple[str, str]] = (),
    states: Sequence[TaskState],
    overdue: bool | None,
    before: str | None,
    limit: int,
) -> list[Task]:
    """Tasks of one organisation that somebody in one of ``roles`` does, newest applications first; and those of heads
    where others prepare acts for it (``prepared``: their BIN and the regulation)."""
    heads = tuple_(_TASK.provider_bin, _TASK.regulation).in_(prepared) & _TASK.role.in_(
        [Role.HEAD.value, Role.HEAD_OF_PROVIDER.value]
    )
    query = TASKS.select().where(
        (_TASK.provider_bin == provider_bin) | heads,
        _TASK.state.in_([state.value for state in states]),
        _TASK.role.in_(roles),
    )
    if overdue is not None:
        query = query.where(_TASK.overdue_at.is_not(None) if overdue else _TASK.overdue_at.is_(None))
    if before is not None:
        query = query.where(_TASK.key < before)
    return await TASKS.read(session, query.order_by(_TASK.key.desc()).limit(limit))


async def list_bookings(
    session: DatabaseSession, provider_bin: str, since: datetime, *, after: datetime | None, limit: int
) -> list[Booking]:
    """The times booked at an organisation from ``since`` on and later than ``after``; one at a moment."""
    query = BOOKINGS.select().where(_BOOKING.provider_bin == provider_bin, _BOOKING["at"] >= since)
    if after is not None:
        query = query.where(_BOOKING["at"] > after)
    return await BOOKINGS.read(session, query.order_by(_BOOKING["at"]).limit(limit))


async def attachments_of(session: DatabaseSession, application: str) -> list[Attachment]:
    """The attachments of one application, in the order of the signed document."""
    keys = select(_ATTACHMENT.key).where(_ATTACHMENT.application == application)
    found = await ATTACHMENTS.load(session, [str(row[0]) for row in await session.execute(keys)])
    return sorted(found.values(), key=lambda attachment: attachment.key)


async def pending_attachments(session: DatabaseSession, limit: int, after: str = "") -> list[Attachment]:
    """Attachments still to be fetched, oldest applications first; ``after``: the key the last page ended with."""
    query = ATTACHMENTS.select().where(_ATTACHMENT.state == AttachmentState.PENDING.value, _ATTACHMENT.key > after)
    return await ATTACHMENTS.read(session, query.order_by(_ATTACHMENT.key).limit(limit))


async def waiting_for(
    session: DatabaseSession, provider_bin: str, kindergarten: str | None, limit: int, *, after: str | None = None
) -> list[Waiting]:
    """Who waits for a place at a provider, in the order in which places are given: those with a right to a
    first-priority place first, then by number. ``kindergarten``: only who would take a place there; ``after``: only who
    comes after that application."""
    query = WAITING.select().where(_WAITING.provider_bin == provider_bin, _WAITING.left_at.is_(None))
    if kindergarten is not None:
        query = query.where(_WAITING.wanted.is_(None) | (_WAITING.wanted == kindergarten))
    if after is not None:
        query = query.where(_place_of(after) < _IN_LINE)
    return await WAITING.read(session, query.order_by(_WAITING["rank"], _WAITING.application).limit(limit))


async def waiting_before(session: DatabaseSession, provider_bin: str, application: str) -> int:
    """How many wait at a provider up to and with that application."""
    waiting = (_WAITING.provider_bin == provider_bin) & _WAITING.left_at.is_(None)
    counted = await session.execute(
        select(func.count()).select_from(WAITING.sql).where(waiting, _place_of(application) >= _IN_LINE)
    )
    return int(counted.scalar_one())


def _place_of(application: str) -> ScalarSelect[Any]:
    return select(_WAITING["rank"], _WAITING.application).where(_WAITING.application == application).scalar_subquery()


async def grown_up(session: DatabaseSession, now: datetime, limit: int) -> list[Waiting]:
    """Who waits for a place and has become too old for the queue, longest ago first."""
    query = WAITING.select().where(_WAITING.left_at.is_(None), _WAITING.grows_up_at <= now)
    return await WAITING.read(session, query.order_by(_WAITING.grows_up_at).limit(limit))


async def expired_vouchers(session: DatabaseSession, now: datetime, limit: int) -> list[Voucher]:
    """Vouchers that nobody handed in in time, longest due first."""
    query = VOUCHERS.select().where(_VOUCHER.state == VoucherState.ISSUED.value, _VOUCHER.expires_at <= now)
    return await VOUCHERS.read(session, query.order_by(_VOUCHER.expires_at).limit(limit))


async def find_voucher(session: DatabaseSession, sha256: str) -> Voucher | None:
    """The voucher whose document has this SHA-256."""
    return await VOUCHERS.find(session, sha256, by="act_sha256")


@dataclass(frozen=True, slots=True)
class CountedMatters:
    """How many matters of one service came in one channel and stand alike."""

    channel: str
    closed: bool
    granted: bool
    in_time: bool
    number: int


async def counted_matters(
    session: DatabaseSession, provider_bin: str, regulation: str, since: datetime, until: datetime
) -> list[CountedMatters]:
    """The matters received from ``since`` to before ``until``, counted."""
    in_time = _MATTER.overdue_at.is_(None)
    alike = (_MATTER.channel, _MATTER.state, in_time)
    query = (
        select(*alike, func.count())
        .where(
            _MATTER.provider_bin == provider_bin,
            _MATTER.regulation == regulation,
            _MATTER.received_at >= since,
            _MATTER.received_at < until,
        )
        .group_by(*alike)
    )
    return [
        CountedMatters(str(channel), state in ("granted", "refused"), state == "granted", bool(on_time), int(number))
        for channel, state, on_time, number in await session.execute(query)
    ]


async def counted_tasks(
    session: DatabaseSession, provider_bin: str, regulation: str, since: datetime, until: datetime
) -> tuple[int, int]:
    """Of the tasks that were done in that time: how many in their term, and how many there were."""
    done = (
        _TASK.provider_bin == provider_bin,
        _TASK.regulation == regulation,
        _TASK.state == TaskState.DONE.value,
        _TASK.done_at >= since,
        _TASK.done_at < until,
    )
    query = select(func.count()).select_from(TaskRow).where(*done)
    in_time = await session.scalar(query.where(_TASK.due_at.is_(None) | (_TASK.done_at <= _TASK.due_at)))
    return int(in_time or 0), int(await session.scalar(query) or 0)


async def counted_complaints(
    session: DatabaseSession, provider_bin: str, regulation: str, since: datetime, until: datetime
) -> tuple[int, int]:
    """Of the complaints taken in that time: how many were found justified, and how many there were."""
    query = select(_COMPLAINT.answer).where(
        _COMPLAINT.organisation == provider_bin,
        _COMPLAINT.regulation == regulation,
        _COMPLAINT.accepted_at >= since,
        _COMPLAINT.accepted_at < until,
    )
    answers = [row[0] for row in await session.execute(query)]
    return sum(bool(answer and answer["justified"]) for answer in answers), len(answers)


async def find_session(session: DatabaseSession, token_hash: str) -> OfficerSession | None:
    """The session of a token."""
    return (await SESSIONS.load(session, [token_hash])).get(token_hash)


async def find_printable(session: DatabaseSession, key: str) -> Printable | None:
    """A PDF rendered before."""
    return (await PRINTABLES.load(session, [key])).get(key)
