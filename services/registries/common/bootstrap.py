"""Composition of a registry: what both have around their own register."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from sqlalchemy import MetaData

from services.registries.common.domain import FAULTS
from services.registries.common.endpoints import controls_router
from services.registries.common.repository import RegistryKinds
from services.registries.common.service.access import AccessLog
from services.registries.common.service.answers import AnswerDesk
from services.registries.common.service.held import HeldAnswers
from services.registries.common.service.registrars import enrol_registrar, load_keepers
from services.registries.common.service.seeding import Seed, Seeding
from services.registries.common.settings import RegistrySettings
from shared.hosting.app import Hosted
from shared.hosting.faults import KeptFaults
from shared.kit.settings import StandSettings
from shared.messages.registry import REGISTRY_BINS
from shared.messages.systems import System
from shared.messaging.handlers import Handlers
from shared.messaging.platform import Platform
from shared.messaging.tables import MessagingTables
from shared.web.wait import Changes


@dataclass(frozen=True)
class Register:
    """What is one registry's own."""

    system: System
    summary: str
    metadata: MetaData
    tables: MessagingTables
    kinds: RegistryKinds
    seed: Seed
    handlers: Callable[[AnswerDesk], Handlers]
    tools: Sequence[APIRouter]
    opened: Callable[[Platform], Awaitable[None]]


def host(register: Register, settings: RegistrySettings, stand: StandSettings) -> Hosted:
    """The registry with everything it needs. Raises ``ValueError`` if its files do not hold together."""
    system = register.system
    keepers = load_keepers(settings.registries_file)
    faults, changes = KeptFaults(register.kinds.faults, **FAULTS), Changes()
    desk = AnswerDesk(system, register.kinds, faults, settings.late_s)
    held, log, seeding = HeldAnswers(register.kinds, changes), AccessLog(register.kinds), Seeding(register.seed)

    async def opened(platform: Platform) -> None:
        registrar = await enrol_registrar(keepers[system], platform, f"{system.value}-registrar")
        impostor = None
        if stand.tools:
            other = next(code for code in REGISTRY_BINS if code is not system)
            impostor = await enrol_registrar(keepers[other], platform, f"{system.value}-wrong-signer")
        desk.sign_with(registrar, impostor)
        await seeding.open(platform)
        log.open(platform.database)
        faults.open(platform.database)
        held.open(platform)
        await register.opened(platform)

    async def closing(_platform: Platform) -> None:
        await held.close()

    return Hosted(
        system=system,
        summary=register.summary,
        metadata=register.metadata,
        tables=register.tables,
        handlers=register.handlers(desk),
        routers=[],
        stand_routers=[controls_router(log, held), *register.tools],
        opened=opened,
        closing=closing,
        reset=seeding.fill,
        faults=faults,
        changes=changes,
    )
