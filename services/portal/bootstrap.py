"""Composition root of the portal."""

import asyncio

from services.portal.consumers import portal_handlers
from services.portal.endpoints.access import signed_in
from services.portal.endpoints.applications import applications_router
from services.portal.endpoints.attachments import attachments_router
from services.portal.endpoints.bookings import bookings_router
from services.portal.endpoints.cabinet import cabinet_router
from services.portal.endpoints.complaints import complaints_router
from services.portal.endpoints.confirmations import confirmations_router
from services.portal.endpoints.devices import devices_router, text_messages_router
from services.portal.endpoints.recipients import played_sessions_router, recipients_router
from services.portal.endpoints.services import services_router
from services.portal.endpoints.third_parties import replies_router, third_parties_router
from services.portal.endpoints.verification import verification_router
from services.portal.models import MESSAGING, PortalTable
from services.portal.service.applications import Applications
from services.portal.service.attachments import Attachments
from services.portal.service.bookings import Bookings
from services.portal.service.catalogue import Catalogue
from services.portal.service.complaints import RecipientComplaints
from services.portal.service.context import CHANNEL, STARTED_HERE, Context
from services.portal.service.devices import Devices
from services.portal.service.due import Due
from services.portal.service.incoming import Incoming
from services.portal.service.mobile import Mobile
from services.portal.service.notices import IncomingNotices
from services.portal.service.offers import Offers
from services.portal.service.passwords import OneTimePasswords
from services.portal.service.proofs import Proofs, load_mobile_citizens
from services.portal.service.queue_places import QueuePlaces
from services.portal.service.recipients import Recipients
from services.portal.service.results import Results
from services.portal.service.submission import Submission
from services.portal.service.supplements import Supplements
from services.portal.service.third_parties import AccessRequests
from services.portal.settings import Settings
from shared.crypto.passwords import Passwords
from shared.db.content import ContentStore
from shared.hosting.access import OtherSystems
from shared.hosting.app import Hosted
from shared.hosting.tidying import tidied
from shared.kit.clock import Clock
from shared.kit.settings import StandSettings
from shared.messages.systems import System
from shared.messaging.platform import Platform
from shared.regulations.calendar import calendars_of
from shared.regulations.issuers import load_issuers
from shared.regulations.loader import Regulations
from shared.web.access import one_of
from shared.web.samples import samples_router
from shared.web.wait import Changes


def compose(settings: Settings, stand: StandSettings, clock: Clock, regulations: Regulations) -> Hosted:
    """The portal from its settings; nothing is opened before its platform is."""
    files = stand.data_dir / "portal"
    context = Context(
        settings=settings,
        regulations=regulations,
        clock=clock,
        changes=Changes(),
        calendars=calendars_of(stand),
        issuers=load_issuers(stand.organisations_file),
        attachments=ContentStore(files / "attachments"),
        printables={language: ContentStore(files / "printables", f".{language}.pdf") for language in ("kk", "ru")},
    )
    passwords = Passwords()
    applications = Applications(context)
    results = Results(context)
    supplements = Supplements(context)
    complaints = RecipientComplaints(context)
    one_time = OneTimePasswords(context, passwords)
    phones = load_mobile_citizens(settings.mobile_citizens_file)
    proofs = Proofs(context, one_time, phones)
    recipients = Recipients(context, passwords, proofs)
    devices, offers = Devices(context, one_time), Offers(context, one_time)
    mobile = Mobile(context, applications, one_time)
    access_requests = AccessRequests(context, one_time)
    due = Due(context, applications, offers, one_time)
    access = [signed_in(recipients)]
    routers = [
        recipients_router(recipients, proofs),
        samples_router(regulations, context.calendars.zone, lambda _, channel: channel in STARTED_HERE, CHANNEL),
        services_router(Catalogue(context)),
        applications_router(applications, Submission(context, applications), access),
        confirmations_router(applications, mobile, offers, access),
        attachments_router(
            Attachments(context, applications),
            supplements,
            access,
            one_of(OtherSystems(System.PROVIDER)),
            settings.attachment_limit,
        ),
        cabinet_router(applications, results, supplements, QueuePlaces(context), access),
        devices_router(devices, access),
        third_parties_router(access_requests, access),
        complaints_router(complaints, access),
        bookings_router(Bookings(context), access),
        verification_router(results),
    ]

    async def opened(platform: Platform) -> None:
        context.open(platform)

    async def emptied(_platform: Platform) -> None:
        for store in (context.attachments, *context.printables.values()):
            await asyncio.to_thread(store.clear)

    return Hosted(
        system=System.PORTAL,
        summary="ЭҮП / ПЭП: register, apply, sign, follow the matter and receive the result in the personal cabinet.",
        metadata=PortalTable.metadata,
        tables=MESSAGING,
        handlers=portal_handlers(Incoming(context), IncomingNotices(context), complaints),
        routers=routers,
        stand_routers=[
            text_messages_router(devices),
            replies_router(access_requests),
            played_sessions_router(recipients, phones),
        ],
        watch=tidied(clock, due.tidy, due.turn),
        opened=opened,
        reset=emptied,
        changes=context.changes,
    )
