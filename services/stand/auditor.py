"""Whoever reads the gateways' logs and journals shows the auditor's token."""

import re
from collections.abc import Generator

import httpx

from shared.kit.settings import StandSettings

_ROUTES = re.compile(r"/(?:messages|journal|entries|queues)\b")
"""What the auditor asks for; a gateway may stand behind a path of its own."""


class AsAuditor(httpx.Auth):
    """For ``auth`` of calls to one gateway: with ``token``, or with the one that the gateway's tools tell, if they are
    on. Without either the call goes as it is, and is answered 401."""

    requires_response_body = True

    def __init__(self, token: str = "") -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Asks for the token before the first call."""
        if not self._token:
            before = _ROUTES.split(request.url.raw_path.decode(), maxsplit=1)[0]
            told = yield httpx.Request("GET", request.url.copy_with(raw_path=f"{before}/__stand/auditor".encode()))
            self._token = _token_in(told)
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        yield request


def _token_in(told: httpx.Response) -> str:
    """Empty if the tools are off, or whoever answers is no gateway."""
    try:
        found = told.json() if told.is_success else None
    except ValueError:
        found = None
    token = found.get("token") if isinstance(found, dict) else None
    return token if isinstance(token, str) and token.isascii() else ""


def as_auditor() -> AsAuditor:
    """With the token of the environment (``EGOV_AUDITOR_TOKEN``), if it names one."""
    return AsAuditor(StandSettings().auditor_token.get_secret_value())
