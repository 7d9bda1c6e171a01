"""Telephones of recipients, and what the stand lets be seen of their short messages."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from services.portal.domain.devices import Device, TextMessage
from services.portal.schemas.common import Body
from shared.kit.text import Text

Phone = Annotated[str, Field(pattern=r"^\+[1-9][0-9]{9,14}$", description="E.164, e.g. +77011234567")]


class DeviceCreate(Body):
    """A subscriber's telephone."""

    phone: Phone


class DeviceRead(BaseModel):
    """A registered telephone; it serves once it is confirmed."""

    id: str
    phone: str
    registered_at: datetime
    confirmed_at: datetime | None

    @classmethod
    def of(cls, device: Device) -> "DeviceRead":
        """What is shown of a device."""
        return cls.model_validate(device, from_attributes=True)


class TextMessageRead(BaseModel):
    """A short message as the telephone has received it."""

    id: str
    phone: str
    text: Text
    sent_at: datetime

    @classmethod
    def of(cls, message: TextMessage) -> "TextMessageRead":
        """What the telephone shows."""
        return cls(id=message.id, phone=message.phone, text=Text(**message.text), sent_at=message.sent_at)
