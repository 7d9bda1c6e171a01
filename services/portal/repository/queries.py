"""Every query of the portal. They run in the caller's session."""

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, update

from services.portal.domain.access import AccessRequest, AccessState
from services.portal.domain.application import Application, State
from services.portal.domain.devices import Device, OneTimePassword, TextMessage
from services.portal.domain.documents import IssuedDocument
from services.portal.domain.notices import Notice
from services.portal.domain.recipients import Recipient, Session
from services.portal.models import ApplicationRow
from services.portal.repository import (
    ACCESS_REQUESTS,
    APPLICATIONS,
    DEVICES,
    FILE_USES,
    ISSUED_DOCUMENTS,
    NOTICES,
    PASSWORDS,
    RECIPIENTS,
    SESSIONS,
    TEXT_MESSAGES,
)
from shared.db.session import DatabaseSession
from shared.db.statements import conflicting_insert
from shared.db.states import StateKind


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
    due_at: datetime | None
    channel: str


_MATTERS = StateKind(table=ApplicationRow, record=Matter, key="id")


async def find_recipient(session: DatabaseSession, iin: str) -> Recipient | None:
    """The recipient with this IIN."""
    return await RECIPIENTS.find(session, iin)


async def put_recipient(session: DatabaseSession, recipient: Recipient) -> None:
    """Keep a recipient, in the place of the one with the same IIN."""
    values = {field.name: getattr(recipient, field.name) for field in fields(recipient)}
    inserting = conflicting_insert(RECIPIENTS.sql, session.dialect).values(values)
    await session.execute(inserting.on_conflict_do_update(index_elements=["iin"], set_=values))


async def use_challenge(session: DatabaseSession, name: str, now: datetime, lifetime: timedelta) -> bool:
    """Note that a challenge was used, for as long as it would serve; whether that was the first time."""
    table = PASSWORDS.sql
    used = OneTimePassword(name, name, "", now, now + lifetime, 0.0, used_at=now)
    values = {field.name: getattr(used, field.name) for field in fields(used)}
    inserting = conflicting_insert(table, session.dialect).values(values)
    noted = await session.execute(
        inserting.on_conflict_do_nothing(index_elements=["purpose"]).returning(table.c.purpose)
    )
    return noted.first() is not None


async def close_account(session: DatabaseSession, iin: str, now: datetime) -> None:
    """End what somebody may have made of an account that was not theirs: its sessions, telephones, and the consents
    given to third parties. What is counted of failures stays: it keeps out nobody but who has failed."""
    sessions, devices, requests = SESSIONS.sql, DEVICES.sql, ACCESS_REQUESTS.sql
    await session.execute(delete(sessions).where(sessions.c.iin == iin))
    await session.execute(delete(devices).where(devices.c.iin == iin))
    given = (requests.c.subject_iin == iin) & (requests.c.state == AccessState.GIVEN.value)
    await session.execute(update(requests).where(given).values(state=AccessState.DECLINED.value, answered_at=now))


async def add_text_message(session: DatabaseSession, message: TextMessage) -> None:
    """Keep a short text message as it came to the telephone."""
    await TEXT_MESSAGES.save(session, [message])


async def find_session(session: DatabaseSession, token_hash: str) -> Session | None:
    """The session of a token."""
    return await SESSIONS.find(session, token_hash)


async def close_session(session: DatabaseSession, token_hash: str) -> None:
    """Forget a session."""
    table = SESSIONS.sql
    await session.execute(delete(table).where(table.c.token_hash == token_hash))


async def close_expired_sessions(session: DatabaseSession, iin: str, elapsed_s: float) -> None:
    """Forget the recipient's sessions that no longer serve."""
    table = SESSIONS.sql
    await session.execute(delete(table).where(table.c.iin == iin, table.c.ends_s <= elapsed_s))


async def find_application(session: DatabaseSession, application_id: str) -> Application | None:
    """One application."""
    return await APPLICATIONS.find(session, application_id)


