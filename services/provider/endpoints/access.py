"""Who is signed in."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Path, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from services.provider.service.officers import Officer, Officers
from shared.web.access import Caller, bearer_token, opens_to

# PostgreSQL knows no text with NUL in it.
NO_NUL = r"^[^\x00]{1,200}$"
ApplicationId = Annotated[str, Path(pattern=NO_NUL)]
Bearer = Annotated[
    HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False, description="Session token"))
]
SignedIn = Callable[..., Awaitable[Officer]]


def signed_in(officers: Officers) -> SignedIn:
    """A dependency that gives the officer of the session, or raises ``Unauthorised``."""

    @opens_to(Caller.OFFICER)
    async def officer(bearer: Bearer) -> Officer:
        return await officers.officer(bearer.credentials if bearer else None)

    return officer


class Office:
    """The way in of officers, where others are let in beside them."""

    callers = (Caller.OFFICER,)

    def __init__(self, officers: Officers) -> None:
        self._officers = officers

    async def admits(self, request: Request) -> bool:
        """Whether the call shows a session. Raises ``Unauthorised`` for one that has ended."""
        token = bearer_token(request)
        if not token:
            return False
        request.state.officer = await self._officers.officer(token)
        return True


def calling_officer(request: Request) -> Officer | None:
    """The officer of the session; ``None`` if somebody else was let in."""
    found: Officer | None = getattr(request.state, "officer", None)
    return found
