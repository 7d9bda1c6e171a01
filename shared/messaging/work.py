"""A unit of work: what one handler or one HTTP command reads, changes, sends and journals.

Handlers are synchronous and do no I/O. They see states, the received message and the time; what they want to happen
they put here, and it happens in one transaction or not at all.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from shared.db.states import StateKey, StateKind, States
from shared.kit.clock import Clock
from shared.kit.errors import RejectedMessage, TooLarge
from shared.kit.ids import sha256_base64url, uuid7
from shared.messages import limits
from shared.messages.control import JournalEvent
from shared.messages.envelope import Message, payload_data
from shared.messages.payload import Payload
from shared.messages.rights import first_topic
from shared.messages.routes import route_for
from shared.messages.systems import System
from shared.messages.topics import inbox_of
from shared.messages.types import MessageType
from shared.messaging.records import Headers, Received

Record = TypeVar("Record")
Sign = Callable[..., Headers]
_ABOUT_MESSAGES = frozenset({MessageType.MESSAGE_REJECTED, MessageType.DELIVERY_RECEIPT_ISSUED})


@dataclass(frozen=True, slots=True)
class Sending:
    """A message on its way into the outbox. It is signed for its first attempt when the transaction ends, for only
    then is known what has been journaled of the application; a relayed one is countersigned at once."""

    message_id: str
    topic: str
    key: str
    value: bytes
    headers: Headers = ()
    sender_jws: str | None = None
    application: str | None = None
    """Which it is about; ``None`` for what is about messages only, and for what is relayed."""
    journaled: str | None = None
    """What goes with it of what this system knows of the journal of the application."""

    @property
    def digest(self) -> str:
        """SHA-256 of the bytes, base64url."""
        return sha256_base64url(self.value)


@dataclass
class Effects:
    """Everything a unit of work wants to happen."""

    changes: dict[StateKey, Any] = field(default_factory=dict)
    sendings: list[Sending] = field(default_factory=list)
    events: list[JournalEvent] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)

    def add(self, other: "Effects") -> None:
        """Take over the effects of one more handler."""
        self.changes.update(other.changes)
        self.sendings.extend(other.sendings)
        self.events.extend(other.events)
        self.touched |= other.touched


class Work:
    """The hands of a handler. Changes are staged in ``effects`` and thrown away if the handler raises."""

    def __init__(self, system: System, clock: Clock, sign: Sign, states: States, cause: Received | None = None) -> None:
        self.system = system
        self.cause = cause
        self.effects = Effects()
        self._clock = clock
        self._sign = sign
        self._states = states

    @property
    def now(self) -> datetime:
        """Stand time."""
        return self._clock.now()

    def new_id(self) -> str:
        """A new UUIDv7."""
        return uuid7(self._clock)

    def get(self, kind: StateKind[Record], key: str) -> Record | None:
        """The record of ``kind`` with ``key`` as this unit of work sees it, or ``None``."""
        staged: Record | None = self.effects.changes.get((kind, key))
        return staged if staged is not None else self._states.get(kind, key)

    def put(self, kind: StateKind[Record], record: Record) -> None:
        """Stage a new or changed record."""
        self.effects.changes[kind, kind.key_of(record)] = record

    def touch(self, key: str) -> None:
        """Wake those who wait for ``key`` (an application id) once this is committed."""
        self.effects.touched.add(key)

    def send(
        self,
        message_type: MessageType,
        destination: System,
        subject: str,
        payload: Payload,
        *,
        regulation: str | None = None,
        correlation: str | None = None,
        request_digest: str | None = None,
    ) -> Message:
        """Stage a message, which will be signed; by the route it goes through the gateway or directly.

        ``request_digest`` binds a response to the request it answers. Raises ``LookupError`` if no route allows it; if
        no broker would take it for its size, ``TooLarge``, and ``RejectedMessage`` for the message that led to it.
        """
        route = route_for(self.system, message_type, destination)
        if route is None:
            raise LookupError(f"no route: {self.system} may not send {message_type} to {destination}")
        message = Message(
            id=self.new_id(),
            source=self.system,
            type=message_type,
            subject=subject,
            time=self.now,
            destination=destination,
            messagetype=route.kind,
            serviceid=route.serviceid,
            correlationid=correlation or subject,
            causationid=self.cause.message.id if self.cause else None,
            requestdigest=request_digest,
            regulation=regulation,
            data=payload_data(payload),
        )
        value = message.encode()
        self._check_size(message_type, value)
        about = None if message_type in _ABOUT_MESSAGES else subject
        self.effects.sendings.append(Sending(message.id, first_topic(route), subject, value, application=about))
        return message

    def _check_size(self, message_type: MessageType, value: bytes) -> None:
        if len(value) <= limits.VALUE:
            return
        detail = f"{message_type} would have {len(value)} bytes; a message has at most {limits.VALUE}"
        if self.cause is None:
            raise TooLarge(detail, limit=limits.VALUE)
        raise RejectedMessage("too-large", detail)

    def relay(self, received: Received) -> str:
        """Stage the unchanged bytes of ``received`` for its destination, countersigned; returns the
        countersignature."""
        value = received.record.value
        headers = self._sign(value, attempt=1, sender_jws=received.jws)
        message = received.message
        self.effects.sendings.append(
            Sending(message.id, inbox_of(message.destination), message.subject, value, headers, received.jws)
        )
        return dict(headers)["jws-gateway"].decode()

    def journal(
        self,
        application: str,
        regulation: str,
        channel: str,
        step: str,
        *,
        clause: str = "",
        at: datetime | None = None,
        passed: bool | None = None,
        detail: str | None = None,
        message_id: str | None = None,
        mark: bool = False,
        variant: str | None = None,
        role: str | None = None,
        started_at: datetime | None = None,
        due_at: datetime | None = None,
    ) -> None:
        """Stage a journal event: the step ``step`` was taken by this system.

        With ``mark`` a mark was reached, with ``role`` a task of the procedure was done by whoever acts in that role.
        ``message_id`` is a message that the step sent; by default the event names the one that led to it.
        """
        received = self.cause if message_id is None else None
        self.effects.events.append(
            JournalEvent(
                event_id=self.new_id(),
                kind="mark" if mark else "task" if role else "step",
                application=application,
                regulation=regulation,
                channel=channel,
                step=step,
                clause=clause,
                actor=self.system.value,
                at=at or self.now,
                passed=passed,
                message_id=received.message.id if received else message_id,
                received_from=received.message.source.value if received else None,
                signature=received.report.indication.value if received else None,
                detail=detail,
                variant=variant,
                role=role,
                started_at=started_at,
                due_at=due_at,
            )
        )
