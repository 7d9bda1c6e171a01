"""What an officer does about the registries: read the extracts that were obtained, and have silent ones asked again."""

from services.provider.domain.matter import Matter
from services.provider.repository import MATTERS
from services.provider.service.desk import Desk
from services.provider.service.enquiries import Enquiries, loads_for
from services.provider.service.officers import Officer
from shared.kit.errors import NotFound
from shared.messaging.platform import Platform
from shared.messaging.questions import extract_file


class Extracts:
    """Use cases around the answers of registries. A matter of another organisation does not exist (``NotFound``)."""

    def __init__(self, desk: Desk, enquiries: Enquiries) -> None:
        self._desk = desk
        self._enquiries = enquiries
        self._platform: Platform | None = None

    def open(self, platform: Platform) -> None:
        """Work with ``platform`` from now on."""
        self._platform = platform
        self._enquiries.open(platform.directory)

    async def extract(self, officer: Officer, application: str, about: str) -> bytes:
        """The extract about ``about`` with the registry's signature, as one JSON document. Raises ``NotFound`` where
        nothing was asked or nobody was found."""
        for enquiry in (await self._desk.view(officer, application)).enquiries:
            if enquiry.about == about and enquiry.content is not None and enquiry.signature is not None:
                return extract_file(enquiry.content, enquiry.signature)
        raise NotFound("there is no such extract")

    async def ask_again(self, officer: Officer, application: str) -> Matter:
        """Have every registry that has not answered asked at once. Raises ``NotFound``."""
        assert self._platform is not None, "extracts are opened with the platform"
        view = await self._desk.view(officer, application)
        async with self._platform.runtime.work([(MATTERS, application), *loads_for(application)]) as work:
            self._enquiries.ask_again(work, application, officer.login)
            return work.get(MATTERS, application) or view.matter
