"""Printed acts: rendered and signed when first asked for, then kept. Whoever knows the hash of an act may have it."""

import asyncio
from dataclasses import dataclass, replace

import orjson

from services.provider import repository
from services.provider.domain.attachments import Printable
from services.provider.domain.matter import Matter
from services.provider.repository import PRINTABLES
from services.provider.service.context import Context
from services.provider.service.organisations import Signatory
from services.provider.service.printing import PrintLanguage, print_act
from shared.kit.errors import NotFound, Unavailable
from shared.messages.payload import SignedDocument
from shared.messaging.platform import Platform
from shared.regulations.model import Regulation
from shared.regulations.terms import Role

_RENDERING_AT_ONCE = 2


@dataclass(frozen=True)
class _Job:
    matter: Matter
    regulation: Regulation
    signatory: Signatory
    language: PrintLanguage


class Printables:
    """The printed forms of the acts."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._platform: Platform | None = None
        self._rendering = asyncio.Semaphore(_RENDERING_AT_ONCE)

    def open(self, platform: Platform) -> None:
        """Work with ``platform`` from now on."""
        self._platform = platform

    async def act(self, sha256: str) -> SignedDocument:
        """The act with this SHA-256 as it was signed. Raises ``NotFound``."""
        async with self._opened().database.session() as session:
            matter = await repository.find_act(session, sha256)
        if matter is None or matter.act is None or matter.act_signature is None:
            raise NotFound("there is no act with this hash")
        return SignedDocument(content=matter.act, signature=matter.act_signature)

    async def printable(self, sha256: str, language: PrintLanguage) -> bytes:
        """The signed PDF of the act with this SHA-256: the same bytes every time. Raises ``NotFound``."""
        platform, key = self._opened(), f"{sha256}.{language}"
        async with platform.database.session() as session:
            kept = await repository.find_printable(session, key)
            matter = None if kept else await repository.find_act(session, sha256)
            voucher = None if kept or matter else await repository.find_voucher(session, sha256)
            if voucher is not None:
                matter = await repository.find_matter(session, voucher.application)
                matter = matter and replace(matter, act=voucher.act, act_sha256=sha256, sealed=True)
        if kept is not None:
            return kept.pdf
        if matter is None:
            raise NotFound("there is no act with this hash")
        organisation = self._context.organisations.of_bin(matter.provider_bin)
        if organisation is None:
            raise Unavailable("the organisation that made this act is not served here any more")
        signing = self._context.organisations.signing_for(organisation, matter.regulation)
        regulation = self._context.regulations[matter.regulation]
        signatory = self._context.organisations.signatory(signing, _role(regulation, matter.act or "{}"))
        job = _Job(matter, regulation, signatory, language)
        async with self._rendering:
            pdf = await asyncio.to_thread(self._render, job)
        async with platform.runtime.work([(PRINTABLES, key)]) as work:
            first = work.get(PRINTABLES, key)
            if first is not None:  # somebody else asked at the same time
                return first.pdf
            work.put(PRINTABLES, Printable(key, pdf))
        return pdf

    def _render(self, job: _Job) -> bytes:
        matter = job.matter
        act = orjson.loads(matter.act or "")
        page = print_act(
            act,
            matter.act_sha256 or "",
            regulation=job.regulation,
            channel=matter.channel,
            sealed=matter.sealed,
            language=job.language,
        )
        at = self._opened().clock.now()
        reason = f"TEST {matter.entry_number}, SHA-256 {matter.act_sha256}"
        return job.signatory.sign_pdf(page, at, reason)

    def _opened(self) -> Platform:
        assert self._platform is not None, "the printables are opened with the platform"
        return self._platform


def _role(regulation: Regulation, act: str) -> Role | None:
    """Who signed the act; ``None``: the authorised person."""
    kind = regulation.result(orjson.loads(act).get("result") or "")
    return kind.form.signed_by if kind and kind.form else None
