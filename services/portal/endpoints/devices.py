"""Registered telephones, and the stand's window on the short messages that they get."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from services.portal.endpoints.access import Current
from services.portal.schemas.applications import Confirmed, PasswordRead
from services.portal.schemas.devices import DeviceCreate, DeviceRead, TextMessageRead
from services.portal.service.devices import Devices
from shared.web.paging import Pages


def devices_router(devices: Devices, access: Sequence[Any]) -> APIRouter:
    """Only the caller's own."""
    router = APIRouter(prefix="/devices", tags=["devices"], dependencies=[Depends(rule) for rule in access])

    @router.post("", status_code=201, summary="Register a telephone")
    async def register_device(body: DeviceCreate, session: Current, response: Response) -> DeviceRead:
        """A one-time password goes to it. 409 if the number is registered already; 429 after too many messages."""
        device = await devices.register_device(session.iin, body.phone)
        response.headers["Location"] = "/devices"
        return DeviceRead.of(device)

    @router.get("", summary="My telephones")
    async def list_devices(session: Current) -> list[DeviceRead]:
        """In the order of registration."""
        return [DeviceRead.of(device) for device in await devices.devices(session.iin)]

    @router.post("/{device_id}/password", status_code=202, summary="Have another one-time password sent")
    async def send_device_password(device_id: str, session: Current) -> PasswordRead:
        """For a telephone that is not confirmed yet; the password before serves no longer."""
        return PasswordRead.of(await devices.send_password(session.iin, device_id))

    @router.post("/{device_id}/confirmation", summary="Confirm a telephone with the one-time password")
    async def confirm_device(device_id: str, body: Confirmed, session: Current) -> DeviceRead:
        """403 for a password that is wrong, was used or has expired; 429 after too many wrong ones."""
        return DeviceRead.of(await devices.confirm_device(session.iin, device_id, body.password))

    @router.delete("/{device_id}", status_code=204, summary="Remove a telephone")
    async def remove_device(device_id: str, session: Current) -> Response:
        """It confirms nothing any more."""
        await devices.remove_device(session.iin, device_id)
        return Response(status_code=204)

    return router


def text_messages_router(devices: Devices) -> APIRouter:
    """There is no telephone network here: what would have been sent can be read, by tests and by people who try."""
    router = APIRouter(prefix="/__stand", tags=["stand"])

    @router.get("/text-messages", summary="Short messages that telephones have received")
    async def list_text_messages(
        pages: Pages,
        phone: Annotated[str | None, Query(max_length=20, pattern=r"^\+[0-9]+$")] = None,
        before: Annotated[str | None, Query(max_length=200, description="Last id seen")] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> list[TextMessageRead]:
        """Newest first; those of the last day."""
        found = await devices.text_messages(phone, before=before, limit=limit + 1)
        return [TextMessageRead.of(message) for message in pages.page(found, limit, before=lambda found: found.id)]

    return router
