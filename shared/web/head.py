"""HEAD wherever there is GET: the same status and headers, without the content (RFC 9110 §9.3.2)."""

import asyncio
import contextlib

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class HeadAsGet:
    """A layer that has HEAD answered by what answers GET. FastAPI's routes know HEAD only where it is spelt out."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on everything but HEAD."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return
        enough = False

        async def send_head(message: Message) -> None:
            nonlocal enough
            if message["type"] == "http.response.start":
                await send(message)
                await send({"type": "http.response.body", "body": b""})
            elif message.get("more_body"):
                # A stream of events would never come to its end.
                enough = True
                answering.cancel()
                await asyncio.sleep(0)

        answering = asyncio.ensure_future(self._app({**scope, "method": "GET"}, receive, send_head))
        try:
            with contextlib.suppress(asyncio.CancelledError):
                await answering
        finally:
            answering.cancel()
        if answering.cancelled() and not enough:
            raise asyncio.CancelledError
