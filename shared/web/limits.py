"""The bounds of one HTTP call, and what is answered to who passes them.

Those of ``HttpLimits`` are an operator's to change (``EGOV_HTTP_…``); the others are what the stand's own operations
need, with room to spare. All of them stand in ``docs/limits.md``.
"""

from dataclasses import dataclass

from shared.kit.errors import StandError
from shared.kit.text import Text

TARGET_BYTES = 8 * 1024
"""Path and query together (RFC 9110 §4.1 asks for 8,000 octets at least)."""
HEAD_BYTES = 32 * 1024
"""Request line and header fields together."""
HEADER_FIELDS = 100


@dataclass(frozen=True)
class HttpLimits:
    """How long and how many. Seconds are real ones."""

    head_s: float = 10.0
    """From the first octet of a call (of a connection: from its beginning) to the end of its header fields."""
    body_s: float = 20.0
    """In each such span a body that is on its way brings ``body_octets``, or ends."""
    body_octets: int = 4096
    answer_s: float = 30.0
    """So long may a reader take nothing of an answer that waits for it."""
    idle_s: float = 75.0
    """Longer than any client keeps an idle connection, or a call may meet one that is just being closed."""
    connections: int = 2000
    """Open at the same time, per service; more are told 503."""
    trusted_proxies: tuple[str, ...] = ()
    """Whose word on the address of a caller is believed, by which failures are counted."""


class TargetTooLong(StandError):
    """Path and query are longer than anything the stand has."""

    code = "target-too-long"
    status_code = 414
    title = Text(kk="Мекенжай тым ұзын", ru="Слишком длинный адрес запроса", en="The target of the call is too long")


class HeadersTooLarge(StandError):
    """Too many header fields, or too many octets of them."""

    code = "headers-too-large"
    status_code = 431
    title = Text(kk="Тақырыптар тым үлкен", ru="Слишком большие заголовки", en="The header fields are too large")


class TooSlow(StandError):
    """The call did not come to its end in time; the same call may succeed over a better connection."""

    code = "too-slow"
    status_code = 408
    retryable = True
    title = Text(kk="Сұрау тым баяу келеді", ru="Запрос поступает слишком медленно", en="The call comes too slowly")


class Malformed(StandError):
    """What came is not HTTP."""

    code = "malformed"
    status_code = 400
    title = Text(kk="Сұрау бұзылған", ru="Запрос повреждён", en="The request cannot be read")
