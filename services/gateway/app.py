"""The gateway's application."""

from fastapi import FastAPI

from services.gateway.consumers import gateway_handlers
from services.gateway.endpoints import journal_router, messages_router
from services.gateway.models import MESSAGING, GatewayTable
from services.gateway.service import GatewayService
from services.gateway.settings import Settings
from shared.hosting.access import Auditor, OtherSystems, auditor_router
from shared.hosting.app import Hosted, create_hosted_app
from shared.kit.clock import Clock
from shared.kit.settings import StandSettings
from shared.messages.systems import System
from shared.messaging.platform import Platform
from shared.regulations.calendar import calendars_of
from shared.regulations.loader import load_regulations
from shared.web.access import one_of
from shared.web.wait import Changes


def create_app(settings: Settings, stand: StandSettings, clock: Clock) -> FastAPI:
    """The gateway, ready to be served."""
    changes = Changes()
    regulations = load_regulations()
    service = GatewayService(regulations, calendars_of(stand), changes)

    async def opened(platform: Platform) -> None:
        service.open(platform.database)

    hosted = Hosted(
        system=System.GATEWAY,
        summary="ЭҮШ / ШЭП: verifies, authorises, logs, countersigns and relays every message; keeps the journal.",
        metadata=GatewayTable.metadata,
        tables=MESSAGING,
        handlers=gateway_handlers(regulations),
        routers=[
            messages_router(service, one_of(Auditor(stand), OtherSystems())),
            journal_router(service, one_of(Auditor(stand))),
        ],
        stand_routers=[auditor_router(stand)],
        opened=opened,
        changes=changes,
    )
    return create_hosted_app(hosted, settings, stand, clock)
