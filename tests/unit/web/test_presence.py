"""Who has gone waits for nothing; who only works is left alone, and so is who comes to an end otherwise."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest
from starlette.types import Message

from shared.web.presence import client_of, while_there
from shared.web.wait import Changes, wait_until

Until = Callable[[Callable[[], bool]], Awaitable[None]]


class Client:
    """A client that says nothing more, until it leaves."""

    def __init__(self) -> None:
        self.left = asyncio.Event()
        self.heard = 0

    async def receive(self) -> Message:
        self.heard += 1
        await self.left.wait()
        return {"type": "http.disconnect"}


async def for_ever() -> str:
    await asyncio.Event().wait()
    return "never"


async def test_waiting_ends_and_its_place_is_free(until: Until) -> None:
    client, changes, reached = Client(), Changes(), []

    async def read() -> str:
        return "submitted"

    async def call() -> str:
        with client_of(client.receive):
            await wait_until(read, lambda _: False, 60, changes, "a")
            reached.append("answered")
        return "ended"

    answering = asyncio.create_task(call())
    await until(lambda: changes.readers == 1)
    client.left.set()
    async with asyncio.timeout(5):
        assert await answering == "ended"
    assert (changes.readers, reached, answering.cancelling()) == (0, [], 0)


async def test_a_call_within_a_call_ends_both(until: Until) -> None:
    """As HEAD is answered: by a task of its own."""
    client, ended = Client(), []

    async def inner() -> None:
        async with while_there():
            await for_ever()

    async def call() -> None:
        with client_of(client.receive):
            await asyncio.create_task(inner())
        ended.append(True)

    answering = asyncio.create_task(call())
    await until(lambda: client.heard == 1)
    client.left.set()
    async with asyncio.timeout(5):
        await answering
    assert ended == [True]


async def test_work_is_not_broken_off() -> None:
    client = Client()
    client.left.set()
    with client_of(client.receive):
        for _ in range(5):
            await asyncio.sleep(0)
        assert client.heard == 0
        async with while_there():
            pass
        for _ in range(5):
            await asyncio.sleep(0)


async def test_who_ends_the_service_ends_the_call(until: Until) -> None:
    client = Client()

    async def call() -> None:
        with client_of(client.receive):
            async with while_there():
                await for_ever()

    answering = asyncio.create_task(call())
    await until(lambda: client.heard == 1)
    answering.cancel()
    client.left.set()
    with pytest.raises(asyncio.CancelledError):
        await answering
    assert answering.cancelled()


async def test_a_connection_that_breaks_otherwise_is_none_that_left() -> None:
    async def broken() -> Message:
        raise OSError

    with client_of(broken):
        async with while_there():
            with suppress(TimeoutError):
                async with asyncio.timeout(0.02):
                    await for_ever()


async def test_without_a_client_it_is_a_block_like_any_other() -> None:
    async with while_there():
        pass
