"""The stand's only source of time.

Certificates, tokens, terms and back-off all ask a ``Clock``; a convention test forbids the
wall clock elsewhere. The clock can be set, advanced and resumed, so a test may live through a
month in a second (design: "Time").
"""

from datetime import UTC, datetime, timedelta


def _wall() -> datetime:
    return datetime.now(UTC)


class Clock:
    """Stand time: real time plus an offset, or a frozen instant.

    All instants are aware and in UTC. One object serves every service of a process.
    """

    def __init__(self) -> None:
        self._offset = timedelta()
        self._frozen_at: datetime | None = None

    def now(self) -> datetime:
        """The current stand time as an aware UTC datetime."""
        if self._frozen_at is not None:
            return self._frozen_at
        return _wall() + self._offset

    def timestamp(self) -> float:
        """The current stand time as seconds since the Unix epoch."""
        return self.now().timestamp()

    @property
    def frozen(self) -> bool:
        """Whether time stands still until ``resume``."""
        return self._frozen_at is not None

    def advance(self, by: timedelta) -> datetime:
        """Move stand time by ``by`` (which may be negative) and return the new time."""
        if self._frozen_at is not None:
            self._frozen_at += by
        else:
            self._offset += by
        return self.now()

    def set(self, instant: datetime, *, freeze: bool = False) -> datetime:
        """Jump to ``instant`` (aware); with ``freeze`` time stands still there.

        Raises ``ValueError`` for a naive datetime.
        """
        if instant.tzinfo is None:
            raise ValueError("the stand's clock takes aware datetimes only")
        instant = instant.astimezone(UTC)
        self._offset = instant - _wall()
        self._frozen_at = instant if freeze else None
        return self.now()

    def resume(self) -> datetime:
        """Return to real time and return it."""
        self._offset = timedelta()
        self._frozen_at = None
        return self.now()


def rfc3339(instant: datetime) -> str:
    """``instant`` as RFC 3339 text in UTC with milliseconds and ``Z``, the form used on the wire."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
