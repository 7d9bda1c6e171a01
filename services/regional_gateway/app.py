"""The regional gateway's application."""

from fastapi import FastAPI

from services.regional_gateway.consumers import regional_handlers
from services.regional_gateway.endpoints import regional_router, status_router
from services.regional_gateway.models import MESSAGING, RegionalTable
from services.regional_gateway.service.desk import RegistrationDesk
from services.regional_gateway.service.gateway import RegionalGateway
from services.regional_gateway.settings import Settings
from shared.hosting.access import Auditor, OtherSystems, auditor_router
from shared.hosting.app import Hosted, create_hosted_app
from shared.kit.clock import Clock
from shared.kit.settings import StandSettings
from shared.messages.systems import System
from shared.messaging.platform import Platform
from shared.regulations.issuers import load_issuers
from shared.regulations.loader import load_regulations
from shared.web.access import one_of


def create_app(settings: Settings, stand: StandSettings, clock: Clock) -> FastAPI:
    """The regional gateway, ready to be served."""
    gateway = RegionalGateway(load_regulations(), clock, settings.timezone, load_issuers(stand.organisations_file))
    desk = RegistrationDesk()

    async def opened(platform: Platform) -> None:
        desk.open(platform.database)
        gateway.open(platform.directory)

    hosted = Hosted(
        system=System.REGIONAL_GATEWAY,
        summary="ЭҮАШ / РШЭП: registers electronic documents, keeps the queue, routes to the provider and back.",
        metadata=RegionalTable.metadata,
        tables=MESSAGING,
        handlers=regional_handlers(gateway),
        routers=[
            regional_router(desk, one_of(Auditor(stand)), one_of(OtherSystems(System.PORTAL))),
            status_router(desk),
        ],
        stand_routers=[auditor_router(stand)],
        opened=opened,
    )
    return create_hosted_app(hosted, settings, stand, clock)
