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
        password = f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}d}"
        password_hash = await self._passwords.hash(password)
        counted = f"short-messages:{device.iin}"
        async with self._context.platform.runtime.work([(DEVICES, device.id), (ATTEMPTS, counted)]) as work:
            if work.get(DEVICES, device.id) is None:
                raise DeviceUnknown("the device is not registered")
            sent = work.get(ATTEMPTS, counted) or Attempts(counted)
            self._check(sent, self._messages, "too many short messages were sent for this recipient", work)
            work.put(ATTEMPTS, sent.failed(work.now, self._messages))
            lifetime = self._context.settings.password_lifetime
            ends_s = self._context.clock.elapsed_s + lifetime.total_seconds()
            made = OneTimePassword(purpose, device.id, password_hash, work.now, work.now + lifetime, ends_s)
            work.put(PASSWORDS, made)
            words = password_text(password, service).model_dump()
            work.put(TEXT_MESSAGES, TextMessage(work.new_id(), device.phone, words, work.now))
        return made

    async def forget(self, before: datetime) -> None:
        """Delete passwords that ended, and short messages that came, before that moment."""
        async with self._context.platform.database.transaction() as session:
            await queries.forget_passwords(session, before)

    @asynccontextmanager
    async def redeem(
        self, purpose: str, password: str, loads: Iterable[StateKey]
    ) -> AsyncIterator[tuple[Work, Confirmation]]:
        """A unit of work (with the states ``loads``) in which the password for ``purpose`` is used up.

        Raises ``WrongPassword``, also for one that was used, has expired or was never sent, and ``TooManyAttempts``;
        if the work itself raises, the password stays as it was.
        """
        clock = self._context.clock
        async with self._context.platform.database.session() as session:
            known = await queries.find_password(session, purpose)
            attempts = await queries.find_attempts(session, _guesses_at(known.device)) if known else None
        if known is None or attempts is None:
            raise WrongPassword("no password was sent for this")
        self._check_guesses(attempts)
        fits = await self._passwords.fits(password, known.password_hash if known.serves(clock.elapsed_s) else None)
        if not fits:
            await self._count_failure(known.device)
            raise WrongPassword("the one-time password does not serve")
        own: list[StateKey] = [(PASSWORDS, purpose), (ATTEMPTS, attempts.subject), (DEVICES, known.device)]
        async with self._context.platform.runtime.work([*own, *loads]) as work:
            # Looked at again: of many guesses at once no more than the allowed number may be answered.
            attempts = work.get(ATTEMPTS, attempts.subject) or attempts
            self._check_guesses(attempts)
            current, device = work.get(PASSWORDS, purpose), work.get(DEVICES, known.device)
            same = current is not None and current.password_hash == known.password_hash
            if current is None or device is None or not same or not current.serves(clock.elapsed_s):
                raise WrongPassword("the one-time password does not serve")
            work.put(PASSWORDS, current.used(work.now))
            if attempts.failures:
                work.put(ATTEMPTS, Attempts(attempts.subject))
            yield work, Confirmation(device, current.sent_at, work.now)

    async def _count_failure(self, device: str) -> None:
        subject = _guesses_at(device)
        async with self._context.platform.runtime.work([(ATTEMPTS, subject)]) as work:
            attempts = work.get(ATTEMPTS, subject) or Attempts(subject)
            work.put(ATTEMPTS, attempts.failed(work.now, self._guesses))

    def _check_guesses(self, attempts: Attempts) -> None:
        self._check(attempts, self._guesses, "too many wrong one-time passwords", None)

    def _check(self, attempts: Attempts, rule: Lockout, detail: str, work: Work | None) -> None:
        now = work.now if work else self._context.clock.now()
        seconds = math.ceil(attempts.locked_for(now, rule))
        if seconds > 0:
            raise TooManyAttempts(detail, retry_after=seconds)


def _guesses_at(device: str) -> str:
    return f"one-time-password:{device}"
