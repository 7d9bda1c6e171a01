"""HTTP/1.1 on one connection, bounded: uvicorn's protocol knows no end of a header, and no time in which a call ends.

What is bounded, and with which answer, stands in ``docs/limits.md``. An answer is a problem document, as everywhere.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from fastapi import Request
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from shared.kit.errors import StandError, Unavailable
from shared.web.limits import (
    HEAD_BYTES,
    HEADER_FIELDS,
    TARGET_BYTES,
    HeadersTooLarge,
    HttpLimits,
    Malformed,
    TargetTooLong,
    TooSlow,
)
from shared.web.problems import stand_problem

_DRAINED = 32 << 20
"""So much is read that nobody wants any more: a client that still sends finds its answer only if what it has sent was
read (RFC 9112 §9.6)."""
_LINGER_S = 2.0
_FRAMED = 8


class BoundedProtocol(HttpToolsProtocol):
    """One connection. A call is in its head, then in its body, and then only answered; each has its own clock."""

    def __init__(self, limits: HttpLimits, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._limits = limits
        self._in_head = False
        self._in_body = False
        self._head_octets = 0
        self._body_octets = 0
        self._framing = 0
        self._drained = 0
        self._turned_away = False
        self._lingering = False
        self._fault: StandError | None = None
        self._due = _Timer(self.loop)
        self._unread = _Timer(self.loop)

    # What the transport calls

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A connection; one too many is told so when it asks, far too many are cut."""
        super().connection_made(transport)
        self._turned_away = len(self.connections) > self._limits.connections
        if len(self.connections) > 2 * self._limits.connections:
            transport.abort()
            return
        self.timeout_keep_alive_task = self.loop.call_later(self._limits.idle_s, self.timeout_keep_alive_handler)

    def connection_lost(self, exc: Exception | None) -> None:
        """The end: nothing of ours is left on the loop's clock."""
        super().connection_lost(exc)
        self._unset_keepalive_if_required()
        self._due.stop()
        self._unread.stop()

    def data_received(self, data: bytes) -> None:
        """Octets of a call. One whose header fields have no end is answered as soon as they pass the bound."""
        if self.transport.is_closing() or self._is_drained(data):
            return
        if self._turned_away:
            self._end(Unavailable("too many connections"))
            return
        if self._in_body:
            self._framing += len(data)
        else:
            self._head_octets += len(data)
            if not self._due.runs:
                self._due.start(self._limits.head_s, self._head_is_due)
        super().data_received(data)
        # Trailer fields and extensions of chunks have no end either.
        beyond = self._framing if self._in_body else self._head_octets
        if beyond > HEAD_BYTES and not self._lingering:
            self._end(HeadersTooLarge(f"at most {HEAD_BYTES} octets", limit=HEAD_BYTES))

    def pause_writing(self) -> None:
        """The other side does not read: it has so long to begin again."""
        super().pause_writing()
        self._must_be_read()

    def resume_writing(self) -> None:
        """It reads again."""
        super().resume_writing()
        self._unread.stop()
        if self._lingering or self.transport.is_closing():
            self._must_be_read()

    def timeout_keep_alive_handler(self) -> None:
        """Nothing more was asked."""
        super().timeout_keep_alive_handler()
        self._must_be_read()

    # What the parser calls

    def on_message_begin(self) -> None:
        """A call begins."""
        super().on_message_begin()
        self._in_head = True

    def on_url(self, url: bytes) -> None:
        """A part of the target."""
        super().on_url(url)
        if len(self.url) > TARGET_BYTES:
            self._refuse(TargetTooLong(f"a path with its query has at most {TARGET_BYTES} octets", limit=TARGET_BYTES))

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header field."""
        super().on_header(name, value)
        if len(self.headers) > HEADER_FIELDS:
            self._refuse(HeadersTooLarge(f"at most {HEADER_FIELDS} fields", limit=HEADER_FIELDS))

    def on_headers_complete(self) -> None:
        """The call is handed to the application; its body may still come."""
        if sum(len(name) + len(value) for name, value in self.headers) > HEAD_BYTES:
            self._refuse(HeadersTooLarge(f"at most {HEAD_BYTES} octets", limit=HEAD_BYTES))
        super().on_headers_complete()
        self._in_head, self._in_body = False, True
        self._head_octets = self._body_octets = self._framing = self._drained = 0
        self._due.start(self._limits.body_s, self._body_is_due)

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        super().on_body(body)
        self._body_octets += len(body)
        # A chunk of one octet is five of framing: that much is honest.
        self._framing = max(0, self._framing - _FRAMED * len(body))
        if self.cycle.response_complete:
            self._drained += len(body)
            if self._drained > _DRAINED:
                self.transport.close()

    def on_message_complete(self) -> None:
        """All of it is here."""
        super().on_message_complete()
        self._in_body = False
        self._due.stop()
        if self.cycle.response_complete and self.timeout_keep_alive_task is None:
            # It was answered before it was here; what came since has stopped the clock of the idle connection.
            self.timeout_keep_alive_task = self.loop.call_later(self._limits.idle_s, self.timeout_keep_alive_handler)

    def on_response_complete(self) -> None:
        """It is answered."""
        super().on_response_complete()
        if self.transport.is_closing():
            self._must_be_read()

    def send_400_response(self, msg: str) -> None:
        """The parser gave up, or was told to by one of ours."""
        self._end(self._fault or Malformed(msg))

    # Time

    def _head_is_due(self) -> None:
        if self._is_answering() or self.flow.read_paused:  # it waits for us, or we do not read
            self._due.start(self._limits.head_s, self._head_is_due)
        elif self._in_head:
            self._end(TooSlow(f"the header fields come within {self._limits.head_s:g} s"))
        else:
            self.transport.close()
            self._must_be_read()

    def _body_is_due(self) -> None:
        if self.cycle.response_complete:
            self.transport.close()
        elif self.flow.read_paused or self._body_octets >= self._limits.body_octets:
            self._body_octets = 0
            self._due.start(self._limits.body_s, self._body_is_due)
        else:
            least = f"{self._limits.body_octets} octets in {self._limits.body_s:g} s"
            self._end(TooSlow(f"a body comes with at least {least}"))

    def _must_be_read(self) -> None:
        if not self._unread.runs:
            self._unread.start(self._limits.answer_s, self.transport.abort)

    # Ends

    def _refuse(self, fault: StandError) -> None:
        """Stop the parser: whatever is raised within it ends in ``send_400_response``."""
        self._fault = fault
        raise fault

    def _end(self, fault: StandError) -> None:
        """Answer with ``fault``, where an answer can still begin, and close."""
        # An error in what follows a call that is still being answered has no place to be told.
        if not self._is_answering() or (self._in_body and not self.cycle.response_started and not self.pipeline):
            self.transport.write(self._problem(fault))
        self._close()

    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _problem(self, fault: StandError) -> bytes:
        target = getattr(self, "url", b"").partition(b"?")[0][:200].decode("latin-1")
        scope = {"type": "http", "path": target, "headers": self.headers or [], "app": self.config.app}
        answer = stand_problem(Request(scope), fault)
        fields = [*self.server_state.default_headers, *answer.raw_headers, (b"connection", b"close")]
        lines = b"".join(b"%b: %b\r\n" % field for field in fields)
        return STATUS_LINE[answer.status_code] + lines + b"\r\n" + bytes(answer.body)

    def _is_drained(self, data: bytes) -> bool:
        """Whether the last word is said, so that ``data`` is of no interest."""
        if self._lingering:
            self._drained += len(data)
            if self._drained > _DRAINED:
                self.transport.abort()
        return self._lingering

    def _close(self) -> None:
        """The last word is said; what still comes is read for a moment."""
        if self._is_answering():
            # Whoever reads the body, or waits, learns that nobody is there any more.
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self._lingering, self._drained = True, 0
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._due.start(_LINGER_S, self.transport.close)
        self._must_be_read()


class _Timer:
    """Something that happens after a while, unless it is stopped or started anew."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._handle: asyncio.TimerHandle | None = None

    @property
    def runs(self) -> bool:
        return self._handle is not None

    def start(self, seconds: float, then: Callable[[], None]) -> None:
        self.stop()
        self._handle = self._loop.call_later(seconds, then)

    def stop(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
