"""A request whose command missed a state (see ``shared.db.missed``) is handled again from its beginning."""

import logging

from fastapi import Request, Response
from starlette.types import Receive, Scope, Send

from shared.db.missed import NotLoaded, exhausted, loading
from shared.kit.errors import Conflict, StandError
from shared.web.problems import stand_problem
from shared.web.replay import body_message, replayed

_LOG = logging.getLogger(__name__)


class Again(Response):
    """An answer that comes of handling the request anew, by the same route and with the same body."""

    def __init__(self, body: bytes, missed: NotLoaded) -> None:
        super().__init__()
        self._request_body = body
        self._missed = missed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle the request; another state that is missed leads here again."""
        with loading(self._missed):
            await scope["route"].app(scope, replayed([body_message(self._request_body)], receive), send)


async def handle_again(request: Request, error: Exception) -> Response:
    """The answer to a request whose command missed a state."""
    assert isinstance(error, NotLoaded)
    if exhausted(error):
        _LOG.error("defect in %s %s", request.method, request.url.path, exc_info=error)
        return stand_problem(request, StandError())
    _LOG.info("%s %s once more: %s", request.method, request.url.path, error)
    try:
        return Again(await request.body(), error)
    except RuntimeError:
        # The body was a stream, and it is read: only its sender has it.
        return stand_problem(request, Conflict("this changed while the request came in; send it again"))
