"""Results in the cabinet: the act, its signature, its printable form, and the public check of an act."""

import json
from pathlib import Path

import httpx

from services.portal.domain.documents import IssuedDocument
from services.portal.repository import queries
from services.portal.service.context import Context, checked_id
from shared.db.session import DatabaseSession
from shared.kit.errors import NoResult, NotFound, RejectedMessage, Transient, Unavailable
from shared.messages.payload import SignedDocument
from shared.messaging.documents import open_act
from shared.messaging.printables import Printables, PrintLanguage

__all__ = ["PrintLanguage", "Results"]


class Results:
    """Use cases around the provider's acts."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._printables = Printables(context.printables, context.settings.provider_url)

    async def act(self, iin: str, application_id: str) -> IssuedDocument:
        """The result, or the reasoned refusal, of the recipient's application.

        Raises ``NotFound`` while there is none, ``NoResult`` if none will come: it was refused or rejected on the way.
        """
        application = await self._context.own(iin, application_id)
        async with self._context.platform.database.session() as session:
            found = await queries.find_issued(session, application=application.id)
        if found is None:
            if application.state.terminal:
                raise NoResult(application.state.value, application.closing)
            raise NotFound(f"there is no result yet: the application is {application.state.value}")
        return found

    async def known_act(self, reference: str) -> IssuedDocument:
        """The act with this SHA-256, or on this application; anybody who has it may check it.

        What was not issued through the portal (over a counter, at a centre) is asked of the provider and verified here.
        Raises ``NotFound``, and ``Unavailable`` if the provider or the certificate authority is silent.
        """
        by_digest = len(reference) == 64 and reference.isascii() and reference.isalnum()
        async with self._context.platform.database.session() as session:
            if by_digest:
                found = await self._delivered(session, reference.lower())
            else:
                found = await queries.find_issued(session, application=checked_id(reference))
        if found is None and by_digest:
            found = await self._made_elsewhere(reference.lower())
        if found is None:
            raise NotFound("nobody here knows such a document")
        return found

    async def _delivered(self, session: DatabaseSession, sha256: str) -> IssuedDocument | None:
        """A result that reached a cabinet, or a document that came with a notice."""
        found = await queries.find_issued_by_digest(session, sha256)
        if found is not None:
            return found
        notice = await queries.find_notice_by_digest(session, sha256)
        document = notice.document if notice else None
        if notice is None or document is None:
            return None
        return IssuedDocument(
            application=notice.application,
            sha256=sha256,
            content=document["content"],
            signature=document["signature"],
            report=document["report"],
            provider_bin=document["provider_bin"],
            granted=True,
            received_at=notice.created_at,
        )

    async def _made_elsewhere(self, sha256: str) -> IssuedDocument | None:
        """The provider's act with this digest, its signature verified now."""
        platform = self._context.platform
        url = f"{self._context.settings.provider_url.rstrip('/')}/documents/{sha256}"
        try:
            answer = await platform.http.get(url, auth=platform.signature)
        except httpx.HTTPError as error:
            raise Unavailable("the provider does not answer") from error
        if answer.status_code in (httpx.codes.NOT_FOUND, httpx.codes.UNPROCESSABLE_ENTITY):
            return None
        try:
            signed = SignedDocument.model_validate(answer.raise_for_status().json())
            told = json.loads(signed.content)
            application, service = str(told["application"]), str(told["service"])
            await platform.directory.ensure(())
            now = self._context.clock.now()
            issuers = self._context.issuers
            opened = open_act(signed, application, service, issuers=issuers, directory=platform.directory, at=now)
        except (httpx.HTTPStatusError, ValueError, KeyError, TypeError, RejectedMessage, Transient) as error:
            raise Unavailable("the provider's answer could not be verified") from error
        if opened.sha256 != sha256:
            raise Unavailable("the provider has answered with another document")
        return IssuedDocument(
            application=application,
            sha256=sha256,
            content=signed.content,
            signature=signed.signature,
            report=opened.report.as_dict(),
            provider_bin=opened.signer_bin,
            granted=True,
            received_at=now,
        )

    async def printable_notice(self, iin: str, notice_id: str, language: PrintLanguage) -> Path:
        """The printable form of the document that came with a notice, such as a voucher. Raises as ``printable``."""
        async with self._context.platform.database.session() as session:
            notice = await queries.find_notice(session, checked_id(notice_id, "notice"))
        if notice is None or notice.iin != iin or notice.document is None:
            raise NotFound("there is no such document")
        sha256, provider_bin = notice.document["sha256"], notice.document["provider_bin"]
        return await self._printables.printable(self._context.platform, sha256, provider_bin, language)

    async def printable(self, iin: str, application_id: str, language: PrintLanguage) -> Path:
        """The printable form, fetched from the provider once, kept only if its signature is the provider's.

        Raises ``NotFound``, and ``Unavailable`` if the provider or the certificate authority is silent, or if what the
        provider sent cannot be passed on.
        """
        act = await self.act(iin, application_id)
        return await self._printables.printable(self._context.platform, act.sha256, act.provider_bin, language)
