"""Telephones of recipients, registered on the portal (the standard of home schooling, row 1: «www.egov.kz-те тіркелген
ұялы байланысының абоненттік құрылғысы»)."""

from datetime import timedelta

from sqlalchemy.exc import IntegrityError

from services.portal.domain.devices import Device, OneTimePassword, TextMessage
from services.portal.errors import DeviceUnknown, PhoneTaken
from services.portal.repository import DEVICES, queries
from services.portal.service.context import Context, checked_id
from services.portal.service.counts import count, loads
from services.portal.service.passwords import OneTimePasswords
from shared.kit.errors import LimitReached, NotFound
from shared.kit.ids import uuid7
from shared.kit.lockout import Lockout


class Devices:
    """Use cases around registered telephones."""

    def __init__(self, context: Context, passwords: OneTimePasswords) -> None:
        self._context = context
        self._passwords = passwords
        # Some are named wrongly, and a lost one is replaced.
        self._in_a_day = Lockout(2 * context.settings.devices_of_one, timedelta(days=1))

    async def register_device(self, iin: str, phone: str) -> Device:
        """The recipient names a telephone; a one-time password goes to it. Named again before it was confirmed, it is
        the same device with a new password.

        Raises ``PhoneTaken`` if the number is confirmed, by whomever, ``LimitReached`` if the recipient has as many
        telephones as one may have, and ``TooManyAttempts``.
        """
        async with self._context.platform.database.session() as session:
            taken = await queries.find_active_phone(session, phone)
            own = await queries.list_devices(session, iin)
        if taken is not None:
            raise PhoneTaken("the number is registered already")
        known = next((device for device in own if device.phone == phone), None)
        if known is None:
            if len(own) >= self._context.settings.devices_of_one:
                raise LimitReached("so many telephones are registered already; remove one", limit=len(own))
            known = Device(uuid7(self._context.clock), iin, phone, self._context.clock.now())
            counts = [(f"devices:{iin}", self._in_a_day)]
            async with self._context.platform.runtime.work(loads(counts)) as work:
                count(work, counts, self._context.clock.elapsed_s, "too many telephones were named in a day")
                work.put(DEVICES, known)
        await self._passwords.send(known, _purpose(known), None)
        return known

    async def send_password(self, iin: str, device_id: str) -> OneTimePassword:
        """A new password for a telephone that is not confirmed yet. Raises ``NotFound``, ``PhoneTaken``,
        ``TooManyAttempts``."""
        device = await self._own(iin, device_id)
        if device.confirmed_at is not None:
            raise PhoneTaken("the telephone is confirmed already")
        return await self._passwords.send(device, _purpose(device), None)

    async def confirm_device(self, iin: str, device_id: str, password: str) -> Device:
        """The recipient shows that the telephone is at hand. Raises ``NotFound``, ``WrongPassword``,
        ``TooManyAttempts``, and ``PhoneTaken`` if somebody else has confirmed the number meanwhile."""
        device = await self._own(iin, device_id)
        if device.confirmed_at is not None:
            return device
        try:
            async with self._passwords.redeem(_purpose(device), password, []) as (work, _):
                device = device.confirmed(work.now)
                work.put(DEVICES, device)
        except IntegrityError as error:
            raise PhoneTaken("the number is registered already") from error
        return device

    async def devices(self, iin: str) -> list[Device]:
        """The recipient's telephones."""
        async with self._context.platform.database.session() as session:
            return await queries.list_devices(session, iin)

    async def remove_device(self, iin: str, device_id: str) -> None:
        """The telephone serves no longer. Raises ``NotFound``."""
        device = await self._own(iin, device_id)
        async with self._context.platform.database.transaction() as session:
            await queries.delete_device(session, device.id)

    async def text_messages(self, phone: str | None, *, before: str | None, limit: int) -> list[TextMessage]:
        """What telephones have received, newest first: the stand's own window on them."""
        async with self._context.platform.database.session() as session:
            return await queries.list_text_messages(session, phone=phone, before=before, limit=limit)

    async def _own(self, iin: str, device_id: str) -> Device:
        return await own_device(self._context, iin, device_id)


async def own_device(context: Context, iin: str, device_id: str) -> Device:
    """The recipient's device. Raises ``NotFound``, also for somebody else's."""
    async with context.platform.database.session() as session:
        found = await queries.find_device(session, checked_id(device_id, "device"))
    if found is None or found.iin != iin:
        raise NotFound("there is no such device")
    return found


async def confirmed_device(context: Context, iin: str, device_id: str) -> Device:
    """The recipient's device, if it may confirm something. Raises ``DeviceUnknown``."""
    try:
        device = await own_device(context, iin, device_id)
    except NotFound as error:
        raise DeviceUnknown("no such device is registered for this recipient") from error
    if device.confirmed_at is None:
        raise DeviceUnknown("the device is not confirmed yet", device=device.id)
    return device


def _purpose(device: Device) -> str:
    return f"device:{device.id}"
