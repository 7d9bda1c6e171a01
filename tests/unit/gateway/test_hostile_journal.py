"""Journal events that no verdict can be given on, signed by a system that went wrong: the gateway goes on."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest

from services.gateway.consumers import gateway_handlers
from services.gateway.models import MESSAGING, GatewayTable
from services.gateway.service import GatewayService
from shared.kit.clock import rfc3339
from shared.kit.errors import NotFound
from shared.kit.ids import uuid7
from shared.messages.systems import System
from shared.messages.topics import JOURNAL
from shared.messaging.records import OutgoingRecord
from shared.messaging.runtime import Runtime
from shared.messaging.signing import Signer
from shared.messaging.testing import Network, eventually, network
from shared.regulations.loader import load_regulations
from shared.web.wait import Changes
from tests.factories.journals import CALENDARS
from tests.servers.databases import database_url


@dataclass
class Gateway:
    """A running gateway on its own network, and what it answers."""

    net: Network
    runtime: Runtime
    service: GatewayService

    def recorded(
        self, application: str, envelope: dict[str, Any], data: dict[str, Any], **event: Any
    ) -> OutgoingRecord:
        """A ``journal.recorded`` of the portal with one event, changed as given; written without any model."""
        net, event_id = self.net, uuid7(self.net.clock)
        whole = {
            "event_id": event_id,
            "kind": "step",
            "application": application,
            "regulation": "almaty-city/preschool-queue",
            "channel": "portal",
            "step": "registration",
            "clause": "1",
            "actor": "portal",
            "at": rfc3339(net.clock.now()),
            **event,
        }
        fields = {
            "specversion": "1.0",
            "id": uuid7(net.clock),
            "source": "portal",
            "type": "journal.recorded",
            "subject": application,
            "time": rfc3339(net.clock.now()),
            "destination": "gateway",
            "messagetype": "NOTIFICATION",
            "serviceid": "Journal",
            "correlationid": application,
            **envelope,
            "data": {"first": 1, "events": [whole], **data},
        }
        value = _dumped(fields)
        headers = Signer(net.identities[System.PORTAL], net.clock).headers(value, attempt=1)
        return OutgoingRecord(JOURNAL, application.encode(), value, headers)

    async def reasons(self) -> list[str]:
        """Of the dead letters, oldest first."""
        found = await self.runtime.dead_letters.search(reason=None, redriven=None, before=None, limit=100)
        return [letter.reason for letter in reversed(found)]

    async def has(self, application: str) -> bool:
        """Whether something is journaled."""
        try:
            await self.service.journal(application)
        except NotFound:
            return False
        return True


def _dumped(fields: dict[str, Any]) -> bytes:
    """JSON with whatever Python's own writer lets through, e.g. NaN."""
    return json.dumps(fields).encode()


@pytest.fixture
async def gateway(tmp_path: Path, database_kind: str) -> AsyncIterator[Gateway]:
    """With its own tables."""
    regulations = load_regulations()
    service = GatewayService(regulations, CALENDARS, Changes())
    async with network(tmp_path, database_url) as net:
        handlers = gateway_handlers(regulations)
        async with net.run(System.GATEWAY, handlers, GatewayTable.metadata, MESSAGING) as (runtime, database):
            service.open(database)
            yield Gateway(net, runtime, service)


