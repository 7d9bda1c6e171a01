"""Third parties get what the portal has issued to a person only with that person's consent.

The consent is given in the cabinet, with a one-time password, or with a short message in reply to the portal's (the
standard of home schooling, row 8, last paragraph: «сұратылып отырған тұлғаның келісімі болған жағдайда»).
"""

import contextlib
from datetime import timedelta

from services.portal.domain.access import AccessRequest, AccessState, Means
from services.portal.domain.documents import IssuedDocument
from services.portal.errors import ConsentMissing, WrongPassword
from services.portal.repository import ACCESS_REQUESTS, queries
from services.portal.service.context import Context, checked_id
from services.portal.service.counts import count, loads
from services.portal.service.passwords import OneTimePasswords
from shared.kit import iin as iins
from shared.kit.errors import InvalidInput, NotFound, TooManyAttempts
from shared.kit.ids import uuid7
from shared.kit.lockout import Lockout

_FOR_ACCESS = "access:"


class AccessRequests:
    """Use cases of a third party and of the person it asks about."""

    def __init__(self, context: Context, passwords: OneTimePasswords) -> None:
        self._context = context
        self._passwords = passwords
        settings = context.settings
        self._in_a_day = Lockout(settings.access_requests_a_day, timedelta(days=1))
        self._about_one = Lockout(settings.access_requests_about_one, timedelta(days=1))

    async def ask(self, iin: str, subject_iin: str, service: str, purpose: str) -> AccessRequest:
        """Somebody asks for what ``subject_iin`` has of ``service``; a registered device of theirs gets a message.

        Whether the portal knows that person, and has anything, the answer does not tell. Raises ``InvalidInput``,
        ``NotFound`` for an unknown service, ``TooManyAttempts`` for one more than a person may make in a day.
        """
        fault = "it is your own: read it in your cabinet" if subject_iin == iin else iins.fault(subject_iin)
        if fault:
            raise InvalidInput("the person is named wrongly", faults=[{"in": "body", "path": "/iin", "message": fault}])
        regulation = self._context.regulations.get(service)
        if regulation is None:
            raise NotFound(f"there is no regulation {service!r}")
        now = self._context.clock.now()
        until = now + self._context.settings.access_lifetime
        asked = AccessRequest(
            uuid7(self._context.clock), iin, subject_iin, service, purpose, AccessState.ASKED.value, now, until
        )
        counts = [
            (f"access-requests:{iin}", self._in_a_day),
            (f"access-requests:{iin}:about:{subject_iin}", self._about_one),
        ]
        async with self._context.platform.runtime.work(loads(counts)) as work:
            count(work, counts, self._context.clock.elapsed_s, "too many requests for what others have")
            work.put(ACCESS_REQUESTS, asked)
        async with self._context.platform.database.session() as session:
            devices = await queries.list_devices(session, subject_iin)
        for device in [device for device in devices if device.confirmed_at is not None][:1]:
            with contextlib.suppress(TooManyAttempts):  # then it is answered in the cabinet
                await self._passwords.send_for(iin, device, _purpose(asked.id), regulation.service)
        return asked

    async def requests(self, iin: str, *, subject: bool, before: str | None, limit: int) -> list[AccessRequest]:
        """The requests this person has made, or (``subject``) those made about them, newest first."""
        async with self._context.platform.database.session() as session:
            return await queries.list_access_requests(session, iin, subject=subject, before=before, limit=limit)

    async def answer(self, iin: str, request_id: str, *, given: bool) -> AccessRequest:
        """The person answers in the cabinet. Raises ``NotFound``, ``AccessClosed``."""
        found = await self._find(request_id)
        if found.subject_iin != iin:
            raise NotFound("there is no such request")
        async with self._context.platform.runtime.work([(ACCESS_REQUESTS, found.id)]) as work:
            answered = (work.get(ACCESS_REQUESTS, found.id) or found).answered("cabinet", work.now, given=given)
            work.put(ACCESS_REQUESTS, answered)
        return answered

    async def confirm(self, iin: str, request_id: str, password: str) -> AccessRequest:
        """Who has asked enters the one-time password that the person told them: that is the consent.

        Raises ``NotFound``, ``WrongPassword``, ``TooManyAttempts``, ``AccessClosed``.
        """
        found = await self._find(request_id)
        if found.requester_iin != iin:
            raise NotFound("there is no such request")
        return await self._redeem(found, password, "one-time-password")

    async def reply(self, phone: str, text: str) -> AccessRequest:
        """A short message comes from a registered device in reply to the portal's: with the password it is the consent.

        Raises ``NotFound`` if the number is not registered or nothing is asked of its owner, ``WrongPassword``,
        ``TooManyAttempts``.
        """
        elapsed_s = self._context.clock.elapsed_s
        async with self._context.platform.database.session() as session:
            device = await queries.find_active_phone(session, phone)
            # What this telephone can still reply to, so that nobody's request is lost among those of others.
            sent = await queries.serving_passwords(session, device.id, elapsed_s) if device else []
            named = [request for request in map(_request_of, sent) if request is not None]
            about = [await queries.find_access_request(session, request) for request in named]
        now = self._context.clock.now()
        waiting = [found for found in about if found and found.state == AccessState.ASKED and now < found.until]
        if not waiting:
            raise NotFound("nothing is asked of the owner of this number")
        for found in waiting:
            with contextlib.suppress(WrongPassword, TooManyAttempts):
                return await self._redeem(found, text.strip(), "short-message")
        raise WrongPassword("the message is no reply to what is asked")

    async def acts(self, iin: str, request_id: str) -> list[IssuedDocument]:
        """The results that the consent has opened to who asked. Raises ``NotFound``, ``ConsentMissing``."""
        found = await self._find(request_id)
        if found.requester_iin != iin:
            raise NotFound("there is no such request")
        if not found.serves_at(self._context.clock.now()):
            raise ConsentMissing("the person has not consented, or the time is over", state=found.state)
        async with self._context.platform.database.session() as session:
            return await queries.list_granted(session, found.subject_iin, found.service)

    async def find(self, iin: str, request_id: str) -> AccessRequest:
        """A request this person has made or is asked about. Raises ``NotFound``."""
        found = await self._find(request_id)
        if iin not in (found.requester_iin, found.subject_iin):
            raise NotFound("there is no such request")
        return found

    async def _find(self, request_id: str) -> AccessRequest:
        async with self._context.platform.database.session() as session:
            found = await queries.find_access_request(session, checked_id(request_id, "request"))
        if found is None:
            raise NotFound("there is no such request")
        return found

    async def _redeem(self, found: AccessRequest, password: str, means: Means) -> AccessRequest:
        async with self._passwords.redeem(
            _purpose(found.id), password, [(ACCESS_REQUESTS, found.id)], of_stranger=True
        ) as (work, _):
            current = work.get(ACCESS_REQUESTS, found.id) or found
            answered = current.answered(means, work.now, given=True)
            work.put(ACCESS_REQUESTS, answered)
        return answered


def _purpose(request: str) -> str:
    return _FOR_ACCESS + request


def _request_of(purpose: str) -> str | None:
    return purpose.removeprefix(_FOR_ACCESS) if purpose.startswith(_FOR_ACCESS) else None
