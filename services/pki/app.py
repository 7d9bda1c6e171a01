"""The application of the certificate authority."""

from fastapi import FastAPI

from services.pki.bootstrap import open_service
from services.pki.endpoints import (
    authority_router,
    certificates_router,
    containers_router,
    people_router,
    revocation_faults,
)
from services.pki.settings import Settings
from shared.hosting.reset import FilesOnly, resets_router
from shared.hosting.timekeeping import keep
from shared.kit.clock import Clock
from shared.kit.settings import StandSettings
from shared.web.app import create_service_app
from shared.web.callers import own_names
from shared.web.stand import stand_router


def create_app(settings: Settings, stand: StandSettings, clock: Clock) -> FastAPI:
    """The authority, ready to be served; its keys are made here at the first start."""
    if stand.tools:
        # Certificates rest on time, so the authority keeps it: also over a restart.
        keep(clock, stand.data_dir / "pki" / "clock.json")
    service = open_service(settings, stand, clock)
    faults = revocation_faults()

    async def forget() -> None:
        await faults.forget()
        await service.reset()

    if stand.tools:
        clock.resets.join("pki", FilesOnly(forget))

    async def readiness() -> dict[str, str | None]:
        # Its files were read at the start; what can be away is room for more.
        return {"register": service.storage_fault()}

    return create_service_app(
        code="pki",
        title="Certificate authority",
        summary="НУЦ РК / ҚР ҰКО: test certificates, CRL and OCSP. Worthless outside this stand.",
        clock=clock,
        tools=stand.tools,
        lifespan=None,
        readiness=readiness,
        routers=[authority_router(service, faults), certificates_router(service, clock), people_router(service)],
        stand_routers=[containers_router(service), stand_router(clock, service.reset, faults), resets_router(clock)],
        neighbours=stand.addresses,
        hosts=own_names(stand, "pki", settings.public_url),
        cors_origins=stand.cors_origins,
    )
