"""How often a sign-in may fail: counted so that nobody can lock out somebody else.

Whoever shows the token of a device from which the subject has signed in before has a count of their own. Everybody else
is counted by subject and address together, by subject alone and by address alone: a stranger who guesses locks
themselves out soon, strangers at many addresses lock out strangers, and the known device gets in all the same.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from shared.crypto.known_devices import KnownDevices
from shared.db.states import StateKey, StateKind
from shared.kit.errors import TooManyAttempts
from shared.kit.ids import sha256_hex
from shared.kit.lockout import Attempts, Lockout
from shared.kit.settings import SignInSettings
from shared.messaging.platform import Platform
from shared.messaging.work import Work

_KEY = b"known devices"


@dataclass(frozen=True)
class Origin:
    """Where a call comes from: the address (``shared/web/origin.py``), and the token of the device, if one is shown."""

    address: str
    device: str | None = None


@dataclass(frozen=True)
class Count:
    """One count a failure goes into. ``own``: a success takes it back."""

    name: str
    rule: Lockout
    own: bool


class Tally:
    """The counts of one sign-in."""

    def __init__(self, kind: StateKind[Attempts], counts: Sequence[Count], platform: Platform, detail: str) -> None:
        self._kind = kind
        self._counts = counts
        self._platform = platform
        self._detail = detail

    @property
    def loads(self) -> list[StateKey]:
        """What a unit of work loads for ``check``, ``failed`` and ``passed``."""
        return [(self._kind, count.name) for count in self._counts]

    async def check_now(self) -> None:
        """Before anything is worked out. Raises ``TooManyAttempts``."""
        async with self._platform.database.session() as session:
            known = await self._kind.load(session, [count.name for count in self._counts])
        self._check(known.get)

    def check(self, work: Work) -> None:
        """Again within the unit of work: of many guesses at once no more than the allowed number may be answered.
        Raises ``TooManyAttempts``."""
        self._check(lambda name: work.get(self._kind, name))

    def failed(self, work: Work) -> None:
        """Count one more failure."""
        for count in self._counts:
            attempts = work.get(self._kind, count.name) or Attempts(count.name)
            work.put(self._kind, attempts.failed(self._platform.clock.elapsed_s, count.rule))

    def passed(self, work: Work) -> None:
        """Forget the failures that were the caller's own. What was counted of all who try this subject, or of all at
        this address, stays: a guesser who also has an account would wipe it out."""
        for count in self._counts:
            attempts = work.get(self._kind, count.name)
            if count.own and attempts is not None and attempts.failures:
                work.put(self._kind, Attempts(count.name))

    def _check(self, known: Callable[[str], Attempts | None]) -> None:
        elapsed_s = self._platform.clock.elapsed_s
        found = [(known(count.name), count.rule) for count in self._counts]
        seconds = max(attempts.locked_for(elapsed_s, rule) if attempts else 0.0 for attempts, rule in found)
        if seconds > 0:
            raise TooManyAttempts(self._detail, retry_after=math.ceil(seconds))


class SignIns:
    """The rules of one system, and the devices it knows."""

    def __init__(self, kind: StateKind[Attempts], settings: SignInSettings, detail: str) -> None:
        """``kind``: where the counts are kept; ``detail``: what who is locked out is told."""
        self._kind = kind
        self._detail = detail
        self._lifetime = timedelta(days=settings.device_days)
        window = timedelta(minutes=settings.lockout_minutes)
        self._pair = Lockout(settings.lockout_failures, window)
        self._subject = replace(self._pair, failures=settings.lockout_subject_failures)
        self._address = replace(self._pair, failures=settings.lockout_address_failures)

    def tally(self, platform: Platform, origin: Origin, subject: str, credential: str | None) -> Tally:
        """The counts of a sign-in as ``subject``; ``credential``: what is kept of the password, ``None`` for nobody."""
        known = _devices(platform).name(origin.device, subject, credential, platform.clock.elapsed_s)
        if known is not None:
            counts = [Count(f"device:{sha256_hex(known.encode())}:{subject}", self._pair, own=True)]
        else:
            counts = [
                Count(f"at:{origin.address}:{subject}", self._pair, own=True),
                Count(f"of:{subject}", self._subject, own=False),
                Count(f"by:{origin.address}", self._address, own=False),
            ]
        return Tally(self._kind, counts, platform, self._detail)

    def device_token(self, platform: Platform, origin: Origin, subject: str, credential: str) -> str:
        """For the device from which ``subject`` has just signed in; a known one is known for longer."""
        devices, elapsed_s = _devices(platform), platform.clock.elapsed_s
        known = devices.name(origin.device, subject, credential, elapsed_s)
        return devices.token(subject, credential, elapsed_s + self._lifetime.total_seconds(), name=known)


def _devices(platform: Platform) -> KnownDevices:
    return KnownDevices(platform.identity.derived_key(_KEY))
