"""Messages that go on to another system, and the rejections that come back for them.

What was sent about an application stands in its entry: which bytes went to whom, and what they go back to. A rejection
names the bytes it is about, so it finds its way back to whoever can do something about it.
"""

from dataclasses import replace
from typing import cast

from services.regional_gateway.domain import JournalEntry, Passed
from services.regional_gateway.repository import ENTRIES
from shared.messages.control import MessageRejected
from shared.messages.envelope import Message
from shared.messages.payload import Payload
from shared.messages.systems import System
from shared.messages.types import MessageType
from shared.messaging.records import Received
from shared.messaging.work import Work

BY_REQUEST = "by request"
"""Bound to what the receiver knows the application by."""


def sent(work: Work, message: Message, entry: JournalEntry, origin: Received | None = None) -> JournalEntry:
    """The entry with ``message``, which was sent last; ``origin``: what it passes on, if anything."""
    passed = Passed(
        type=message.type.value,
        receiver=message.destination.value,
        digest=work.effects.sendings[-1].digest,
        origin=origin.message.source.value if origin else None,
        origin_id=origin.message.id if origin else None,
        origin_digest=origin.digest if origin else None,
    )
    return replace(entry, passed=[*entry.passed, passed])


def pass_on(
    work: Work,
    received: Received,
    entry: JournalEntry,
    message_type: MessageType,
    receiver: System,
    payload: Payload | None = None,
    *,
    request_digest: str | None = BY_REQUEST,
) -> JournalEntry:
    """Send what came on to ``receiver``, with another ``payload`` if there is one; the entry that knows of it."""
    bound = entry.provider_digest if receiver is System.PROVIDER else entry.request_digest
    message = work.send(
        message_type,
        receiver,
        entry.application,
        payload or received.payload,
        regulation=entry.regulation,
        request_digest=bound if request_digest == BY_REQUEST else request_digest,
    )
    return sent(work, message, entry, received)


def pass_rejection(work: Work, received: Received, entry: JournalEntry) -> None:
    """Tell whoever sent us the message that was not taken further on, and open the entry for another one.

    Nothing happens for a rejection that names no bytes of ours: anybody can put a forgery under our name.
    """
    rejection = cast("MessageRejected", received.payload)
    source = received.message.source
    passed = next((item for item in entry.passed if item["digest"] == rejection.digest), None)
    if passed is None or source not in (passed["receiver"], System.GATEWAY):
        return
    if "rejected" in passed:
        return  # known
    work.put(ENTRIES, entry.reopened(passed, f"{source}: {rejection.reason}"))
    work.touch(entry.application)
    if passed["origin"] is None or passed["origin_id"] is None or passed["origin_digest"] is None:
        return  # it was of ours
    work.send(
        MessageType.MESSAGE_REJECTED,
        System(passed["origin"]),
        entry.application,
        MessageRejected(
            message_id=passed["origin_id"],
            digest=passed["origin_digest"],
            reason=rejection.reason,
            report={**rejection.report, "rejected_by": source.value, "rejected": passed["type"]},
        ),
        regulation=entry.regulation,
    )
