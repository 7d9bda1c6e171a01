"""The message log with its evidence."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.messages.control import DeliveryState


@dataclass(frozen=True, slots=True)
class LoggedMessage:
    """One relayed message: who sent what to whom, and where it stands."""

    message_id: str
    source: str
    destination: str
    type: str
    messagetype: str
    serviceid: str
    subject: str
    correlationid: str
    causationid: str | None
    digest: str
    sent_at: datetime
    relayed_at: datetime
    delivery_state: str = DeliveryState.ON_DELIVERY.value
    delivered_at: datetime | None = None
    journaled: str = ""
    """What its sender knew of the journal of the application (``shared.messages.journaled``)."""

    @property
    def on_its_way(self) -> bool:
        """Whether nobody has said yet that it arrived, or that it is not taken."""
        return self.delivery_state in {DeliveryState.ON_DELIVERY, DeliveryState.NOT_DELIVERED}


@dataclass(frozen=True, slots=True)
class RejectedRecord:
    """A record of the journal that the gateway did not take: events ``first`` to ``last`` of ``system``. ``letter`` is
    its number among the gateway's dead letters."""

    letter: int
    system: str
    first: int
    last: int
    reason: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """The bytes of a relayed message, the signatures over them and the report of their verification."""

    message_id: str
    value: bytes
    jws: str
    jws_gateway: str
    report: dict[str, Any]
