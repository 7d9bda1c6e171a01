"""One-time passwords: sent to a registered telephone in a short message, given once, in time, and not guessed.

The standard of home schooling lets a recipient confirm with one what is sent without a signature of their own
(«бір реттік парольді беру жолымен»).
"""

import secrets
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from services.portal.domain.devices import Device, OneTimePassword, TextMessage, password_text
from services.portal.domain.documents import Confirmation
from services.portal.errors import DeviceUnknown, WrongPassword
from services.portal.repository import ATTEMPTS, DEVICES, PASSWORDS, TEXT_MESSAGES, queries
from services.portal.service.context import Context
from services.portal.service.counts import Count, add, check, check_in, count, loads
from shared.crypto.passwords import Passwords
from shared.db.states import StateKey
from shared.kit.lockout import Attempts, Lockout
from shared.kit.text import Text
from shared.messaging.work import Work

_DIGITS, _MANY_DIGITS = 6, 8
"""Where strangers may ask for passwords each may guess at some, so those are longer."""
_WRONG = "too many wrong one-time passwords"


class OneTimePasswords:
    """Sending and redeeming.

    What a recipient does is counted apart from what others do about them: nobody uses up the messages of somebody else,
    or locks their telephone.
    """

    def __init__(self, context: Context, passwords: Passwords) -> None:
        self._context = context
        self._passwords = passwords
        settings = context.settings
        window = timedelta(minutes=settings.lockout_minutes)
        self._guesses = Lockout(settings.password_failures, window)
        self._messages = Lockout(settings.short_messages, window)
        self._of_one_stranger = Lockout(settings.stranger_messages, window)
        self._of_all_strangers = Lockout(settings.strangers_messages, window)
        self._of_one_address = Lockout(settings.address_messages, window)

    async def send(self, device: Device, purpose: str, service: Text | None) -> OneTimePassword:
        """Send a new password for ``purpose`` to the telephone of who asks; the one sent before serves no longer.

        ``service``: what it confirms, for the words of the message; ``None`` for the telephone itself. Raises
        ``TooManyAttempts`` if the recipient has had too many sent, ``DeviceUnknown`` if the device is gone.
        """
        return await self._send(device, purpose, service, [(f"short-messages:{device.iin}", self._messages)], _DIGITS)

    async def send_for(self, requester: str, device: Device, purpose: str, service: Text) -> OneTimePassword:
        """The same because somebody else, the recipient ``requester``, wants something of the owner of the telephone.
        Raises as ``send``, if that person, or all together, have had too many sent to this owner."""
        of_all = f"asked-messages:{device.iin}"
        counts = [(f"{of_all}:by:{requester}", self._of_one_stranger), (of_all, self._of_all_strangers)]
        return await self._send(device, purpose, service, counts, _MANY_DIGITS)

    async def send_to(self, phone: str | None, purpose: str, iin: str, address: str, service: Text) -> None:
        """Send a new password for ``purpose`` to ``phone``, which is nobody's device here, because who calls from
        ``address`` says that they are ``iin``. Raises ``TooManyAttempts``.

        Without a telephone nothing is sent, and all else is done: who asks is not to learn it from the time.
        """
        of_all = f"unasked-messages:{iin}"
        counts = [(f"{of_all}:at:{address}", self._messages), (of_all, self._of_all_strangers)]
        password = _new_password(_MANY_DIGITS)
        # Nobody gets this one, so nobody may guess it: it is no password of a few digits.
        password_hash = await self._passwords.hash(password if phone is not None else secrets.token_urlsafe(32))
        async with self._context.platform.runtime.work(loads(counts)) as work:
            self._made(work, purpose, purpose, password_hash, counts)
            if phone is not None:
                words = password_text(password, service).model_dump()
                work.put(TEXT_MESSAGES, TextMessage(work.new_id(), phone, words, work.now))

    async def count_caller(self, address: str) -> None:
        """Count a call of who is not signed in and wants a message sent, whoever they say they are. Raises
        ``TooManyAttempts``."""
        counts = [(f"unasked-messages:at:{address}", self._of_one_address)]
        async with self._context.platform.runtime.work(loads(counts)) as work:
            count(work, counts, self._context.clock.elapsed_s, "too many messages were asked for from this address")

    async def _send(
        self, device: Device, purpose: str, service: Text | None, counts: Sequence[Count], digits: int
    ) -> OneTimePassword:
        password = _new_password(digits)
        password_hash = await self._passwords.hash(password)
        async with self._context.platform.runtime.work([(DEVICES, device.id), *loads(counts)]) as work:
            if work.get(DEVICES, device.id) is None:
                raise DeviceUnknown("the device is not registered")
            made = self._made(work, purpose, device.id, password_hash, counts)
            words = password_text(password, service).model_dump()
            work.put(TEXT_MESSAGES, TextMessage(work.new_id(), device.phone, words, work.now))
        return made

    def _made(
        self, work: Work, purpose: str, device: str, password_hash: str, counts: Sequence[Count]
    ) -> OneTimePassword:
        """A password that is put into ``work``, and counted. Raises ``TooManyAttempts``."""
        elapsed_s, lifetime = self._context.clock.elapsed_s, self._context.settings.password_lifetime
        count(work, counts, elapsed_s, "too many short messages were sent for this recipient")
        ends_s = elapsed_s + lifetime.total_seconds()
        made = OneTimePassword(purpose, device, password_hash, work.now, work.now + lifetime, ends_s)
        work.put(PASSWORDS, made)
        return made

    async def forget(self, before: datetime) -> None:
        """Delete passwords that ended, and short messages that came, before that moment."""
        async with self._context.platform.database.transaction() as session:
            await queries.forget_passwords(session, before)

    @asynccontextmanager
    async def redeem(
        self, purpose: str, password: str, needs: Iterable[StateKey], *, of_stranger: bool = False
    ) -> AsyncIterator[tuple[Work, Confirmation]]:
        """A unit of work (with the states ``needs``) in which the password for ``purpose``, sent to a device, is used
        up. Wrong ones lock the device; those of a stranger (``send_for``) lock what the stranger wants. Raises as
        ``given``."""
        async with self._context.platform.database.session() as session:
            known = await queries.find_password(session, purpose)
        device_key: list[StateKey] = [(DEVICES, known.device)] if known else []
        counted = purpose if of_stranger or known is None else known.device
        async with self.given(purpose, password, [*device_key, *needs], counted=counted) as (work, given):
            device = work.get(DEVICES, given.device)
            if device is None:
                raise WrongPassword("the one-time password does not serve")
            yield work, Confirmation(device, given.sent_at, work.now)

    @asynccontextmanager
    async def given(
        self, purpose: str, password: str, needs: Iterable[StateKey], *, counted: str, address: str | None = None
    ) -> AsyncIterator[tuple[Work, OneTimePassword]]:
        """A unit of work (with the states ``needs``) in which the password for ``purpose`` is used up. ``counted``: by
        what name wrong ones are; ``address``: of who is not signed in, where they are counted too.

        Raises ``WrongPassword``, also for one that was used, has expired or was never sent, and ``TooManyAttempts``;
        if the work itself raises, the password stays as it was.
        """
        clock = self._context.clock
        counts = [(f"one-time-password:{counted}", self._guesses)]
        if address is not None:
            counts.append((f"one-time-passwords:at:{address}", self._of_one_address))
        async with self._context.platform.database.session() as session:
            known = await queries.find_password(session, purpose)
            failed = await ATTEMPTS.load(session, [name for name, _ in counts])
        check(counts, failed.get, clock.elapsed_s, _WRONG)
        serves = known is not None and known.serves(clock.elapsed_s)
        fits = await self._passwords.fits(password, known.password_hash if known and serves else None)
        if known is None or not fits:
            # Also where none was sent: who guesses does not learn that.
            async with self._context.platform.runtime.work(loads(counts)) as work:
                add(work, counts, clock.elapsed_s)
            raise WrongPassword("the one-time password does not serve")
        async with self._context.platform.runtime.work([(PASSWORDS, purpose), *loads(counts), *needs]) as work:
            # Looked at again: of many guesses at once no more than the allowed number may be answered.
            check_in(work, counts, clock.elapsed_s, _WRONG)
            current = work.get(PASSWORDS, purpose)
            same = current is not None and current.password_hash == known.password_hash
            if current is None or not same or not current.serves(clock.elapsed_s):
                raise WrongPassword("the one-time password does not serve")
            work.put(PASSWORDS, current.used(work.now))
            own = counts[0][0]
            if work.get(ATTEMPTS, own) is not None:
                work.put(ATTEMPTS, Attempts(own))
            yield work, current


def _new_password(digits: int) -> str:
    return f"{secrets.randbelow(10**digits):0{digits}d}"
