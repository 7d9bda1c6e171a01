"""Printed forms of acts: fetched from the provider once, kept only if the provider's signature on them holds."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import httpx

from shared.crypto.policy import SignedByBIN
from shared.crypto.report import Indication
from shared.crypto.revocation import UNREACHABLE
from shared.db.content import ContentStore
from shared.kit.errors import Unavailable
from shared.messaging.platform import Platform

if TYPE_CHECKING:
    from shared.crypto.pades import PDFVerification

PrintLanguage = Literal["kk", "ru"]
_LIMIT = 20 * 1024 * 1024
_TIMEOUT_S = 10.0


class Printables:
    """The printed forms this system has fetched, by language and digest of the act."""

    def __init__(self, stores: Mapping[str, ContentStore], provider_url: str) -> None:
        """``provider_url``: where the provider prints."""
        self._stores = stores
        self._base_url = provider_url.rstrip("/")

    async def printable(self, platform: Platform, sha256: str, provider_bin: str, language: PrintLanguage) -> Path:
        """The signed PDF of the act of ``provider_bin`` whose content has this digest.

        Raises ``Unavailable`` if the provider or the certificate authority is silent, or if what the provider sent
        cannot be passed on.
        """
        store = self._stores[language]
        kept = store.path(sha256)
        if kept is not None:
            return kept
        pdf = await self._fetch(platform, sha256, language)
        await _check(platform, pdf, provider_bin)
        await asyncio.to_thread(store.put, pdf, sha256)
        path = store.path(sha256)
        assert path is not None
        return path

    async def _fetch(self, platform: Platform, sha256: str, language: PrintLanguage) -> bytes:
        url, content = f"{self._base_url}/documents/{sha256}/printable", bytearray()
        try:
            async with platform.http.stream(
                "GET", url, params={"lang": language}, auth=platform.signature, timeout=_TIMEOUT_S
            ) as answer:
                if answer.status_code != 200:
                    raise Unavailable(f"the provider answered {answer.status_code}")
                async for chunk in answer.aiter_bytes():
                    content += chunk
                    if len(content) > _LIMIT:
                        raise Unavailable("the provider's answer is too large")
        except httpx.HTTPError as error:
            raise Unavailable(f"the provider does not answer: {type(error).__name__}") from error
        return bytes(content)


def _verify(pdf: bytes, **circumstances: Any) -> "PDFVerification":
    from shared.crypto.pades import verify_pdf  # noqa: PLC0415 — what it brings takes a third of a second to import

    return verify_pdf(pdf, **circumstances)


async def _check(platform: Platform, pdf: bytes, provider_bin: str) -> None:
    directory, at = platform.directory, platform.clock.now()
    await directory.ensure(())
    anchors = directory.anchors
    circumstances = {"clock": platform.clock, "at": at, "policy": SignedByBIN(provider_bin)}
    if anchors is None:
        raise Unavailable("the certificate authority does not answer; the printable form could not be checked")
    # Who signed is known only after reading; the second pass then asks for that certificate's revocation.
    first = await asyncio.to_thread(_verify, pdf, anchors=anchors, revocation=UNREACHABLE, **circumstances)
    revocation = directory.revocation(first.certificate, at) if first.certificate else UNREACHABLE
    final = await asyncio.to_thread(_verify, pdf, anchors=anchors, revocation=revocation, **circumstances)
    if final.report.indication is not Indication.PASSED:
        detail = "the printable form the provider sent does not pass verification"
        raise Unavailable(detail, report=final.report.as_dict())