async def delete_draft(session: DatabaseSession, application_id: str) -> bool:
    """Delete a draft; anything else stays. Whether it was one."""
    table = APPLICATIONS.sql
    draft = (table.c.id == application_id) & (table.c.state == State.DRAFT.value)
    return (await session.execute(delete(table).where(draft).returning(table.c.id))).first() is not None


async def count_drafts(session: DatabaseSession, iin: str) -> int:
    """How many drafts the recipient has."""
    table = APPLICATIONS.sql.c
    query = select(func.count()).where(table.iin == iin, table.state == State.DRAFT.value)
    return int(await session.scalar(query))


async def draft_bytes(session: DatabaseSession, iin: str, but: tuple[str, str]) -> int:
    """Bytes of the files in the recipient's drafts, without that of one application and document."""
    table = APPLICATIONS.sql.c
    query = select(table.id, table.attachments).where(table.iin == iin, table.state == State.DRAFT.value)
    found = [(str(row[0]), item) for row in await session.execute(query) for item in row[1]]
    return sum(item["size"] for application, item in found if (application, item["document"]) != but)


async def abandoned_drafts(session: DatabaseSession, before: datetime, limit: int) -> list[str]:
    """Drafts that were changed last before that moment."""
    table = APPLICATIONS.sql.c
    query = select(table.id).where(table.state == State.DRAFT.value, table.changed_at < before)
    return [str(row[0]) for row in await session.execute(query.order_by(table.id).limit(limit))]


async def owners_gone(session: DatabaseSession, limit: int) -> list[str]:
    """Applications that use files and are not there."""
    use, application = FILE_USES.sql.c, APPLICATIONS.sql.c
    there = select(application.id).where(application.id == use.owner).exists()
    query = select(use.owner).where(~there).distinct()
    return [str(row[0]) for row in await session.execute(query.limit(limit))]


async def list_matters(
    session: DatabaseSession, iin: str, *, state: State | None, before: str | None, oldest: str | None, limit: int
) -> list[Matter]:
    """The recipient's matters, newest first: older than ``before``, and not older than ``oldest``."""
    table = APPLICATIONS.sql
    query = _MATTERS.select().where(table.c.iin == iin)
    if state is not None:
        query = query.where(table.c.state == state.value)
    if before is not None:
        query = query.where(table.c.id < before)
    if oldest is not None:
        query = query.where(table.c.id >= oldest)
    return await _MATTERS.read(session, query.order_by(table.c.id.desc()).limit(limit))


async def list_notices(
    session: DatabaseSession, iin: str, *, application: str | None, before: str | None, limit: int
) -> list[Notice]:
    """The recipient's notices, newest first."""
    table = NOTICES.sql
    query = NOTICES.select().where(table.c.iin == iin)
    if application is not None:
        query = query.where(table.c.application == application)
    if before is not None:
        query = query.where(table.c.id < before)
    return await NOTICES.read(session, query.order_by(table.c.id.desc()).limit(limit))


async def find_notice(session: DatabaseSession, notice_id: str) -> Notice | None:
    """One notice."""
    return await NOTICES.find(session, notice_id)


async def find_notice_by_digest(session: DatabaseSession, sha256: str) -> Notice | None:
    """The notice that has brought the document with this digest."""
    return await NOTICES.find(session, sha256, by="document_sha256")


async def lapsed_offers(session: DatabaseSession, now: datetime, limit: int) -> list[Application]:
    """Offers whose time is over, the longest ago first."""
    table = APPLICATIONS.sql
    query = APPLICATIONS.select().where(table.c.until <= now, table.c.state == State.OFFERED.value)
    return await APPLICATIONS.read(session, query.order_by(table.c.until).limit(limit))


async def list_devices(session: DatabaseSession, iin: str) -> list[Device]:
    """The recipient's devices, in the order of their registration."""
    table = DEVICES.sql
    return await DEVICES.read(session, DEVICES.select().where(table.c.iin == iin).order_by(table.c.id))


async def find_device(session: DatabaseSession, device_id: str) -> Device | None:
    """One device."""
    return await DEVICES.find(session, device_id)


