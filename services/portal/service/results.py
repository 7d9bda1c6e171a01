"""Results in the cabinet: the act, its signature, its printable form, and the public check of an act."""

from pathlib import Path

from services.portal.domain.documents import IssuedDocument
from services.portal.repository import queries
from services.portal.service.context import Context, checked_id
from shared.kit.errors import NotFound
from shared.messaging.printables import Printables, PrintLanguage

__all__ = ["PrintLanguage", "Results"]


class Results:
    """Use cases around the provider's acts."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._printables = Printables(context.printables, context.settings.provider_url)

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
        return await self._printables.printable(self._context.platform, act.sha256, act.provider_bin, language)
