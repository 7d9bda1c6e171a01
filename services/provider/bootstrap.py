"""Composition root: the parts of the provider, and how they open and close with the platform."""

from services.provider.consumers import provider_handlers
from services.provider.endpoints import controls_router, documents_router, officers_router
from services.provider.models import MESSAGING, ProviderTable
from services.provider.service.attachments import AttachmentFetcher, AttachmentStore
from services.provider.service.desk import Desk
from services.provider.service.matters import Autopilot, Matters
from services.provider.service.officers import Officers, load_officers
from services.provider.service.organisations import load_centre_bins, load_organisations
from services.provider.service.printables import Printables
from services.provider.settings import Settings
from shared.hosting.app import Hosted
from shared.kit.settings import StandSettings
from shared.messages.systems import System
from shared.messaging.platform import Platform
from shared.regulations.loader import load_regulations
from shared.web.wait import Changes


def compose(settings: Settings, stand: StandSettings) -> Hosted:
    """The provider with everything it needs. Raises ``ValueError`` if its files do not hold together."""
    regulations = load_regulations()
    organisations = load_organisations(settings.organisations_file, regulations)
    autopilot = Autopilot(settings.autopilot)
    matters = Matters(
        regulations,
        organisations,
        autopilot,
        verification_url=settings.verification_url,
        timezone=settings.timezone,
        centres=load_centre_bins(settings.centres_file),
    )
    officers = Officers(load_officers(settings.officers_file, organisations), organisations, settings)
    store = AttachmentStore(stand.data_dir / "provider" / "attachments")
    changes = Changes()
    desk = Desk(matters, officers, store, changes)
    printables = Printables(matters, organisations)
    fetchers: list[AttachmentFetcher] = []

    async def opened(platform: Platform) -> None:
        matters.open(platform.directory)
        token = stand.enrolment_token.get_secret_value()
        await organisations.enrol(stand.data_dir / "identities", platform.authority, token, platform.clock)
        await officers.open(platform)
        desk.open(platform)
        printables.open(platform)
        fetcher = AttachmentFetcher(
            platform, matters, store, changes, limit=settings.attachment_limit, retry_s=settings.fetch_retry_s
        )
        fetcher.start()
        fetchers.append(fetcher)

    async def closing(_platform: Platform) -> None:
        while fetchers:
            await fetchers.pop().stop()

    return Hosted(
        system=System.PROVIDER,
        summary="Көрсетілетін қызметті беруші / услугодатель: checks documents and grounds, decides, signs the act.",
        metadata=ProviderTable.metadata,
        tables=MESSAGING,
        handlers=provider_handlers(matters),
        routers=[officers_router(desk, officers), documents_router(printables)],
        stand_routers=[controls_router(autopilot, officers)],
        opened=opened,
        closing=closing,
        changes=changes,
    )
