"""Composition root: the parts of the provider, and how they open and close with the platform."""

import asyncio
from datetime import timedelta

from services.provider.consumers import provider_handlers
from services.provider.endpoints.access import Office
from services.provider.endpoints.complaints import member_signed_in
from services.provider.endpoints.counter import Counter, counter_router
from services.provider.endpoints.documents import controls_router, documents_router
from services.provider.endpoints.matters import officers_router
from services.provider.endpoints.places import places_router
from services.provider.endpoints.quality import quality_router
from services.provider.endpoints.queue import queue_router, status_router
from services.provider.endpoints.registries import registries_router
from services.provider.endpoints.tasks import tasks_router
from services.provider.models import MESSAGING, ProviderTable
from services.provider.service.allocation import Allocation
from services.provider.service.attachments import AttachmentFetcher
from services.provider.service.autopilot import Autopilot
from services.provider.service.bookings import Bookings
from services.provider.service.complaints import ProviderHouse
from services.provider.service.context import Context
from services.provider.service.desk import Desk
from services.provider.service.enquiries import Enquiries
from services.provider.service.extracts import Extracts
from services.provider.service.intake import Intake
from services.provider.service.keys import OfficerKeys
from services.provider.service.matters import Matters
from services.provider.service.missing import MissingAttachments
from services.provider.service.norms import Norms
from services.provider.service.offers import PROACTIVE, Offers
from services.provider.service.officers import Officers, load_officers
from services.provider.service.organisations import load_centre_bins, load_organisations
from services.provider.service.papers import Papers
from services.provider.service.places import allocates, load_places, settle, take_place
from services.provider.service.printables import Printables
from services.provider.service.quality import Quality
from services.provider.service.status import Status
from services.provider.service.visits import Visits
from services.provider.service.watch import DueWatch
from services.provider.settings import Settings
from shared.db.content import ContentStore
from shared.db.states import StateKey
from shared.hosting.access import OtherSystems
from shared.hosting.app import Hosted
from shared.hosting.complaints import complaints_router
from shared.hosting.tidying import tidied
from shared.kit.clock import Clock
from shared.kit.settings import StandSettings
from shared.messages.systems import System
from shared.messaging.complaints import ComplaintDesk
from shared.messaging.electronic_complaints import ElectronicComplaints
from shared.messaging.platform import Platform
from shared.messaging.steps import find_step
from shared.regulations.actions import Action
from shared.regulations.calendar import calendars_of
from shared.regulations.kindergartens import with_kindergartens
from shared.regulations.loader import load_regulations
from shared.regulations.model import Regulation
from shared.web.access import one_of
from shared.web.samples import samples_router
from shared.web.wait import Changes

_UNFINISHED_FOR = timedelta(days=1)
"""So long, in real time, is an upload kept that came to no end."""


def compose(settings: Settings, stand: StandSettings, clock: Clock) -> Hosted:
    """The provider with everything it needs. Raises ``ValueError`` if its files do not hold together."""
    regulations = with_kindergartens(load_regulations(), settings.kindergartens_file, settings.organisations_file)
    organisations = load_organisations(settings.organisations_file, regulations)
    autopilot = Autopilot(settings.autopilot)
    places = load_places(settings.kindergartens_file, organisations)

    def place_loads(regulation: Regulation, provider_bin: str) -> list[StateKey]:
        return places.loads(provider_bin) if allocates(regulation) else []

    context = Context(
        regulations,
        organisations,
        calendars_of(stand),
        autopilot,
        verification_url=settings.verification_url,
        keeps_hours=settings.autopilot_hours == "office",
        centres=load_centre_bins(settings.centres_file),
        place_loads=place_loads,
        take_place=lambda case: allocates(case.regulation) and take_place(case, places),
        settle=lambda case: settle(case, places),
    )
    enquiries = Enquiries(context, settings)
    matters = Matters(context, enquiries)
    officers = Officers(load_officers(settings.officers_file, organisations), organisations, settings)
    store = ContentStore(stand.data_dir / "provider" / "attachments")
    changes = Changes()
    desk = Desk(matters, officers, store, changes)
    printables = Printables(context)
    allocation = Allocation(matters, officers, places)
    house = ProviderHouse(context, officers)
    complaints, electronic = (
        ComplaintDesk(house, regulations, context.calendars),
        ElectronicComplaints(house, regulations),
    )
    quality, norms = Quality(context, officers), Norms(context, officers)
    visits, status = Visits(context, officers), Status(context)
    watch, extracts = DueWatch(matters, enquiries), Extracts(desk, enquiries)
    intake = Intake(matters, officers, OfficerKeys(officers), enquiries, visits)
    papers, bookings, offers = Papers(matters, desk), Bookings(context, officers, visits), Offers(matters, officers)
    at_the_counter = (visits, status, extracts, intake, papers, bookings, offers)
    opening = (autopilot, desk, printables, watch, *at_the_counter, allocation, complaints, quality, norms)

    async def turn() -> int:
        return await watch.turn() + await allocation.turn() + await visits.turn()

    def takes(regulation: Regulation, channel: str) -> bool:
        return channel == PROACTIVE or find_step(regulation, channel, Action.ACCEPT_APPLICATION) is not None

    fetchers: list[AttachmentFetcher] = []
    missing = MissingAttachments()

    async def opened(platform: Platform) -> None:
        matters.open(platform.directory)
        electronic.open(platform.directory)
        token = stand.enrolment_token.get_secret_value()
        enrolling = await organisations.enrol(stand.data_dir / "identities", platform.authority, token)
        platform.background.append(enrolling)
        await officers.open(platform)
        for part in opening:
            part.open(platform)
        fetcher = AttachmentFetcher(
            platform,
            matters,
            store,
            changes,
            missing,
            keepers={System.PORTAL: settings.portal_url, System.CSC: settings.csc_url},
            limit=settings.attachment_limit,
            retry_s=settings.fetch_retry_s,
        )
        fetcher.start()
        platform.background.append(fetcher.background)
        fetchers.append(fetcher)

    async def closing(_platform: Platform) -> None:
        await organisations.stop()
        while fetchers:
            await fetchers.pop().stop()

    async def tidy() -> None:
        await officers.forget_ended()
        await asyncio.to_thread(store.forget_unfinished, clock.machine_now() - _UNFINISHED_FOR)

    async def emptied(_platform: Platform) -> None:
        await asyncio.to_thread(store.clear)

    return Hosted(
        system=System.PROVIDER,
        summary="Көрсетілетін қызметті беруші / услугодатель: checks documents and grounds, decides, signs the act.",
        metadata=ProviderTable.metadata,
        tables=MESSAGING,
        handlers=provider_handlers(matters, enquiries, electronic),
        routers=[
            officers_router(desk, officers),
            tasks_router(desk, officers),
            registries_router(extracts, desk, officers),
            counter_router(Counter(officers, desk, intake, papers, bookings, offers)),
            queue_router(visits, officers),
            status_router(status),
            samples_router(regulations, context.zone, takes, "office"),
            places_router(allocation, officers),
            complaints_router(complaints, member_signed_in(house, officers)),
            quality_router(quality, norms, officers),
            documents_router(printables, desk, one_of(OtherSystems(System.PORTAL, System.CSC), Office(officers))),
        ],
        stand_routers=[controls_router(autopilot, officers)],
        opened=opened,
        reset=emptied,
        closing=closing,
        watch=tidied(clock, tidy, turn),
        changes=changes,
        remarks=missing.remarks,
        numbers=missing.registry,
    )
