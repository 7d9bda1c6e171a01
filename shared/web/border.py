"""The border of a service: what no operation takes is turned away before any of them sees it.

Every service has the same border, inside ``ServiceEdge`` and outside the framework. It reads a JSON body at most to the
limit of the service, looks at it as a whole and hands on the same bytes.
"""

from collections.abc import Mapping
from urllib.parse import unquote_to_bytes

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.kit import gate
from shared.kit.errors import InvalidInput, NotFound, StandError, UnsupportedMedia
from shared.web.json_body import NotJson, check_json
from shared.web.limits import TARGET_BYTES, TargetTooLong
from shared.web.presence import client_of
from shared.web.problems import stand_problem
from shared.web.replay import body_message, replayed


class Border:
    """ASGI layer that turns calls away: a target that is too long or holds a NUL, a coded body, unfit JSON."""

    def __init__(self, app: ASGIApp, max_body_size: int) -> None:
        self._app = app
        self._max_body_size = max_body_size

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection; other kinds than HTTP pass untouched."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        gate.begin()
        try:
            onward = await self._checked(scope, receive)
        except StandError as error:
            await stand_problem(Request(scope), error)(scope, receive, send)
            return
        with client_of(receive):
            await self._app(scope, onward, send)

    async def _checked(self, scope: Scope, receive: Receive) -> Receive:
        headers = {name: value.decode("latin-1") for name, value in reversed(scope["headers"])}
        _check_target(scope.get("raw_path") or scope["path"].encode(), scope["query_string"])
        coding = headers.get(b"content-encoding", "identity").strip().lower()
        if coding not in {"", "identity"}:
            raise UnsupportedMedia(f"a body is not taken in the coding {coding[:40]}", accepted=["identity"])
        if not is_json(headers.get(b"content-type", "")) or self._declares_too_much(headers):
            return receive
        return await self._json_checked(receive)

    def _declares_too_much(self, headers: Mapping[bytes, str]) -> bool:
        """Then the framework's limiter answers without reading any of it."""
        declared = headers.get(b"content-length", "")
        return declared.isdecimal() and (len(declared) > 18 or int(declared) > self._max_body_size)

    async def _json_checked(self, receive: Receive) -> Receive:
        taken: list[Message] = []
        size = 0
        while size <= self._max_body_size:
            message = await receive()
            taken.append(message)
            size += len(message.get("body", b""))
            if message["type"] != "http.request":
                return replayed(taken, receive)
            if not message.get("more_body", False):
                break
        else:
            return replayed(taken, receive)  # the framework's limiter counts for itself, and answers
        body = b"".join(message.get("body", b"") for message in taken)
        try:
            check_json(body)
        except NotJson:
            return replayed(taken, receive)  # the framework reads it too, and says where it breaks
        return replayed([body_message(body)], receive)


def is_json(content_type: str) -> bool:
    """Whether the framework reads a body of this type as JSON."""
    kind = content_type.partition(";")[0].strip().lower()
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))


def _check_target(path: bytes, query: bytes) -> None:
    if len(path) + len(query) > TARGET_BYTES:
        raise TargetTooLong(f"a path with its query has at most {TARGET_BYTES} octets", limit=TARGET_BYTES)
    if b"%00" in path:
        raise NotFound("a NUL names nothing")
    if b"%00" in query and b"\0" in unquote_to_bytes(query):
        raise InvalidInput(faults=[{"in": "query", "path": "", "message": "a NUL is no character of a text"}])
