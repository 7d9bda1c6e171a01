"""What every use case of the centre stands on."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from services.csc.domain.hours import OpeningHours
from services.csc.domain.matter import Matter
from services.csc.domain.people import AccessEntry, Centre, Look, Operator
from services.csc.errors import ChannelNotOffered
from services.csc.repository import ACCESS, queries
from services.csc.settings import Settings
from shared.db.content import ContentStore
from shared.kit.clock import Clock
from shared.kit.errors import NotFound
from shared.messaging.platform import Platform
from shared.messaging.work import Work
from shared.regulations.loader import Regulations
from shared.regulations.model import Channel, Regulation
from shared.web.wait import Changes

CHANNEL = "csc"
"""The channel of a regulation that this system renders."""
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass
class Context:
    """Settings, law, time, centres, files; and the platform once it is open."""

    settings: Settings
    regulations: Regulations
    clock: Clock
    changes: Changes
    centres: Mapping[str, Centre]
    opening: OpeningHours
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
    def zone(self) -> ZoneInfo:
        """The zone of the centres."""
        return ZoneInfo(self.settings.timezone)

    def offered(self, service: str) -> tuple[Regulation, Channel]:
        """The regulation of a service and its channel. Raises ``NotFound``, ``ChannelNotOffered``."""
        regulation = self.regulations.get(service)
        if regulation is None:
            raise NotFound("there is no such service")
        if not any(name == CHANNEL and channel.steps for name, channel in regulation.channels.items()):
            listed = sorted(regulation.channels)
            raise ChannelNotOffered(f"{service} is rendered through {', '.join(listed)}", channels=listed)
        return regulation, regulation.channel(CHANNEL)

    def law_of(self, matter: Matter) -> tuple[Regulation, Channel]:
        """The regulation and the channel a matter runs by."""
        return self.regulations.find(matter.service, matter.channel)

    def owned(self, matter: Matter | None, operator: Operator) -> Matter:
        """``matter`` if it is of the operator's centre. Raises ``NotFound``: others may not learn that it exists."""
        if matter is None or matter.centre != operator.centre:
            raise NotFound("there is no such matter")
        return matter

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