HOSTILE: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any], str]] = {
    "time of year 1": ({"time": "0001-01-01T00:00:00+14:00"}, {}, {}, "schema"),
    "time of year 9999": ({"time": "9999-12-31T23:59:59-14:00"}, {}, {}, "schema"),
    "time as a number": ({"time": 1767225600}, {}, {}, "schema"),
    "event of year 1": ({}, {}, {"at": "0001-01-01T00:00:00+05:00"}, "schema"),
    "event of year 9999": ({}, {}, {"at": "9999-12-31T23:59:59.999999-05:00"}, "schema"),
    "event without an offset": ({}, {}, {"at": "2026-01-01T00:00:00"}, "schema"),
    "due in year 9999": ({}, {}, {"due_at": "9999-12-31T23:59:59-01:00"}, "schema"),
    "set back for ever": ({}, {"set_back_s": 1e300}, {}, "schema"),
    "set back by less than nothing": ({}, {"set_back_s": -1e300}, {}, "schema"),
    "set back by no number": ({}, {"set_back_s": float("nan")}, {}, "malformed"),
    "set back by infinity": ({}, {"set_back_s": float("inf")}, {}, "malformed"),
    "set back by an integer of 30 digits": ({}, {"set_back_s": 10**30}, {}, "schema"),
    "set back by an integer of 400 digits": ({}, {"set_back_s": 10**400}, {}, "malformed"),
    "unknown regulation": ({}, {}, {"regulation": "no-such/service"}, "unknown-regulation"),
    "unknown channel": ({}, {}, {"channel": "pigeon"}, "unknown-regulation"),
    "unknown kind": ({}, {}, {"kind": "leap"}, "schema"),
    "a NUL": ({}, {}, {"detail": "a\0b"}, "malformed"),
    "half a surrogate pair": ({}, {}, {"detail": "\ud800"}, "malformed"),
    "another's step": ({}, {}, {"actor": "provider"}, "policy"),
    "a traceparent of 300 kB": ({"traceparent": "x" * 300_000}, {}, {}, "schema"),
}


@pytest.mark.parametrize(("envelope", "data", "event", "reason"), HOSTILE.values(), ids=HOSTILE.keys())
async def test_event_is_rejected_and_the_next_one_kept(
    gateway: Gateway, envelope: dict[str, Any], data: dict[str, Any], event: dict[str, Any], reason: str
) -> None:
    await gateway.net.publish(
        gateway.recorded("a-1", envelope, data, **event),
        gateway.recorded("a-1", {}, {}),
        gateway.recorded("a-2", {}, {}),
    )

    async def kept() -> bool:
        return await gateway.has("a-1") and await gateway.has("a-2")

    await eventually(kept, what="the next events")
    assert await gateway.reasons() == [reason]
    assert (await gateway.service.journal("a-1")).run.verdict.verdict == "incomplete"


STRANGE: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "unknown step": ({}, {"step": "process-99"}),
    "step of 1970": ({}, {"at": "1970-01-01T00:00:00Z"}),
    "step of 2999": ({}, {"at": "2999-12-31T23:59:59Z"}),
    "set back by a thousand years": ({"set_back_s": 3.2e10}, {}),
    "unknown task": ({}, {"kind": "task", "step": "procedure-99", "role": "nobody"}),
    "unknown mark": ({}, {"kind": "mark", "step": "moved"}),
    "unknown case": ({}, {"variant": "no such case"}),
    "a text of 100 kB": ({}, {"detail": "x" * 100_000}),
}


@pytest.mark.parametrize(("data", "event"), STRANGE.values(), ids=STRANGE.keys())
async def test_what_is_only_wrong_is_kept_and_judged(
    gateway: Gateway, data: dict[str, Any], event: dict[str, Any]
) -> None:
    await gateway.net.publish(gateway.recorded("a-1", {}, data, **event), gateway.recorded("a-1", {}, {"first": 2}))
    await eventually(lambda: gateway.has("a-1"))
    assert await gateway.reasons() == []
    assert (await gateway.service.journal("a-1")).run.verdict.outcome is None


async def test_a_key_that_comes_twice_counts_as_the_last_one_says(gateway: Gateway) -> None:
    good = gateway.recorded("a-1", {}, {})
    value = orjson.dumps({"subject": "another"})[:-1] + b"," + good.value[1:]
    headers = Signer(gateway.net.identities[System.PORTAL], gateway.net.clock).headers(value, attempt=1)
    await gateway.net.publish(OutgoingRecord(good.topic, good.key, value, headers))
    await eventually(lambda: gateway.has("a-1"))
    assert await gateway.reasons() == []
