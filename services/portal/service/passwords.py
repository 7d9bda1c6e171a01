"""One-time passwords: sent to a registered telephone in a short message, given once, in time, and not guessed.

The standard of home schooling lets a recipient confirm with one what is sent without a signature of their own
(«бір реттік парольді беру жолымен»).
"""

import math
import secrets
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from services.portal.domain.devices import Device, OneTimePassword, TextMessage, password_text
from services.portal.domain.documents import Confirmation
from services.portal.errors import DeviceUnknown, WrongPassword
from services.portal.repository import ATTEMPTS, DEVICES, PASSWORDS, TEXT_MESSAGES, queries
from services.portal.service.context import Context
from shared.crypto.passwords import Passwords
from shared.db.states import StateKey
from shared.kit.errors import TooManyAttempts
from shared.kit.lockout import Attempts, Lockout
from shared.kit.text import Text
from shared.messaging.work import Work

_DIGITS = 6


class OneTimePasswords:
    """Sending and redeeming."""

    def __init__(self, context: Context, passwords: Passwords) -> None:
        self._context = context
        self._passwords = passwords
        settings = context.settings
        window = timedelta(minutes=settings.lockout_minutes)
        self._guesses = Lockout(settings.password_failures, window)
        self._messages = Lockout(settings.short_messages, window)

    async def send(self, device: Device, purpose: str, service: Text | None) -> OneTimePassword:
        """Send a new password for ``purpose`` to the telephone; the one sent before serves no longer.

        ``service``: what it confirms, for the words of the message; ``None`` for the telephone itself. Raises
        ``TooManyAttempts`` if the recipient has had too many sent, ``DeviceUnknown`` if the device is gone.
        """
        password = _new_password()
        password_hash = await self._passwords.hash(password)
        counted = f"short-messages:{device.iin}"
        async with self._context.platform.runtime.work([(DEVICES, device.id), (ATTEMPTS, counted)]) as work:
            if work.get(DEVICES, device.id) is None:
                raise DeviceUnknown("the device is not registered")
            made = self._made(work, purpose, device.id, password_hash, counted)
            words = password_text(password, service).model_dump()
            work.put(TEXT_MESSAGES, TextMessage(work.new_id(), device.phone, words, work.now))
        return made

    async def send_to(self, phone: str | None, purpose: str, iin: str, service: Text) -> None:
        """Send a new password for ``purpose`` to ``phone``, which is nobody's device here. Counted apart from what the
        recipient ``iin`` has sent. Raises ``TooManyAttempts``.

        Without a telephone nothing is sent, and all else is done: who asks is not to learn it from the time.
        """
        password = _new_password()
        # Nobody gets this one, so nobody may guess it: it is no password of a few digits.
        password_hash = await self._passwords.hash(password if phone is not None else secrets.token_urlsafe(32))
        counted = f"unasked-messages:{iin}"
        async with self._context.platform.runtime.work([(ATTEMPTS, counted)]) as work:
            self._made(work, purpose, purpose, password_hash, counted)
            if phone is not None:
                words = password_text(password, service).model_dump()
                work.put(TEXT_MESSAGES, TextMessage(work.new_id(), phone, words, work.now))

    def _made(self, work: Work, purpose: str, device: str, password_hash: str, counted: str) -> OneTimePassword:
        """A password that is put into ``work``, and counted. Raises ``TooManyAttempts``."""
        sent = work.get(ATTEMPTS, counted) or Attempts(counted)
        self._check(sent, self._messages, "too many short messages were sent for this recipient")
        work.put(ATTEMPTS, sent.failed(self._context.clock.elapsed_s, self._messages))
        lifetime = self._context.settings.password_lifetime
        ends_s = self._context.clock.elapsed_s + lifetime.total_seconds()
        made = OneTimePassword(purpose, device, password_hash, work.now, work.now + lifetime, ends_s)
        work.put(PASSWORDS, made)
        return made

    async def forget(self, before: datetime) -> None:
        """Delete passwords that ended, and short messages that came, before that moment."""
        async with self._context.platform.database.transaction() as session:
            await queries.forget_passwords(session, before)

    @asynccontextmanager
    async def redeem(
        self, purpose: str, password: str, loads: Iterable[StateKey]
    ) -> AsyncIterator[tuple[Work, Confirmation]]:
        """A unit of work (with the states ``loads``) in which the password for ``purpose``, sent to a device, is used
        up. Raises as ``given``."""
        async with self._context.platform.database.session() as session:
            known = await queries.find_password(session, purpose)
        device_key: list[StateKey] = [(DEVICES, known.device)] if known else []
        async with self.given(purpose, password, [*device_key, *loads]) as (work, given):
            device = work.get(DEVICES, given.device)
            if device is None:
                raise WrongPassword("the one-time password does not serve")
            yield work, Confirmation(device, given.sent_at, work.now)

    @asynccontextmanager
    async def given(
        self, purpose: str, password: str, loads: Iterable[StateKey]
    ) -> AsyncIterator[tuple[Work, OneTimePassword]]:
        """A unit of work (with the states ``loads``) in which the password for ``purpose`` is used up.

        Raises ``WrongPassword``, also for one that was used, has expired or was never sent, and ``TooManyAttempts``;
        if the work itself raises, the password stays as it was.
        """
        clock = self._context.clock
        async with self._context.platform.database.session() as session:
            known = await queries.find_password(session, purpose)
            attempts = await queries.find_attempts(session, _guesses_at(known.device if known else purpose))
        self._check_guesses(attempts)
        serves = known is not None and known.serves(clock.elapsed_s)
        fits = await self._passwords.fits(password, known.password_hash if known and serves else None)
        if known is None or not fits:
            # Also where none was sent: who guesses does not learn that.
            await self._count_failure(attempts.subject)
            raise WrongPassword("the one-time password does not serve")
        own: list[StateKey] = [(PASSWORDS, purpose), (ATTEMPTS, attempts.subject)]
        async with self._context.platform.runtime.work([*own, *loads]) as work:
            # Looked at again: of many guesses at once no more than the allowed number may be answered.
            attempts = work.get(ATTEMPTS, attempts.subject) or attempts
            self._check_guesses(attempts)
            current = work.get(PASSWORDS, purpose)
            same = current is not None and current.password_hash == known.password_hash
            if current is None or not same or not current.serves(clock.elapsed_s):
                raise WrongPassword("the one-time password does not serve")
            work.put(PASSWORDS, current.used(work.now))
            if attempts.failures:
                work.put(ATTEMPTS, Attempts(attempts.subject))
            yield work, current

    async def _count_failure(self, subject: str) -> None:
        async with self._context.platform.runtime.work([(ATTEMPTS, subject)]) as work:
            attempts = work.get(ATTEMPTS, subject) or Attempts(subject)
            work.put(ATTEMPTS, attempts.failed(self._context.clock.elapsed_s, self._guesses))

    def _check_guesses(self, attempts: Attempts) -> None:
        self._check(attempts, self._guesses, "too many wrong one-time passwords")

    def _check(self, attempts: Attempts, rule: Lockout, detail: str) -> None:
        seconds = math.ceil(attempts.locked_for(self._context.clock.elapsed_s, rule))
        if seconds > 0:
            raise TooManyAttempts(detail, retry_after=seconds)


def _new_password() -> str:
    return f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}d}"


def _guesses_at(device: str) -> str:
    return f"one-time-password:{device}"
