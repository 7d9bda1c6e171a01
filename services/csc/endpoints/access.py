"""Who is calling, and in which language."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Header, Path, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from services.csc.domain.people import Operator
from services.csc.service.operators import Operators, SignedIn
from shared.kit.text import Language, negotiate
from shared.web.access import Caller, bearer_token, opens_to

_BEARER = HTTPBearer(auto_error=False, description="The token of an operator's session")

Text200 = r"^[^\x00]{1,200}$"
"""PostgreSQL knows no text with NUL in it."""
MatterId = Annotated[str, Path(pattern=Text200)]
DocumentCode = Annotated[str, Path(pattern=Text200)]


def current(request: Request) -> SignedIn:
    """The caller that ``signed_in`` has found."""
    caller: SignedIn = request.state.caller
    return caller


def current_operator(request: Request) -> Operator:
    """The operator that ``signed_in`` has found."""
    return current(request).operator


def signed_in(operators: Operators) -> Callable[..., Awaitable[None]]:
    """A dependency for whole routers: the caller has a session, or gets 401."""

    @opens_to(Caller.OPERATOR)
    async def require_session(
        request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]
    ) -> None:
        request.state.caller = await operators.signed_in(credentials.credentials if credentials else None)

    return require_session


class Workplace:
    """The way in of operators, where others are let in beside them."""

    callers = (Caller.OPERATOR,)

    def __init__(self, operators: Operators) -> None:
        self._operators = operators

    async def admits(self, request: Request) -> bool:
        """Whether the call shows a session. Raises ``Unauthorised`` for one that has ended."""
        token = bearer_token(request)
        if not token:
            return False
        request.state.caller = await self._operators.signed_in(token)
        return True


def asked_language(accept_language: Annotated[str | None, Header()] = None) -> Language:
    """The language of the answer."""
    return negotiate(accept_language)


Current = Annotated[SignedIn, Depends(current)]
CurrentOperator = Annotated[Operator, Depends(current_operator)]
AskedLanguage = Annotated[Language, Depends(asked_language)]
