"""The register by hand: look up, add and change powers of attorney. For tests; other systems ask by message."""

from typing import Any
from zoneinfo import ZoneInfo

from services.registries.common.errors import AlreadyRecorded
from services.registries.common.service.tools import tool_look
from services.registries.notary import repository
from services.registries.notary.domain import PowerOfAttorney, changed, entry_of
from services.registries.notary.repository import KINDS, POWERS
from shared.kit.errors import NotFound
from shared.messages.extracts import PowerOfAttorneyRecord
from shared.messaging.platform import Platform


class RegisterDesk:
    """The register of notarial acts for the stand's tools."""

    def __init__(self, timezone: str) -> None:
        self._zone = ZoneInfo(timezone)

    async def open(self, platform: Platform) -> None:
        """Work on the register of ``platform`` from now on."""
        self._platform = platform

    async def powers(
        self, *, fate: str | None, principal: str | None, attorney: str | None, before: str | None, limit: int
    ) -> list[PowerOfAttorney]:
        """The acts of the register, newest first. A list of invented acts: no look in the sense of the access log."""
        async with self._platform.database.session() as session:
            return await repository.list_powers(
                session, fate=fate, principal=principal, attorney=attorney, before=before, limit=limit
            )

    async def power(self, key: str) -> PowerOfAttorney:
        """One power of attorney; logged as a look at both parties. Raises ``NotFound``."""
        async with self._platform.runtime.work([(POWERS, key)]) as work:
            found = work.get(POWERS, key)
            if found is None:
                raise NotFound("the register has no such act")
            searched = {"register_number": found.register_number, "notarised_on": found.notarised_on.isoformat()}
            for entry in tool_look(work, "register_number", searched, [found.principal_iin, found.attorney_iin]):
                work.put(KINDS.access, entry)
        return found

    async def add(self, record: PowerOfAttorneyRecord, fate: str | None) -> PowerOfAttorney:
        """Record an act. Raises ``AlreadyRecorded`` if the notary used the number on that day."""
        on = record.notarised_at.astimezone(self._zone).date()
        entry = entry_of(record, on, self._platform.clock.now(), fate)
        async with self._platform.runtime.work([(POWERS, entry.id)]) as work:
            if work.get(POWERS, entry.id) is not None:
                raise AlreadyRecorded("the notary has used this number on that day")
            work.put(POWERS, entry)
        return entry

    async def change(self, key: str, changes: dict[str, Any]) -> PowerOfAttorney:
        """Revoke, shorten, or otherwise change an act. Raises ``NotFound``."""
        async with self._platform.runtime.work([(POWERS, key)]) as work:
            found = work.get(POWERS, key)
            if found is None:
                raise NotFound("the register has no such act")
            entry = changed(found, work.now, **changes)
            work.put(POWERS, entry)
        return entry
