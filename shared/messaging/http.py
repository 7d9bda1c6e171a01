"""The one place where HTTP clients are made.

What the systems of a stand say to each other, and what stays on this machine, passes no proxy and asks no ``.netrc``,
whatever the environment names for other programs. Only a stand that the user names on another machine is reached the
way the user's environment says.
"""

import ipaddress
from collections.abc import Generator
from typing import Any
from urllib.parse import urlsplit

import httpx

from shared.crypto.http_signature import Call, sign
from shared.crypto.identity import Identity
from shared.kit.clock import Clock


class SignedCalls(httpx.Auth):
    """For ``auth``: every call is signed as one of this system (RFC 9421)."""

    requires_request_body = True

    def __init__(self, identity: Identity, clock: Clock) -> None:
        self._identity = identity
        self._clock = clock

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Signs; takes whatever is answered."""
        sign(Call(request.method, str(request.url), request.headers, request.content), self._identity, self._clock)
        yield request


def client(**arguments: Any) -> httpx.AsyncClient:
    """A client for the stand's own traffic; ``arguments`` as httpx takes them."""
    return httpx.AsyncClient(trust_env=False, **arguments)


def client_to(url: str, **arguments: Any) -> httpx.AsyncClient:
    """A client for the stand at ``url``, which the user has named."""
    return httpx.AsyncClient(trust_env=not is_loopback(url), **arguments)


def waiting_client_to(url: str, **arguments: Any) -> httpx.Client:
    """As ``client_to``, for commands without an event loop."""
    return httpx.Client(trust_env=not is_loopback(url), **arguments)


def is_loopback(url: str) -> bool:
    """Whether the host of ``url`` is this machine, by its name or address."""
    try:
        host = urlsplit(url if "//" in url else f"//{url}").hostname or ""
        if host == "localhost" or host.endswith(".localhost"):
            return True
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
