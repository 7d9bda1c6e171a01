"""The autopilot: whether matters are decided at once by rule. One switch for all replicas."""

from services.provider.repository import SWITCHES
from shared.db.states import StateKey
from shared.db.switches import Switch
from shared.messaging.platform import Platform
from shared.messaging.work import Work

_NAME = "autopilot"


class Autopilot:
    """The switch. It counts for what comes from now on; matters under review stay with their officer."""

    def __init__(self, on: bool) -> None:
        """``on``: how it stands until somebody switches it."""
        self._at_first = on
        self._platform: Platform | None = None

    def open(self, platform: Platform) -> None:
        """Work with ``platform`` from now on."""
        self._platform = platform

    @property
    def loads(self) -> list[StateKey]:
        """What ``drives`` needs loaded."""
        return [(SWITCHES, _NAME)]

    def drives(self, work: Work) -> bool:
        """Whether what is begun in ``work`` goes on by itself."""
        return self._stands(work.get(SWITCHES, _NAME))

    async def is_on(self) -> bool:
        """How it stands."""
        async with self._opened().database.session() as session:
            return self._stands((await SWITCHES.load(session, [_NAME])).get(_NAME))

    async def switch(self, *, on: bool) -> None:
        """From the return on it stands so in every replica."""
        async with self._opened().database.transaction() as session:
            await SWITCHES.save(session, [Switch(_NAME, int(on))])

    def _stands(self, switch: Switch | None) -> bool:
        return self._at_first if switch is None else bool(switch.value)

    def _opened(self) -> Platform:
        assert self._platform is not None, "the autopilot is opened with the platform"
        return self._platform
