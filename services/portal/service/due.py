"""What becomes due at the portal without anybody doing anything: offers lapse, old passwords and messages go."""

import asyncio
from datetime import timedelta

from services.portal.repository import ATTEMPTS, SESSIONS, queries
from services.portal.service.applications import Applications
from services.portal.service.context import Context
from services.portal.service.offers import Offers
from services.portal.service.passwords import OneTimePasswords
from shared.db.ended import forget_ended

_KEPT_FOR = timedelta(days=1)


class Due:
    """One turn after the other, by the stand's clock."""

    def __init__(
        self, context: Context, applications: Applications, offers: Offers, passwords: OneTimePasswords
    ) -> None:
        self._context = context
        self._applications = applications
        self._offers = offers
        self._passwords = passwords

    async def tidy(self) -> None:
        """Forget what nobody needs any more."""
        clock = self._context.clock
        await self._passwords.forget(clock.now() - _KEPT_FOR)
        requests_before = clock.now() - timedelta(days=self._context.settings.access_kept_days)
        async with self._context.platform.database.transaction() as session:
            await queries.forget_access_requests(session, requests_before)
            await queries.forget_unconfirmed_devices(session, clock.now() - _KEPT_FOR)
            await forget_ended(session, clock.elapsed_s, SESSIONS, ATTEMPTS)
        await self._applications.forget_abandoned()
        await asyncio.to_thread(self._context.attachments.forget_unfinished, clock.machine_now() - _KEPT_FOR)

    async def turn(self) -> int:
        """Do what is due now; how many offers have lapsed. Raises ``Unavailable`` if they could not be answered."""
        return await self._offers.lapse_due()
