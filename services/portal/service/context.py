"""What every use case of the portal stands on."""

import re
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from functools import cached_property

from services.portal.domain.application import Application, files_of
from services.portal.repository import APPLICATIONS, FILE_USES, queries
from services.portal.settings import Settings
from shared.crypto.trust import TrustAnchors
from shared.db.content import ContentStore
from shared.db.kept_files import KeptFiles, Replacement
from shared.db.session import DatabaseSession
from shared.kit.clock import Clock
from shared.kit.errors import NotFound, Unavailable
from shared.messaging.platform import Platform
from shared.regulations.calendar import Calendars
from shared.regulations.issuers import Issuers
from shared.regulations.loader import Regulations
from shared.regulations.model import Channel, Regulation
from shared.web.wait import Changes

CHANNEL = "portal"
"""The channel of a regulation that this system renders from the recipient's cabinet."""
MOBILE = "mobile"
"""From a registered telephone."""
PROACTIVE = "proactive"
"""Offered by the state; the recipient only answers."""
STARTED_HERE = frozenset({CHANNEL, MOBILE})
"""Channels in which a recipient begins on the portal."""
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass
class Context:
    """Settings, law, time, files; and the platform once it is open."""

    settings: Settings
    regulations: Regulations
    clock: Clock
    changes: Changes
    calendars: Calendars
    issuers: Issuers
    """Who may sign acts on what."""
    attachments: ContentStore
    printables: dict[str, ContentStore]
    """Signed PDF files by language."""
    _platform: Platform | None = field(default=None, repr=False)

    def open(self, platform: Platform) -> None:
        """Work with ``platform`` from now on."""
        self._platform = platform

    @property
    def platform(self) -> Platform:
        """The open platform. Raises ``RuntimeError`` before ``open``."""
        if self._platform is None:
            raise RuntimeError("the portal is not open")
        return self._platform

    def law_of(self, application: Application) -> tuple[Regulation, Channel]:
        """The regulation and the channel an application runs by."""
        return self.regulations.find(application.service, application.channel)

    async def ready_to_sign(self) -> TrustAnchors:
        """The authority's certificates, which go into every signature. Raises ``Unavailable``."""
        directory = self.platform.directory
        if directory.anchors is None:
            await directory.ensure(())
        if directory.anchors is None:
            raise Unavailable("the certificate authority does not answer")
        return directory.anchors

    @cached_property
    def files(self) -> KeptFiles:
        """What applications use of ``attachments``."""
        return KeptFiles(self.attachments, FILE_USES, lambda: self.platform.database)

    def replacing_files(self, application_id: str) -> AbstractAsyncContextManager[Replacement]:
        """A block in which an application may get other files: see ``KeptFiles.replacing``."""

        async def in_use(session: DatabaseSession) -> set[str]:
            return files_of((await APPLICATIONS.load(session, [application_id])).get(application_id))

        return self.files.replacing(application_id, in_use)

    async def own(self, iin: str, application_id: str) -> Application:
        """The recipient's application. Raises ``NotFound``, also for somebody else's."""
        async with self.platform.database.session() as session:
            found = await queries.find_application(session, checked_id(application_id))
        return owned(found, iin)


def checked_id(value: str, what: str = "application") -> str:
    """``value`` if it is an id; anything else names nothing (``NotFound``) and never reaches the database."""
    if not _UUID.fullmatch(value):
        raise NotFound(f"there is no such {what}")
    return value


def owned(application: Application | None, iin: str) -> Application:
    """``application`` if it is this recipient's. Raises ``NotFound``: others may not even learn that it exists."""
    if application is None or application.iin != iin:
        raise NotFound("there is no such application")
    return application