async def find_active_phone(session: DatabaseSession, phone: str) -> Device | None:
    """The confirmed device with this number."""
    return await DEVICES.find(session, phone, by="active_phone")


async def delete_device(session: DatabaseSession, device_id: str) -> None:
    """Forget a device."""
    table = DEVICES.sql
    await session.execute(delete(table).where(table.c.id == device_id))


async def find_password(session: DatabaseSession, purpose: str) -> OneTimePassword | None:
    """The one-time password that was sent last for ``purpose``."""
    return await PASSWORDS.find(session, purpose)


async def serving_passwords(session: DatabaseSession, device: str, elapsed_s: float) -> list[str]:
    """What the passwords are for that were sent to a device and still serve, the newest first."""
    table = PASSWORDS.sql.c
    serving = (table.device == device) & table.used_at.is_(None) & (table.ends_s > elapsed_s)
    rows = await session.execute(select(table.purpose).where(serving).order_by(table.sent_at.desc()))
    return [str(row[0]) for row in rows]


async def find_access_request(session: DatabaseSession, request_id: str) -> AccessRequest | None:
    """One request of a third party."""
    return await ACCESS_REQUESTS.find(session, request_id)


async def list_access_requests(
    session: DatabaseSession, iin: str, *, subject: bool, before: str | None, limit: int
) -> list[AccessRequest]:
    """The requests this person has made, or those made about them, newest first."""
    table = ACCESS_REQUESTS.sql
    whose = table.c.subject_iin if subject else table.c.requester_iin
    query = ACCESS_REQUESTS.select().where(whose == iin)
    if before is not None:
        query = query.where(table.c.id < before)
    return await ACCESS_REQUESTS.read(session, query.order_by(table.c.id.desc()).limit(limit))


async def list_granted(session: DatabaseSession, iin: str, service: str) -> list[IssuedDocument]:
    """The results of a service that this person has, newest first."""
    acts, applications = ISSUED_DOCUMENTS.sql, APPLICATIONS.sql
    mine = select(applications.c.id).where(
        applications.c.iin == iin, applications.c.state == State.GRANTED.value, applications.c.service == service
    )
    query = ISSUED_DOCUMENTS.select().where(acts.c.application.in_(mine))
    return await ISSUED_DOCUMENTS.read(session, query.order_by(acts.c.application.desc()))


async def list_text_messages(
    session: DatabaseSession, *, phone: str | None, before: str | None, limit: int
) -> list[TextMessage]:
    """What telephones have received, newest first."""
    table = TEXT_MESSAGES.sql
    query = TEXT_MESSAGES.select()
    if phone is not None:
        query = query.where(table.c.phone == phone)
    if before is not None:
        query = query.where(table.c.id < before)
    return await TEXT_MESSAGES.read(session, query.order_by(table.c.id.desc()).limit(limit))


async def forget_access_requests(session: DatabaseSession, before: datetime) -> None:
    """Delete the requests of third parties whose time was over before that moment."""
    table = ACCESS_REQUESTS.sql
    await session.execute(delete(table).where(table.c.until < before))


async def forget_unconfirmed_devices(session: DatabaseSession, before: datetime) -> None:
    """Delete telephones that were named before that moment and never confirmed."""
    table = DEVICES.sql
    await session.execute(delete(table).where(table.c.confirmed_at.is_(None), table.c.registered_at < before))


async def forget_passwords(session: DatabaseSession, before: datetime) -> None:
    """Delete one-time passwords that ended, and short messages that came, before that moment."""
    passwords, messages = PASSWORDS.sql, TEXT_MESSAGES.sql
    await session.execute(delete(passwords).where(passwords.c.expires_at < before))
    await session.execute(delete(messages).where(messages.c.sent_at < before))


async def find_issued(session: DatabaseSession, *, application: str) -> IssuedDocument | None:
    """The act on an application."""
    return await ISSUED_DOCUMENTS.find(session, application)


async def find_issued_by_digest(session: DatabaseSession, sha256: str) -> IssuedDocument | None:
    """The act whose content has this digest."""
    return await ISSUED_DOCUMENTS.find(session, sha256, by="sha256")
