"""Registration, process 1, condition 1 and process 2: who is it, and may they in?"""

import math
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.portal.domain.application import Application
from services.portal.domain.recipients import Recipient, Session
from services.portal.errors import AlreadyRegistered, AuthorisationRefused
from services.portal.repository import ATTEMPTS, SESSIONS, queries
from services.portal.service.context import CHANNEL, Context
from shared.crypto.certificates import Certificate, InvalidCertificate
from shared.crypto.passwords import Passwords
from shared.kit import iin as iins
from shared.kit.errors import InvalidInput, NotFound, TooManyAttempts, Unauthorised
from shared.kit.ids import sha256_hex
from shared.kit.lockout import Attempts, Lockout
from shared.messaging.steps import find_step, step_of, take_step
from shared.messaging.work import Work
from shared.regulations.actions import Action
from shared.regulations.model import Regulation


@dataclass(frozen=True)
class GrantedSession:
    """A session and its token, which is shown once."""

    session: Session
    token: str


class Recipients:
    """Use cases around the recipient's identity."""

    def __init__(self, context: Context, passwords: Passwords) -> None:
        self._context = context
        self._passwords = passwords
        settings = context.settings
        self._rule = Lockout(settings.lockout_failures, timedelta(minutes=settings.lockout_minutes))

    async def register_recipient(self, iin: str, password: str, certificate: str | None) -> Recipient:
        """The recipient registers with IIN and password, and if they like with their registration certificate.

        Raises ``InvalidInput`` with every fault, ``AlreadyRegistered``.
        """
        faults = _iin_faults(iin)
        if certificate is not None and (wrong := certificate_fault(certificate, iin)):
            faults.append({"in": "body", "path": "/certificate", "message": wrong})
        if faults:
            raise InvalidInput("the registration data are faulty", faults=faults)
        known = Certificate.parse(certificate) if certificate is not None else None
        password_hash = await self._passwords.hash(password)
        recipient = Recipient(iin, password_hash, self._context.clock.now(), known.der if known else None)
        async with self._context.platform.database.transaction() as session:
            added = await queries.add_recipient(session, recipient)
        if not added:
            raise AlreadyRegistered("sign in instead")
        return recipient

    async def sign_in(self, iin: str, password: str, service: str | None) -> GrantedSession:
        """Process 1 and condition 1; a recipient whose data are not genuine gets the message of process 2.

        Raises ``InvalidInput`` (no IIN), ``NotFound`` and ``ChannelNotOffered`` (service), ``TooManyAttempts``,
        ``AuthorisationRefused``. Which of IIN and password is wrong shows neither in the answer nor in its time.
        """
        regulation = self._context.regulations.find(service, CHANNEL)[0] if service is not None else None
        if faults := _iin_faults(iin):
            raise InvalidInput("the IIN is malformed", faults=faults)
        started_at = self._context.clock.now()
        async with self._context.platform.database.session() as session:
            recipient, attempts = await queries.find_sign_in(session, iin)
        self._check_lock(attempts)
        genuine = await self._passwords.fits(password, recipient.password_hash if recipient else None)
        async with self._context.platform.runtime.work([(ATTEMPTS, iin)]) as work:
            attempts = work.get(ATTEMPTS, iin) or Attempts(iin)
            # Looked at again: of many guesses at once no more than the allowed number may be answered.
            self._check_lock(attempts)
            if recipient is not None and genuine:
                return self._open_session(work, recipient, attempts)
            work.put(ATTEMPTS, attempts.failed(work.now, self._rule))
            refusal = AuthorisationRefused("the IIN or the password is wrong")
            if regulation is not None and find_step(regulation, CHANNEL, Action.REFUSE_AUTHORISATION):
                refusal.members = _refuse_authorisation(work, regulation, started_at)
        raise refusal

    async def let_in(self, iin: str) -> GrantedSession:
        """A session as after a sign-in, without the password; for who plays people of the stand that somebody else has
        registered. Raises ``NotFound``."""
        async with self._context.platform.database.session() as session:
            recipient, _ = await queries.find_sign_in(session, iin)
        if recipient is None:
            raise NotFound("nobody is registered with this IIN")
        async with self._context.platform.runtime.work([(ATTEMPTS, iin)]) as work:
            return self._open_session(work, recipient, work.get(ATTEMPTS, iin) or Attempts(iin))

    async def session(self, token: str | None) -> Session:
        """The session of a bearer token. Raises ``Unauthorised``."""
        if token:
            async with self._context.platform.database.session() as session:
                found = await queries.find_session(session, _token_hash(token))
            if found is not None and found.serves(self._context.clock.elapsed_s):
                return found
        raise Unauthorised("no session, or it has expired: sign in")

    async def sign_out(self, current: Session) -> None:
        """End the session, and forget those of the recipient that have expired."""
        async with self._context.platform.database.transaction() as session:
            await queries.close_session(session, current.token_hash)
            await queries.close_expired_sessions(session, current.iin, self._context.clock.elapsed_s)

    def _check_lock(self, attempts: Attempts) -> None:
        seconds = math.ceil(attempts.locked_for(self._context.clock.now(), self._rule))
        if seconds > 0:
            raise TooManyAttempts("too many failed sign-ins with this IIN", retry_after=seconds)

    def _open_session(self, work: Work, recipient: Recipient, attempts: Attempts) -> GrantedSession:
        token = secrets.token_urlsafe(32)
        now = work.now
        lifetime = self._context.settings.session_lifetime
        session = Session(
            _token_hash(token),
            recipient.iin,
            registered_at=recipient.registered_at,
            opened_at=now,
            expires_at=now + lifetime,
            ends_s=self._context.clock.elapsed_s + lifetime.total_seconds(),
        )
        work.put(SESSIONS, session)
        if attempts.failures:
            work.put(ATTEMPTS, Attempts(recipient.iin))
        return GrantedSession(session, token)


