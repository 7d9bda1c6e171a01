"""Where a matter stands, for whoever has its number: what is told by telephone, without a word about whom."""

import re

from services.provider import repository
from services.provider.domain.matter import Matter
from services.provider.domain.register import register_key_of
from services.provider.service.context import Context
from services.provider.service.organisations import Organisation
from shared.kit.errors import Conflict, NotFound
from shared.messaging.platform import Platform
from shared.regulations.model import Regulation

_NUMBER = re.compile(r"(\d{4})-(\d{1,8})")


class Status:
    """Use cases of the contact centre."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._platform: Platform | None = None

    def open(self, platform: Platform) -> None:
        """Work with ``platform`` from now on."""
        self._platform = platform

    async def find(self, number: str, organisation: str | None) -> tuple[Matter, Regulation, Organisation]:
        """The matter with this number: of the application, or of the receipt, which is that of the register.

        Each organisation numbers its own register, so a number may be given by several: then ``Conflict`` with their
        codes, one of which is to be named as ``organisation``. Raises ``NotFound``.
        """
        assert self._platform is not None, "the status is opened with the platform"
        asked = [item for item in self._context.organisations if organisation in (None, item.code)]
        by_bin = {item.bin: item for item in asked}
        parts = _NUMBER.fullmatch(number)
        async with self._platform.database.session() as session:
            if parts is None:
                found = await repository.find_matter(session, number)
                matters = [found] if found is not None and found.provider_bin in by_bin else []
            else:
                keys = [register_key_of(provider_bin, int(parts[1]), int(parts[2])) for provider_bin in by_bin]
                matters = await repository.registered_as(session, keys)
        if not matters:
            raise NotFound("there is no application with this number")
        if len(matters) > 1:
            codes = sorted(by_bin[matter.provider_bin].code for matter in matters)
            raise Conflict("several organisations have given this number", organisations=codes)
        matter = matters[0]
        return matter, self._context.regulations[matter.regulation], by_bin[matter.provider_bin]
