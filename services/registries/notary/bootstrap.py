"""Composition root of the notary registry."""

from services.registries.common.bootstrap import Register, host
from services.registries.notary.consumers import notary_handlers
from services.registries.notary.endpoints import register_router
from services.registries.notary.models import MESSAGING, NotaryTable
from services.registries.notary.repository import KINDS
from services.registries.notary.service.desk import RegisterDesk
from services.registries.notary.service.seed import RegisterSeed
from services.registries.notary.settings import Settings
from shared.hosting.app import Hosted
from shared.kit.settings import StandSettings
from shared.messages.systems import System


def compose(settings: Settings, stand: StandSettings) -> Hosted:
    """The registry with everything it needs. Raises ``ValueError`` if its files do not hold together."""
    desk = RegisterDesk(settings.timezone)
    register = Register(
        system=System.NOTARY,
        summary="БНАЖ / ЕНИС: answers signed queries about notarised powers of attorney; logs who asked and why.",
        metadata=NotaryTable.metadata,
        tables=MESSAGING,
        kinds=KINDS,
        seed=RegisterSeed(settings.powers_file, settings.people_file, settings.families_file, settings.timezone),
        handlers=notary_handlers,
        tools=[register_router(desk)],
        opened=desk.open,
    )
    return host(register, settings, stand)
