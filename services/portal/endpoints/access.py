"""Who is calling, and in which language."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Header, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from services.portal.domain.recipients import Session
from services.portal.service.recipients import Recipients
from shared.kit.text import Language, negotiate
from shared.web.access import Caller, opens_to

_BEARER = HTTPBearer(auto_error=False, description="The token of a session")


def current_session(request: Request) -> Session:
    """The session that ``signed_in`` has found."""
    session: Session = request.state.session
    return session


def signed_in(recipients: Recipients) -> Callable[..., Awaitable[None]]:
    """A dependency for whole routers: the caller has a session, or gets 401."""

    @opens_to(Caller.CITIZEN)
    async def require_session(
        request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]
    ) -> None:
        request.state.session = await recipients.session(credentials.credentials if credentials else None)

    return require_session


def asked_language(accept_language: Annotated[str | None, Header()] = None) -> Language:
    """The language of the answer."""
    return negotiate(accept_language)


Current = Annotated[Session, Depends(current_session)]
AskedLanguage = Annotated[Language, Depends(asked_language)]
