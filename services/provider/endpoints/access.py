"""Who is signed in."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Path
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from services.provider.service.officers import Officer, Officers

# PostgreSQL knows no text with NUL in it.
NO_NUL = r"^[^\x00]{1,200}$"
ApplicationId = Annotated[str, Path(pattern=NO_NUL)]
Bearer = Annotated[
    HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False, description="Session token"))
]
SignedIn = Callable[..., Awaitable[Officer]]


def signed_in(officers: Officers) -> SignedIn:
    """A dependency that gives the officer of the session, or raises ``Unauthorised``."""

    async def officer(bearer: Bearer) -> Officer:
        return await officers.officer(bearer.credentials if bearer else None)

    return officer
