"""Certificates and revocation list at hand: what verification asks, without a network in the way.

``lookup``, ``revocation`` and ``denied`` are synchronous and answer from memory. ``ensure`` and ``refresh`` fill the
memory from the authority, between batches. A failed refresh keeps the old list until its ``nextUpdate``; after that the
revocation of everything is unreachable, which makes verifications indeterminate, never failed.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

from shared.crypto.certificates import Certificate
from shared.crypto.revocation import UNREACHABLE, RevocationList, RevocationStatus
from shared.crypto.trust import TrustAnchors
from shared.kit.clock import Clock
from shared.kit.errors import Unavailable
from shared.kit.patience import Patience

_REMEMBERED_DENIALS = 10_000


class Authority(Protocol):
    """Where a directory gets its knowledge; ``AuthorityClient`` in production. Every method raises ``Unavailable``."""

    async def anchors(self) -> TrustAnchors: ...

    async def crl(self, anchors: TrustAnchors) -> RevocationList: ...

    async def certificate(self, thumbprint: str) -> Certificate | None: ...


class CertificateDirectory:
    """Certificates by thumbprint, the current revocation list, and the anchors.

    Without an authority it knows what it was given and denies the rest. ``refresh_after`` is the age, in stand time and
    in real time, from which the list is fetched again (a frozen stand clock must not freeze revocations).
    """

    def __init__(
        self,
        clock: Clock,
        authority: Authority | None = None,
        *,
        anchors: TrustAnchors | None = None,
        crl: RevocationList | None = None,
        refresh_after: timedelta = timedelta(seconds=5),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.anchors = anchors
        self.crl = crl
        self.clock = clock
        self._authority = authority
        self._refresh_after = refresh_after
        self._monotonic = monotonic
        self._certificates: dict[str, Certificate] = {}
        self._denied: dict[str, float] = {}
        self._tried_at: tuple[float, datetime] | None = None
        self._lock = asyncio.Lock()
        self._questions: dict[str, asyncio.Task[None]] = {}
        self._patience = Patience(monotonic)

    def add(self, certificate: Certificate) -> None:
        """Remember ``certificate``. Being here is no proof: its chain is checked at every verification."""
        self._certificates[certificate.thumbprint] = certificate
        self._denied.pop(certificate.thumbprint, None)

    def lookup(self, thumbprint: str) -> Certificate | None:
        """The certificate with this thumbprint, if it is at hand."""
        return self._certificates.get(thumbprint)

    def denied(self, thumbprint: str) -> bool:
        """Whether the authority said that it has no such certificate (as opposed to having been silent)."""
        return thumbprint in self._denied or self._authority is None

    def answers(self, thumbprint: str) -> bool:
        """Whether it can say now what there is to say of this thumbprint, without asking the authority."""
        return self._authority is None or thumbprint in self._certificates or self._recently_denied(thumbprint)

    def revocation(self, certificate: Certificate, at: datetime) -> RevocationStatus:
        """What the list at hand says of ``certificate`` at ``at``; unreachable without a current list."""
        return UNREACHABLE if self.crl is None else self.crl.status(certificate, at)

    @property
    def able(self) -> bool:
        """Whether it can decide on certificates at hand: it has the anchors, and a list that may be relied on now."""
        return self.anchors is not None and self.crl is not None and self.clock.now() <= self.crl.next_update

    async def ensure(self, thumbprints: Iterable[str]) -> None:
        """Bring in the certificates that are not at hand, and a newer list if it is due. What could not be brought in
        makes the verifications that need it indeterminate. Costs microseconds when nothing is due.

        A silent authority is waited for only as long as nothing can be decided without it; else a moment
        (``shared.kit.patience``), and what it says later is taken in when it comes.
        """
        if self._authority is None:
            return
        missing = [t for t in thumbprints if t not in self._certificates and not self._recently_denied(t)]
        questions = [self._asked(t, partial(self._fetch, self._authority, t)) for t in missing]
        # Without anchors a refresh may be under way; it is worth waiting for.
        if self._due() or self.anchors is None:
            questions.append(self._asked("", partial(self._refresh_if_due, self._authority)))
        if not questions:
            return
        if self.able:
            await self._patience.wait(questions)
        else:
            await asyncio.gather(*questions)

    def _asked(self, what: str, ask: Callable[[], Coroutine[Any, Any, None]]) -> asyncio.Task[None]:
        """The question about ``what`` that is under way, or a new one."""
        question = self._questions.get(what)
        if question is None:
            question = self._questions[what] = asyncio.create_task(ask())
            question.add_done_callback(partial(self._ended, what))
        return question

    def _ended(self, what: str, question: asyncio.Task[None]) -> None:
        self._questions.pop(what, None)
        if not question.cancelled():
            question.exception()  # whoever still waits for it gets it

    async def _refresh_if_due(self, authority: Authority) -> None:
        async with self._lock:
            if self._due():
                await self._refresh(authority)

    async def refresh(self) -> bool:
        """Fetch the list (and the anchors) now; whether that worked. For tests and the stand's tools."""
        if self._authority is None:
            return False
        async with self._lock:
            return await self._refresh(self._authority)

    async def _refresh(self, authority: Authority) -> bool:
        self._tried_at = self._monotonic(), self.clock.now()
        try:
            # Both are asked anew: after a reset of the stand they are others.
            anchors = await authority.anchors()
            self.crl = await authority.crl(anchors)
        except Unavailable:
            return False
        if self.anchors is None or self.anchors.issuing != anchors.issuing or self.anchors.root != anchors.root:
            self.anchors = anchors
        return True

    def _due(self) -> bool:
        if self._tried_at is None:
            return True
        real, stand = self._tried_at
        if self._monotonic() - real >= self._refresh_after.total_seconds():
            return True
        return abs(self.clock.now() - stand) >= self._refresh_after

    def _recently_denied(self, thumbprint: str) -> bool:
        denied_at = self._denied.get(thumbprint)
        return denied_at is not None and self._monotonic() - denied_at < self._refresh_after.total_seconds()

    async def _fetch(self, authority: Authority, thumbprint: str) -> None:
        try:
            certificate = await authority.certificate(thumbprint)
        except Unavailable:
            return
        if certificate is not None:
            self.add(certificate)
            return
        if len(self._denied) >= _REMEMBERED_DENIALS:
            self._denied.clear()
        self._denied[thumbprint] = self._monotonic()
