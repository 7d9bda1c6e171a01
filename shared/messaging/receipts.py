"""Delivery receipts of one system: given after the commit, and together for what came within a moment.

A receipt is a signed record that its receiver verifies and takes in a transaction of its own, so one for each message
would double the traffic. What is owed when a process dies is sent by nobody; then the sender sends its message again,
and is told.
"""

import asyncio
import contextlib
import logging
from collections.abc import Mapping, Sequence

from shared.db.states import States
from shared.kit.clock import Clock
from shared.kit.errors import Transient
from shared.messages.control import DeliveryReceipt, ReceiptItem
from shared.messages.systems import System
from shared.messages.types import MessageType
from shared.messaging.broker import KafkaBroker
from shared.messaging.records import OutgoingRecord
from shared.messaging.unit import UnitOfWork

log = logging.getLogger(__name__)

GATHER_S = 0.25
"""How long a receipt waits for others. Who waits for it sends again after twenty seconds."""
MOST = 1000
"""Messages that one receipt names; a record stays far below what a broker takes."""


class Receipts:
    """What this system owes the others."""

    def __init__(self, unit: UnitOfWork, broker: KafkaBroker, clock: Clock, gather_s: float = GATHER_S) -> None:
        self._unit = unit
        self._broker = broker
        self._clock = clock
        self._gather_s = gather_s
        self._owed: dict[System, list[ReceiptItem]] = {}
        self._timer: asyncio.Task[None] | None = None
        self._hurried = asyncio.Event()

    def owe(self, receipts: Mapping[System, Sequence[ReceiptItem]]) -> None:
        """These were committed, by the hop they came from; the receipts go out within ``gather_s``."""
        for hop, items in receipts.items():
            self._owed.setdefault(hop, []).extend(items)
        if self._owed and (self._timer is None or self._timer.done()):
            self._timer = asyncio.create_task(self._send_later())

    async def settle(self) -> None:
        """Send what is owed now; the end of a system."""
        self._hurried.set()
        try:
            if self._timer is not None:
                await asyncio.shield(self._timer)  # whoever gives up waiting for it does not end it
        finally:
            self._hurried.clear()

    def forget(self) -> None:
        """Owe nothing; the process is as good as dead."""
        self._owed = {}

    async def _send_later(self) -> None:
        while self._owed:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._hurried.wait(), self._gather_s)
            try:
                await self._send()
            except Exception:
                # Whoever gets none sends again; a defect here must not keep the next ones, or the end, back.
                log.exception("%s: receipts were not sent", self._unit.system)

    async def _send(self) -> None:
        owed, self._owed = self._owed, {}
        records: list[OutgoingRecord] = []
        for hop, items in owed.items():
            for first in range(0, len(items), MOST):
                records += self._records(hop, items[first : first + MOST])
        if records:
            with contextlib.suppress(Transient):  # whoever gets none sends again
                await self._broker.publish(records)

    def _records(self, hop: System, items: Sequence[ReceiptItem]) -> list[OutgoingRecord]:
        work = self._unit.work(States())
        receipt = DeliveryReceipt.model_construct(received_at=self._clock.now(), items=tuple(items))
        work.send(MessageType.DELIVERY_RECEIPT_ISSUED, hop, self._unit.system.value, receipt)
        signed = map(self._unit.signed, work.effects.sendings)
        return [OutgoingRecord(s.topic, s.key.encode(), s.value, s.headers) for s in signed]
