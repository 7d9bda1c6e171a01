"""Whether the client of a call is still there: who has gone waits for nothing.

The border says whose call it is, and whatever waits for long says that it waits. So it makes no difference by which
method, parameter or spelling a call came to wait, and a call that does not wait pays nothing for it.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar

from starlette.types import Receive


class _Client:
    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.waiting = False
        self.abandoned: asyncio.Task[None] | None = None
        """The task that waited, if it was cancelled because the client had gone."""

    async def leaves(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass


_CLIENT: ContextVar[_Client | None] = ContextVar("client", default=None)


@contextmanager
def client_of(receive: Receive) -> Iterator[None]:
    """The call that is answered within the block comes from whoever ``receive`` hears. If he goes away while it waits,
    the block ends, quietly and wherever it was."""
    client = _Client(receive)
    token = _CLIENT.set(client)
    try:
        yield
    except asyncio.CancelledError:
        answering = asyncio.current_task()
        assert answering is not None
        if client.abandoned is None:
            raise
        if client.abandoned is answering:
            answering.uncancel()
        if answering.cancelling():  # the service ends as well
            raise
    finally:
        _CLIENT.reset(token)


@asynccontextmanager
async def while_there() -> AsyncIterator[None]:
    """The block waits for something on behalf of the client: it is cancelled when he goes away. The body of the call
    must have been read. Outside a call it is a block like any other."""
    client, waiting = _CLIENT.get(), asyncio.current_task()
    if client is None or waiting is None:
        yield
        return

    def gone(leaving: "asyncio.Task[None]") -> None:
        if client.waiting and not leaving.cancelled() and leaving.exception() is None:
            client.abandoned = waiting
            waiting.cancel()

    client.waiting = True
    leaving = asyncio.create_task(client.leaves())
    leaving.add_done_callback(gone)
    try:
        yield
    finally:
        client.waiting = False
        leaving.cancel()
