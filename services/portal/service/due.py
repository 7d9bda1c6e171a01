"""What becomes due at the portal without anybody doing anything: offers lapse, old passwords and messages go."""

from datetime import datetime, timedelta

from services.portal.service.context import Context
from services.portal.service.offers import Offers
from services.portal.service.passwords import OneTimePasswords

_KEPT_FOR = timedelta(days=1)
_TIDY_EVERY = timedelta(hours=1)


class Due:
    """One turn after the other, by the stand's clock."""

    def __init__(self, context: Context, offers: Offers, passwords: OneTimePasswords) -> None:
        self._context = context
        self._offers = offers
        self._passwords = passwords
        self._tidied_at: datetime | None = None

    async def turn(self) -> int:
        """Do what is due now; how many offers have lapsed. Raises ``Unavailable`` if they could not be answered."""
        now = self._context.clock.now()
        if self._tidied_at is None or not timedelta(0) <= now - self._tidied_at < _TIDY_EVERY:
            await self._passwords.forget(now - _KEPT_FOR)
            self._tidied_at = now
        return await self._offers.lapse_due()
