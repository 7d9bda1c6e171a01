"""What every use case of the centre stands on."""

import re
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import tzinfo
from functools import cached_property
from typing import Any

from services.csc.domain.course import of_a_centre
from services.csc.domain.hours import opening_calendar, working_calendar
from services.csc.domain.matter import Matter
from services.csc.domain.papers import files_of
from services.csc.domain.people import AccessEntry, Centre, CentreKind, Look, Operator
from services.csc.repository import ACCESS, FILE_USES, MATTERS, queries
from services.csc.settings import Settings
from shared.db.content import ContentStore
from shared.db.kept_files import KeptFiles, Replacement
from shared.db.session import DatabaseSession
from shared.kit.clock import Clock
from shared.kit.errors import NotFound
from shared.messaging.platform import Platform
from shared.messaging.work import Work
from shared.regulations.calendar import Calendars, WorkCalendar
from shared.regulations.days_off import DaysOff
from shared.regulations.errors import ChannelNotOffered
from shared.regulations.issuers import Issuers
from shared.regulations.loader import Regulations
from shared.regulations.model import Channel, Regulation
from shared.web.wait import Changes

CHANNELS = tuple(dict.fromkeys(kind.channel for kind in CentreKind))
"""The channels of regulations that this system may render; which one a centre does is a matter of its kind."""
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass
class Context:
    """Settings, law, time, centres, files; and the platform once it is open."""

    settings: Settings
    regulations: Regulations
    clock: Clock
    changes: Changes
    centres: Mapping[str, Centre]
    calendars: Calendars
    issuers: Issuers
    """Who may sign acts on what."""
    """Working time of the offices: the procedure of the provider runs on it."""
    days_off: DaysOff
    scans: ContentStore
    printed: dict[str, ContentStore]
    """Printed results by language."""
    _platform: Platform | None = field(default=None, repr=False)

    def open(self, platform: Platform) -> None:
        """Work with ``platform`` from now on."""
        self._platform = platform

    @property
    def platform(self) -> Platform:
        """The open platform. Raises ``RuntimeError`` before ``open``."""
        if self._platform is None:
            raise RuntimeError("the centre is not open")
        return self._platform

    @property
    def zone(self) -> tzinfo:
        """The zone of the centres."""
        return self.calendars.zone

    def services(self, channel: str) -> list[Regulation]:
        """What can be applied for at centres that render ``channel``."""
        return [found for found in self.regulations.offered(channel) if of_a_centre(found.channel(channel))]

    def offered(self, service: str, channel: str) -> tuple[Regulation, Channel]:
        """The regulation of a service and its channel. Raises ``NotFound``; ``ChannelNotOffered`` with the clause, also
        if people of the provider take the documents there."""
        regulation, found = self.regulations.find(service, channel)
        if not of_a_centre(found):
            raise ChannelNotOffered(
                f"in the channel {channel!r} the provider takes the documents of {service}",
                channels=[{"channel": channel, "clause": found.clause}],
                clause=found.clause,
            )
        return regulation, found

    def centre_of(self, matter: Matter) -> Centre:
        """The centre a matter is at."""
        return self.centres[matter.centre]

    def opening(self, centre: Centre, regulation: Regulation | None = None) -> WorkCalendar:
        """When the centre takes visitors, for ``regulation`` if one is named."""
        return opening_calendar(centre, regulation, self.zone, self.days_off)

    def working(self, centre: Centre, regulation: Regulation) -> WorkCalendar:
        """When people of the centre work for ``regulation``: its terms run then."""
        return working_calendar(centre, regulation, self.zone, self.days_off)

    def facts(self, matter: Matter) -> dict[str, Any]:
        """What the case of a regulation is chosen by: the form, and the centre under a key of its own."""
        return {**(matter.form or {}), "centre": self.centre_of(matter).facts()}

    def law_of(self, matter: Matter) -> tuple[Regulation, Channel]:
        """The regulation and the channel a matter runs by."""
        return self.regulations.find(matter.service, matter.channel)

    def owned(self, matter: Matter | None, operator: Operator) -> Matter:
        """``matter`` if it is of the operator's centre. Raises ``NotFound``: others may not learn that it exists."""
        if matter is None or matter.centre != operator.centre:
            raise NotFound("there is no such matter")
        return matter

    @cached_property
    def files(self) -> KeptFiles:
        """What matters use of ``scans``."""
        return KeptFiles(self.scans, FILE_USES, lambda: self.platform.database)

    def replacing_files(self, matter_id: str) -> AbstractAsyncContextManager[Replacement]:
        """A block in which a matter may get other scans: see ``KeptFiles.replacing``."""

        async def in_use(session: DatabaseSession) -> set[str]:
            return files_of((await MATTERS.load(session, [matter_id])).get(matter_id))

        return self.files.replacing(matter_id, in_use)

    async def own(self, operator: Operator, matter_id: str) -> Matter:
        """A matter of the operator's centre. Raises ``NotFound``, also for another centre's."""
        async with self.platform.database.session() as session:
            return self.owned(await queries.find_matter(session, checked_id(matter_id)), operator)


def checked_id(matter_id: str) -> str:
    """``matter_id`` if it is one; anything else names nothing (``NotFound``) and never reaches the database."""
    if not _UUID.fullmatch(matter_id):
        raise NotFound("there is no such matter")
    return matter_id


def log_look(work: Work, operator: Operator, matter: Matter, look: Look) -> None:
    """Note that the operator looked at the data of everybody the matter names."""
    key = work.new_id()
    for role in ("applicant", "representative", "child"):
        person = (matter.form or {}).get(role)
        iin = person.get("iin") if isinstance(person, Mapping) else None
        if isinstance(iin, str):
            entry = AccessEntry(
                key=f"{key}:{role}",
                at=work.now,
                operator=operator.login,
                centre=operator.centre,
                matter=matter.id,
                look=look,
                iin=iin,
                role=role,
            )
            work.put(ACCESS, entry)
