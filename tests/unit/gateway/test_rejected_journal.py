"""A record of the journal that the gateway does not take: who journaled it has a dead letter, and whoever asks for
the journal is told why it is missing."""

from pathlib import Path

from services.gateway.consumers import gateway_handlers
from services.gateway.models import MESSAGING, GatewayTable
from services.gateway.schemas import JournalRead
from services.gateway.service import GatewayService
from shared.messages.systems import System
from shared.messages.types import MessageType
from shared.messaging.handlers import Handlers
from shared.messaging.runtime import Runtime
from shared.messaging.testing import eventually, network
from shared.regulations.loader import load_regulations
from shared.web.wait import Changes
from tests.factories.journals import CALENDARS
from tests.servers.databases import database_url

QUEUE = "almaty-city/preschool-queue"


async def reasons(runtime: Runtime) -> list[str]:
    """Of the dead letters of a system."""
    found = await runtime.dead_letters.search(reason=None, redriven=None, before=None, limit=100)
    return [letter.reason for letter in found]


async def journal(runtime: Runtime, regulation: str, *steps: str) -> None:
    """One transaction that takes these steps."""
    async with runtime.work(()) as work:
        for step in steps:
            work.journal("a-1", regulation, "portal", step)


async def test_who_journaled_it_and_who_asks_for_it_learn_of_it(tmp_path: Path, database_kind: str) -> None:
    regulations = load_regulations()
    service = GatewayService(regulations, CALENDARS, Changes())
    portal_handlers = Handlers()
    portal_handlers.on(MessageType.MESSAGE_REJECTED, lambda _work, _received: None, lambda _received: ())
    async with network(tmp_path, database_url) as net:
        handlers = gateway_handlers(regulations)
        async with (
            net.run(System.GATEWAY, handlers, GatewayTable.metadata, MESSAGING) as (gateway, database),
            net.run(System.PORTAL, portal_handlers) as (portal, _),
        ):
            service.open(database)
            await journal(portal, QUEUE, "registration")
            await journal(portal, "no-such/service", "process-1", "condition-1")
            await journal(portal, QUEUE, "process-3")

            async def told() -> bool:
                return await reasons(portal) == ["journal-rejected"]

            async def kept() -> bool:
                return len((await service.journal("a-1")).run.entries) == 2

            await eventually(told, what="the dead letter of the sender")
            await eventually(kept, what="the other events")
            assert await reasons(gateway) == ["unknown-regulation"]
            (awaited,) = JournalRead.of(await service.journal("a-1")).awaited
            assert (awaited.system, awaited.first, awaited.last) == ("portal", 2, 3)
            assert awaited.rejection == "unknown-regulation"
            assert awaited.text == (
                "events 2 to 3 of portal not yet in the journal; "
                "events 2 to 3 rejected (unknown-regulation), dead letter 1 of the gateway"
            )
            (letter,) = await portal.dead_letters.search(reason=None, redriven=None, before=None, limit=1)
            assert (await portal.redrive(letter.id)).result == "sent again"
