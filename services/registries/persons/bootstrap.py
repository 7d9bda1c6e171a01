"""Composition root of the persons registry."""

from services.registries.common.bootstrap import Register, host
from services.registries.persons.consumers import persons_handlers
from services.registries.persons.endpoints import register_router
from services.registries.persons.models import MESSAGING, PersonsTable
from services.registries.persons.repository import KINDS
from services.registries.persons.service.desk import RegisterDesk
from services.registries.persons.service.seed import RegisterSeed
from services.registries.persons.settings import Settings
from shared.hosting.app import Hosted
from shared.kit.clock import Clock
from shared.kit.settings import StandSettings
from shared.messages.systems import System


def compose(settings: Settings, stand: StandSettings, clock: Clock) -> Hosted:
    """The registry with everything it needs. Raises ``ValueError`` if its files do not hold together."""
    desk = RegisterDesk()
    register = Register(
        system=System.PERSONS,
        summary="ЖТ ММБ / ГБД ФЛ: answers signed queries about natural persons; logs who asked about whom and why.",
        metadata=PersonsTable.metadata,
        tables=MESSAGING,
        kinds=KINDS,
        seed=RegisterSeed(settings.people_file, settings.families_file),
        handlers=persons_handlers,
        tools=[register_router(desk, clock)],
        opened=desk.open,
    )
    return host(register, settings, stand)
