"""Ways into a hosted service: the auditor's token, and the signature of another system."""

import asyncio
import hmac
from collections.abc import Sequence

from fastapi import APIRouter, Request
from pydantic import BaseModel

from shared.crypto.http_signature import Call, CallVerifier
from shared.kit.errors import Forbidden, Unauthorised
from shared.kit.settings import StandSettings
from shared.messages.systems import System
from shared.messaging.allowance import LOOK_UPS, Allowance
from shared.messaging.platform import Platform
from shared.web.access import Caller, bearer_token


class Auditor:
    """Whoever shows the auditor's token."""

    callers: Sequence[str] = (Caller.AUDITOR,)

    def __init__(self, stand: StandSettings) -> None:
        self._secret = stand.auditor_token.get_secret_value()

    async def admits(self, request: Request) -> bool:
        """Whether the token is shown. Raises ``Unauthorised`` for another one, ``Forbidden`` where nobody has one."""
        given = bearer_token(request)
        if not given:
            return False
        if not self._secret:
            raise Forbidden("nobody is the auditor here: EGOV_AUDITOR_TOKEN is not set")
        if not hmac.compare_digest(given.encode(), self._secret.encode()):
            raise Unauthorised("this is not the auditor's token")
        return True


class OtherSystems:
    """Systems that sign their calls; none named: every system of the stand."""

    def __init__(self, *systems: System) -> None:
        self._systems = systems
        self._look_ups = Allowance(*LOOK_UPS)
        self.callers: Sequence[str] = [f"{Caller.SYSTEM} {system}" for system in systems] or [Caller.SYSTEM]

    async def admits(self, request: Request) -> bool:
        """Whether the call is signed by one of them; ``request.state.system`` then says by which. Raises
        ``Unauthorised``, ``Forbidden``, ``Unavailable``."""
        if "signature-input" not in request.headers:
            return False
        platform: Platform = request.app.state.platform
        verifier = CallVerifier(platform.directory, platform.clock, self._may_ask)
        signer = await verifier.signer(await _as_sent(request))
        if signer not in (self._systems or tuple(System)):
            raise Forbidden(f"this is not open to {signer}")
        request.state.system = System(signer)
        return True

    def _may_ask(self) -> bool:
        return self._look_ups.take("", asyncio.get_running_loop().time())


class AuditorRead(BaseModel):
    """What the auditor shows; empty: nobody is the auditor here."""

    token: str


def auditor_router(stand: StandSettings) -> APIRouter:
    """Pass it as one of ``stand_routers``."""
    router = APIRouter(prefix="/__stand", tags=["stand"])

    @router.get("/auditor", summary="The auditor's token")
    async def get_auditor() -> AuditorRead:
        """For `Authorization: Bearer …`, with which both gateways show what they keep."""
        return AuditorRead(token=stand.auditor_token.get_secret_value())

    return router


def calling_system(request: Request) -> System | None:
    """The system that signed the call; ``None`` if somebody else was let in."""
    found: System | None = getattr(request.state, "system", None)
    return found


async def _as_sent(request: Request) -> Call:
    path: str = request.scope.get("raw_path", b"").decode("ascii", "replace")
    query: str = request.scope.get("query_string", b"").decode("ascii", "replace")
    host = request.headers.get("host", "")
    url = f"{request.scope['scheme']}://{host}{path}{'?' if query else ''}{query}"
    return Call(request.method, url, request.headers, await request.body())
