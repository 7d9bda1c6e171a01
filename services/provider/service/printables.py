"""Printed acts: rendered and signed when first asked for, then kept. Whoever knows the hash of an act may have it."""

import asyncio
from dataclasses import dataclass

import orjson

from services.provider import repository
from services.provider.domain import Matter, Printable
from services.provider.repository import PRINTABLES
from services.provider.service.matters import Matters
from services.provider.service.organisations import Organisations, Signatory
from services.provider.service.printing import PrintLanguage, print_act
from shared.crypto.pades import sign_pdf
from shared.kit.errors import NotFound, Unavailable
from shared.kit.text import Text
from shared.messaging.platform import Platform
from shared.regulations.model import Regulation

_RENDERING_AT_ONCE = 2


@dataclass(frozen=True)
class _Job:
    matter: Matter
    regulation: Regulation
    signatory: Signatory
    language: PrintLanguage


class Printables:
    """The printed forms of the acts."""

    def __init__(self, matters: Matters, organisations: Organisations) -> None:
        self._matters = matters
        self._organisations = organisations
        self._platform: Platform | None = None
        self._rendering = asyncio.Semaphore(_RENDERING_AT_ONCE)

    def open(self, platform: Platform) -> None:
        """Work with ``platform`` from now on."""
        self._platform = platform

    async def printable(self, sha256: str, language: PrintLanguage) -> bytes:
        """The signed PDF of the act with this SHA-256: the same bytes every time. Raises ``NotFound``."""
        platform, key = self._opened(), f"{sha256}.{language}"
        async with platform.database.session() as session:
            kept = await repository.find_printable(session, key)
            matter = None if kept else await repository.find_act(session, sha256)
        if kept is not None:
            return kept.pdf
        if matter is None:
            raise NotFound("there is no act with this hash")
        organisation = self._organisations.of_bin(matter.provider_bin)
        if organisation is None:
            raise Unavailable("the organisation that made this act is not served here any more")
        signatory = self._organisations.signatory(organisation)
        job = _Job(matter, self._matters.regulation_of(matter), signatory, language)
        async with self._rendering:
            pdf = await asyncio.to_thread(self._render, job)
        async with platform.runtime.work([(PRINTABLES, key)]) as work:
            first = work.get(PRINTABLES, key)
            if first is not None:  # somebody else asked at the same time
                return first.pdf
            work.put(PRINTABLES, Printable(key, pdf))
        return pdf

    def _render(self, job: _Job) -> bytes:
        matter, identity = job.matter, job.signatory.identity
        act = orjson.loads(matter.act or "")
        result = job.regulation.result(act["kind"])
        page = print_act(
            act,
            matter.act_sha256 or "",
            service=job.regulation.service,
            result=result.name if result else Text(kk=act["kind"], ru=act["kind"], en=act["kind"]),
            language=job.language,
        )
        at = self._opened().clock.now()
        reason = f"TEST {matter.entry_number}, SHA-256 {matter.act_sha256}"
        return sign_pdf(page, identity.key, identity.certificate, job.signatory.chain, at, reason)

    def _opened(self) -> Platform:
        assert self._platform is not None, "the printables are opened with the platform"
        return self._platform