def _refuse_authorisation(work: Work, regulation: Regulation, started_at: datetime) -> dict[str, Any]:
    """Journal the run that ends with process 2, before there is an application; the members of the problem."""
    run = work.new_id()
    # Whether the IIN is registered is not journaled: the run's id is in the answer, and the answer must not tell.
    take_step(work, regulation, CHANNEL, Action.SIGN_IN, run, at=started_at)
    take_step(work, regulation, CHANNEL, Action.CHECK_CREDENTIALS, run, passed=False)
    take_step(work, regulation, CHANNEL, Action.REFUSE_AUTHORISATION, run)
    step = step_of(regulation, CHANNEL, Action.REFUSE_AUTHORISATION)
    return {"journal": run, "step": step.id, "clause": step.clause, "service": regulation.id}


def journal_sign_in(work: Work, regulation: Regulation, session: Session, application: Application) -> None:
    """The steps that led to a new application, at the times they were taken: registration, process 1, condition 1.
    Nothing where the text of the channel has no such steps."""
    channel = application.channel
    if find_step(regulation, channel, Action.SIGN_IN) is None:
        return
    take_step(work, regulation, channel, Action.REGISTER_RECIPIENT, application.id, at=session.registered_at)
    take_step(work, regulation, channel, Action.SIGN_IN, application.id, at=session.opened_at)
    take_step(work, regulation, channel, Action.CHECK_CREDENTIALS, application.id, passed=True, at=session.opened_at)


def _token_hash(token: str) -> str:
    return sha256_hex(token.encode("utf-8", "replace"))


def _iin_faults(iin: str) -> list[dict[str, str]]:
    found = iins.fault(iin)
    return [{"in": "body", "path": "/iin", "message": found}] if found else []


def certificate_fault(text: str, iin: str | None) -> str | None:
    """What is wrong with a certificate somebody registers with: unreadable, or not of ``iin``. ``None`` for ``iin``:
    what was given is none, so no certificate can carry it."""
    try:
        certificate = Certificate.parse(text)
    except InvalidCertificate as error:
        return str(error)
    return "the certificate carries another IIN" if iin is None or certificate.iin != iin else None
