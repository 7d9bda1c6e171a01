"""Composition root of the centre."""

import asyncio
from datetime import timedelta

from services.csc.consumers import centre_handlers
from services.csc.domain.course import of_a_centre
from services.csc.endpoints.access import Workplace, signed_in
from services.csc.endpoints.complaints import member_signed_in
from services.csc.endpoints.matters import matters_router, services_router
from services.csc.endpoints.operators import controls_router, operators_router, supervision_router
from services.csc.endpoints.package import papers_router, submission_router
from services.csc.endpoints.queue import queue_router, status_router, visits_router
from services.csc.endpoints.results import results_router
from services.csc.endpoints.short_form import short_form_router
from services.csc.endpoints.supplements import supplements_router
from services.csc.models import MESSAGING, CentreTable
from services.csc.service.certification import Certification
from services.csc.service.complaints import CentreHouse
from services.csc.service.context import CHANNELS, Context
from services.csc.service.enquiries import Enquiries
from services.csc.service.incoming import IncomingMessages
from services.csc.service.information import Information
from services.csc.service.matters import Matters
from services.csc.service.operators import Operators, load_centres, load_operators
from services.csc.service.papers import Papers
from services.csc.service.receipts import Receipts
from services.csc.service.results import Results
from services.csc.service.submission import Submission
from services.csc.service.supplements import Supplements
from services.csc.service.visits import Visits
from services.csc.service.watch import Watch
from services.csc.settings import Settings
from shared.db.content import ContentStore
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
from shared.regulations.calendar import calendars_of
from shared.regulations.days_off import load_days_off
from shared.regulations.issuers import load_issuers
from shared.regulations.loader import Regulations
from shared.regulations.model import Regulation
from shared.web.access import one_of
from shared.web.samples import samples_router
from shared.web.wait import Changes

_UNFINISHED_FOR = timedelta(days=1)
"""So long, in real time, is an upload kept that came to no end."""


def compose(settings: Settings, stand: StandSettings, clock: Clock, regulations: Regulations) -> Hosted:
    """The centre from its settings; nothing is opened before its platform is. Raises ``ValueError`` if its files do not
    hold together."""
    files = stand.data_dir / "csc"
    centres = load_centres(settings.centres_file)
    operators = Operators(load_operators(settings.operators_file, centres), centres, settings)
    context = Context(
        settings=settings,
        regulations=regulations,
        clock=clock,
        changes=Changes(),
        centres=centres,
        calendars=calendars_of(stand),
        issuers=load_issuers(stand.organisations_file),
        days_off=load_days_off(stand.holidays_file),
        scans=ContentStore(files / "scans"),
        printed={language: ContentStore(files / "printables", f".{language}.pdf") for language in ("kk", "ru")},
    )
    enquiries = Enquiries(context)
    matters, results, information = Matters(context), Results(context), Information(context)
    house = CentreHouse(context, operators)
    complaints = ComplaintDesk(house, regulations, context.calendars)
    electronic = ElectronicComplaints(house, regulations)
    visits, certification = Visits(context), Certification(context, operators)
    submission = Submission(context, certification)
    watch = Watch(context, enquiries, results, visits)
    access = [signed_in(operators)]

    def takes(regulation: Regulation, channel: str) -> bool:
        return channel in CHANNELS and of_a_centre(regulation.channel(channel))

    async def opened(platform: Platform) -> None:
        context.open(platform)
        complaints.open(platform)
        electronic.open(platform.directory)
        await operators.open(platform)

    async def tidy() -> None:
        await operators.forget_ended()
        await asyncio.to_thread(context.scans.forget_unfinished, clock.machine_now() - _UNFINISHED_FOR)

    async def emptied(_platform: Platform) -> None:
        for store in (context.scans, *context.printed.values()):
            await asyncio.to_thread(store.clear)

    return Hosted(
        system=System.CSC,
        summary="ХҚКО АЖ / ИС ЦОН: an operator applies for a visitor, and hands the result out.",
        metadata=CentreTable.metadata,
        tables=MESSAGING,
        handlers=centre_handlers(IncomingMessages(context, enquiries), enquiries, electronic),
        routers=[
            operators_router(operators),
            services_router(matters),
            samples_router(regulations, context.zone, takes, "csc"),
            matters_router(matters, enquiries, access),
            papers_router(Papers(context), access, one_of(OtherSystems(System.PROVIDER)), settings.attachment_limit),
            submission_router(certification, submission, Receipts(context, operators), matters, access),
            short_form_router(submission, results, matters, access),
            results_router(results, matters, access),
            supplements_router(Supplements(context, certification), matters, access, settings.attachment_limit),
            queue_router(visits, one_of(OtherSystems(System.PORTAL), Workplace(operators))),
            visits_router(visits, access),
            status_router(information),
            supervision_router(information, access),
            complaints_router(complaints, member_signed_in(house, operators)),
        ],
        stand_routers=[controls_router(operators, watch)],
        opened=opened,
        reset=emptied,
        watch=tidied(clock, tidy, watch.turn),
        watch_every_s=settings.watch_s,
        changes=context.changes,
    )
