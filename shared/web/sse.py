"""Server-sent events (WHATWG HTML §9.2): ordered events with ids, resumable by ``Last-Event-ID``, kept alive."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import Header
from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event

from shared.web.wait import Changes, again

T = TypeVar("T")

KEEP_ALIVE_S = 15.0
_RECONNECT_MS = 1000
_KEEP_ALIVE = format_sse_event(comment="keep-alive")

LastEventId = Annotated[str | None, Header(alias="Last-Event-ID", max_length=200)]
"""The header with which a client resumes after the last event it has seen; give it the default ``None``."""


class EventStream(StreamingResponse):
    """A response of server-sent events; name it as ``response_class`` so that OpenAPI shows the media type.

    Not FastAPI's class of that kind: with it an operation must itself be the generator, and can then no longer
    answer 403 or 404.
    """

    media_type = "text/event-stream"


@dataclass(frozen=True)
class StreamEvent:
    """One event: ``id`` is what a client sends back to resume, ``data`` anything JSON can hold."""

    id: str
    name: str
    data: Any

    def encode(self) -> bytes:
        """The event on the wire."""
        if any(mark in self.id + self.name for mark in "\r\n\0"):
            raise ValueError("an event's id and name are single lines")
        return format_sse_event(id=self.id, event=self.name, data_str=json.dumps(self.data, ensure_ascii=False))


async def follow(
    read: Callable[[], Awaitable[T]],
    after: Callable[[T, str | None], Sequence[StreamEvent]],
    finished: Callable[[StreamEvent], bool],
    changes: Changes,
    key: str,
    last_event_id: str | None = None,
    share: Hashable = None,
) -> AsyncIterator[StreamEvent]:
    """Every event after ``last_event_id`` and each new one, until one that ``finished`` accepts.

    ``after(value, id)`` gives the events after that id, in order, in what was read; ``read`` is asked again on
    ``changes.notify(key)`` and every now and then, and shared as in ``wait_until``. The order must be stable: an event
    that appears before ``id`` later would never be seen.
    """
    loop = asyncio.get_running_loop()
    with changes.watch(key) as event, changes.readings(key, share) as readings:
        fresh = quiet_since = loop.time()
        while True:
            event.clear()
            reading = await readings.since(fresh, read)
            for item in after(reading.value, last_event_id):
                yield item
                last_event_id = item.id
                quiet_since = loop.time()
                if finished(item):
                    return
            fresh = await again(event, reading, changes.pause_s(loop.time() - quiet_since))


def event_stream(events: AsyncIterator[StreamEvent], keep_alive: float = KEEP_ALIVE_S) -> EventStream:
    """The response that streams ``events``, with a comment after every ``keep_alive`` silent seconds.

    Check access, existence and room (``Changes.require_room``) before calling it: once the stream has begun there is no
    way to answer 403, 404 or 503.
    """
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return EventStream(_encoded(events, keep_alive), headers=headers)


async def _encoded(events: AsyncIterator[StreamEvent], keep_alive: float) -> AsyncIterator[bytes]:
    yield format_sse_event(retry=_RECONNECT_MS)
    upcoming: asyncio.Future[StreamEvent] | None = None
    try:
        while True:
            upcoming = upcoming or asyncio.ensure_future(anext(events))
            # Not wait_for: it would cancel the source, which must survive a keep-alive.
            await asyncio.wait([upcoming], timeout=keep_alive)
            if not upcoming.done():
                yield _KEEP_ALIVE
                continue
            try:
                item = upcoming.result()
            except StopAsyncIteration:
                return
            upcoming = None
            yield item.encode()
    finally:
        if upcoming is not None and not upcoming.done():
            upcoming.cancel()
            with suppress(asyncio.CancelledError, StopAsyncIteration):
                await upcoming
        close = getattr(events, "aclose", None)
        if close is not None:
            await close()
