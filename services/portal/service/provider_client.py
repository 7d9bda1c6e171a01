"""The portal's HTTP client of the provider: printable forms of its acts."""

from typing import Literal

import httpx

from shared.kit.errors import Unavailable

PrintLanguage = Literal["kk", "ru"]
_LIMIT = 20 * 1024 * 1024
_TIMEOUT_S = 10.0


class ProviderClient:
    """Talks to the provider at ``base_url``. Raises ``Unavailable`` when it is silent or answers something else."""

    def __init__(self, base_url: str, http: httpx.AsyncClient) -> None:
        self._base_url = base_url.rstrip("/")
        self._http = http

    async def printable(self, sha256: str, language: PrintLanguage) -> bytes:
        """The printable form (PDF) of the act whose content has this digest. Its signature is not verified here."""
        url, content = f"{self._base_url}/documents/{sha256}/printable", bytearray()
        try:
            async with self._http.stream("GET", url, params={"lang": language}, timeout=_TIMEOUT_S) as answer:
                if answer.status_code != 200:
                    raise Unavailable(f"the provider answered {answer.status_code}")
                async for chunk in answer.aiter_bytes():
                    content += chunk
                    if len(content) > _LIMIT:
                        raise Unavailable("the provider's answer is too large")
        except httpx.HTTPError as error:
            raise Unavailable(f"the provider does not answer: {type(error).__name__}") from error
        return bytes(content)
