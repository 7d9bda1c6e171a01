"""Registration, process 1, condition 1 and process 2: who is it, and may they in?"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.portal.domain.application import Application
from services.portal.domain.challenges import Purpose
from services.portal.domain.recipients import Recipient, Session
from services.portal.errors import AlreadyRegistered, AuthorisationRefused, NotProven
from services.portal.repository import ATTEMPTS, RECIPIENTS, SESSIONS, queries
from services.portal.service.context import CHANNEL, Context
from services.portal.service.proofs import Proofs, require_iin
from shared.crypto.passwords import Passwords
from shared.db.ended import keep_newest
from shared.kit.errors import NotFound, Unauthorised
from shared.kit.ids import sha256_hex
from shared.messaging.sign_in import Origin, SignIns
from shared.messaging.steps import find_step, step_of, take_step
from shared.messaging.work import Work
from shared.regulations.actions import Action
from shared.regulations.model import Regulation


@dataclass(frozen=True)
class GrantedSession:
    """A session and its token, and the token by which the device is known from now on; both are shown once."""

    session: Session
    token: str
    device_token: str


class Recipients:
    """Use cases around the recipient's identity."""

    def __init__(self, context: Context, passwords: Passwords, proofs: Proofs) -> None:
        self._context = context
        self._passwords = passwords
        self._proofs = proofs
        self._sign_ins = SignIns(ATTEMPTS, context.settings, "too many failed sign-ins with this IIN")

    async def register_with_certificate(self, iin: str, password: str, challenge: str, signature: str) -> Recipient:
        """The recipient registers with IIN and password and proves the IIN with their certificate, which is kept.

        Whoever is registered already takes the account back: there is a new password, and what somebody else may have
        made of it ends: sessions, telephones, consents to third parties. The telephone of the state's base is told.
        Raises as ``Proofs.signed``, and ``NotProven`` for a challenge that was used.
        """
        proof, used = await self._proofs.signed(Purpose.REGISTRATION, iin, challenge, signature)
        password_hash, now = await self._passwords.hash(password), self._context.clock.now()
        async with self._context.platform.database.transaction() as session:
            if not await queries.use_challenge(session, used, now, self._context.settings.password_lifetime):
                raise NotProven("the challenge was used")
            known = await queries.find_recipient(session, iin)
            registered_at = known.registered_at if known else now
            recipient = Recipient(iin, password_hash, registered_at, proof.certificate.der)
            await queries.put_recipient(session, recipient)
            # Also where nobody was found before: they may have registered and signed in since.
            await queries.close_account(session, iin, now)
            if known is not None:
                await self._proofs.tell_owner(session, iin, now)
        return recipient

    async def register_with_password(self, iin: str, password: str, one_time: str, address: str) -> Recipient:
        """The recipient registers with IIN and password and proves the IIN with the one-time password that was sent to
        the telephone of the state's base, and was asked for from this ``address``.

        Raises ``WrongPassword``, ``TooManyAttempts``, and ``AlreadyRegistered``: who has the telephone of somebody else
        gets no account that is in use.
        """
        password_hash = await self._passwords.hash(password)
        async with self._proofs.given(iin, one_time, address, [(RECIPIENTS, iin)]) as work:
            if work.get(RECIPIENTS, iin) is not None:
                raise AlreadyRegistered("sign in instead; if the password is lost, prove the IIN with the certificate")
            recipient = Recipient(iin, password_hash, work.now)
            work.put(RECIPIENTS, recipient)
        return recipient

    async def sign_in(self, iin: str, password: str, service: str | None, origin: Origin) -> GrantedSession:
        """Process 1 and condition 1; a recipient whose data are not genuine gets the message of process 2.

        Raises ``InvalidInput`` (no IIN), ``NotFound`` and ``ChannelNotOffered`` (service), ``TooManyAttempts`` while
        the IIN is locked for ``origin``, ``AuthorisationRefused``. Which of IIN and password is wrong shows neither in
        the answer nor in its time.
        """
        regulation = self._context.regulations.find(service, CHANNEL)[0] if service is not None else None
        require_iin(iin)
        started_at = self._context.clock.now()
        async with self._context.platform.database.session() as session:
            recipient = await queries.find_recipient(session, iin)
        known_hash = recipient.password_hash if recipient else None
        tally = self._sign_ins.tally(self._context.platform, origin, iin, known_hash)
        await tally.check_now()
        genuine = await self._passwords.fits(password, known_hash)
        async with self._context.platform.runtime.work([*tally.loads, (RECIPIENTS, iin)]) as work:
            tally.check(work)
            # Looked at again: whoever took the account back meanwhile has ended the password that was checked.
            current = work.get(RECIPIENTS, iin)
            granted = None
            if current is not None and current.password_hash == known_hash and genuine:
                tally.passed(work)
                granted = self._open_session(work, current, origin)
            else:
                tally.failed(work)
                refusal = AuthorisationRefused("the IIN or the password is wrong")
                if regulation is not None and find_step(regulation, CHANNEL, Action.REFUSE_AUTHORISATION):
                    refusal.members = _refuse_authorisation(work, regulation, started_at)
        if granted is None:
            raise refusal
        return await self._bounded(granted)

    async def let_in(self, iin: str) -> GrantedSession:
        """A session as after a sign-in, without the password; for who plays people of the stand that somebody else has
        registered. Raises ``NotFound``."""
        async with self._context.platform.database.session() as session:
            recipient = await queries.find_recipient(session, iin)
        if recipient is None:
            raise NotFound("nobody is registered with this IIN")
        async with self._context.platform.runtime.work([]) as work:
            granted = self._open_session(work, recipient, Origin(""))
        return await self._bounded(granted)

    async def enter_with_certificate(self, iin: str, challenge: str, signature: str, origin: Origin) -> GrantedSession:
        """A session for a registered recipient who proves the IIN with their certificate; no failed sign-in, of
        whomever, keeps them out. Raises as ``Proofs.signed``, and ``AuthorisationRefused``."""
        _, used = await self._proofs.signed(Purpose.SIGN_IN, iin, challenge, signature)
        now = self._context.clock.now()
        async with self._context.platform.database.transaction() as session:
            if not await queries.use_challenge(session, used, now, self._context.settings.password_lifetime):
                raise NotProven("the challenge was used")
            recipient = await queries.find_recipient(session, iin)
        if recipient is None:
            raise AuthorisationRefused("the IIN is not registered")
        tally = self._sign_ins.tally(self._context.platform, origin, iin, recipient.password_hash)
        async with self._context.platform.runtime.work(tally.loads) as work:
            tally.passed(work)
            granted = self._open_session(work, recipient, origin)
        return await self._bounded(granted)

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

    async def _bounded(self, granted: GrantedSession) -> GrantedSession:
        """``granted``, and no more sessions of the recipient than one person may have."""
        async with self._context.platform.database.transaction() as session:
            await keep_newest(session, SESSIONS, "iin", granted.session.iin, self._context.settings.sessions_of_one)
        return granted

    def _open_session(self, work: Work, recipient: Recipient, origin: Origin) -> GrantedSession:
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
        platform = self._context.platform
        known = self._sign_ins.device_token(platform, origin, recipient.iin, recipient.password_hash)
        return GrantedSession(session, token, known)


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
