"""The services a stand consists of, in the order in which they start."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI

from shared.kit.clock import Clock
from shared.kit.settings import ServiceSettings, StandSettings

if TYPE_CHECKING:
    from sqlalchemy import MetaData

    from shared.messaging.tables import MessagingTables

CreateApp = Callable[[Any, StandSettings, Clock], FastAPI]


@dataclass(frozen=True)
class Service:
    """One service: its code, its package, and what there is to do."""

    code: str
    package: str
    port: int
    duty: str

    def create_app(self, settings: ServiceSettings, stand: StandSettings, clock: Clock) -> FastAPI:
        """Its application. The package is imported here and not earlier, so that ``egov --help`` stays quick."""
        create: CreateApp = import_module(f"{self.package}.app").create_app
        return create(settings, stand, clock)

    def settings(self, **values: Any) -> ServiceSettings:
        """Its settings from the environment; ``values`` override."""
        found: ServiceSettings = import_module(f"{self.package}.settings").Settings(**values)
        return found

    def metadata(self) -> "MetaData | None":
        """Its tables; ``None`` for the authority, which keeps files."""
        if find_spec(f"{self.package}.models") is None:
            return None
        messaging: MessagingTables = import_module(f"{self.package}.models").MESSAGING
        return messaging.inbox.metadata


SERVICES: tuple[Service, ...] = (
    Service("pki", "services.pki", 8106, "certificates, .p12 of demo people, CRL, OCSP"),
    Service("persons", "services.registries.persons", 8107, "people, families, documents; access log"),
    Service("notary", "services.registries.notary", 8108, "powers of attorney; access log"),
    Service("gateway", "services.gateway", 8103, "message log with signatures, journal with verdict"),
    Service("regional-gateway", "services.regional_gateway", 8104, "registration journal, queue"),
    Service("provider", "services.provider", 8105, "matters, decisions, printable documents"),
    Service("csc", "services.csc", 8102, "an operator's workplace, electronic queue, status by number"),
    Service("portal", "services.portal", 8101, "register, apply, sign, cabinet"),
)
