"""A body that was read on the way, for whoever reads it next."""

from collections.abc import Iterable

from starlette.types import Message, Receive


def replayed(taken: Iterable[Message], receive: Receive) -> Receive:
    """``receive`` from the beginning: what was ``taken`` from it first, then what comes."""
    waiting = iter(taken)

    async def again() -> Message:
        return next(waiting, None) or await receive()

    return again


def body_message(body: bytes) -> Message:
    """A whole body as ASGI tells of it."""
    return {"type": "http.request", "body": body, "more_body": False}
