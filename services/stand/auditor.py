"""Whoever reads the gateways' logs and journals shows the auditor's token."""

from collections.abc import Generator

import httpx

from shared.kit.settings import StandSettings


class AsAuditor(httpx.Auth):
    """For ``auth`` of calls to one gateway: with ``token``, or with the one that the gateway's tools tell, if they are
    on. Without either the call goes as it is, and is answered 401."""

    requires_response_body = True

    def __init__(self, token: str = "") -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Asks for the token before the first call."""
        if not self._token:
            told = yield httpx.Request("GET", request.url.copy_with(raw_path=b"/__stand/auditor"))
            if told.is_success:
                self._token = str(told.json()["token"])
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        yield request


def as_auditor() -> AsAuditor:
    """With the token of the environment (``EGOV_AUDITOR_TOKEN``), if it names one."""
    return AsAuditor(StandSettings().auditor_token.get_secret_value())
