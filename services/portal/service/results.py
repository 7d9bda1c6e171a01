"""Results in the cabinet: the act, its signature, its printable form, and the public check of an act."""

import asyncio
from pathlib import Path

from services.portal.domain.documents import IssuedDocument
from services.portal.repository import queries
from services.portal.service.context import Context, checked_id
from services.portal.service.provider_client import PrintLanguage, ProviderClient
from shared.crypto.pades import verify_pdf
from shared.crypto.policy import SignedByBIN
from shared.crypto.report import Indication
from shared.crypto.revocation import UNREACHABLE
from shared.kit.errors import NotFound, Unavailable

__all__ = ["PrintLanguage", "Results"]


class Results:
    """Use cases around the provider's acts."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def act(self, iin: str, application_id: str) -> IssuedDocument:
        """The result, or the reasoned refusal, of the recipient's application. Raises ``NotFound`` if there is none."""
        application = await self._context.own(iin, application_id)
        async with self._context.platform.database.session() as session:
            found = await queries.find_issued(session, application=application.id)
        if found is None:
            raise NotFound("there is no result yet")
        return found

    async def known_act(self, reference: str) -> IssuedDocument:
        """The act with this SHA-256, or on this application; anybody who has it may check it. Raises ``NotFound``."""
        async with self._context.platform.database.session() as session:
            if len(reference) == 64 and reference.isascii() and reference.isalnum():
                found = await queries.find_issued_by_digest(session, reference.lower())
            else:
                found = await queries.find_issued(session, application=checked_id(reference))
        if found is None:
            raise NotFound("this portal knows no such document")
        return found

    async def printable(self, iin: str, application_id: str, language: PrintLanguage) -> Path:
        """The printable form, fetched from the provider once, kept only if its signature is the provider's.

        Raises ``NotFound``, and ``Unavailable`` if the provider or the certificate authority is silent, or if what the
        provider sent cannot be passed on.
        """
        act = await self.act(iin, application_id)
        store = self._context.printables[language]
        kept = store.path(act.sha256)
        if kept is not None:
            return kept
        platform = self._context.platform
        client = ProviderClient(self._context.settings.provider_url, platform.http)
        pdf = await client.printable(act.sha256, language)
        await self._check_printable(pdf, act)
        await asyncio.to_thread(store.put, pdf, act.sha256)
        path = store.path(act.sha256)
        assert path is not None
        return path

    async def _check_printable(self, pdf: bytes, act: IssuedDocument) -> None:
        directory, at = self._context.platform.directory, self._context.clock.now()
        await directory.ensure(())
        anchors, policy = directory.anchors, SignedByBIN(act.provider_bin)
        if anchors is None:
            raise Unavailable("the certificate authority does not answer; the printable form could not be checked")
        # Who signed is known only after reading; the second pass then asks for that certificate's revocation.
        first = await asyncio.to_thread(verify_pdf, pdf, anchors=anchors, revocation=UNREACHABLE, at=at, policy=policy)
        revocation = directory.revocation(first.certificate, at) if first.certificate else UNREACHABLE
        final = await asyncio.to_thread(verify_pdf, pdf, anchors=anchors, revocation=revocation, at=at, policy=policy)
        if final.report.indication is not Indication.PASSED:
            detail = "the printable form the provider sent does not pass verification"
            raise Unavailable(detail, report=final.report.as_dict())
