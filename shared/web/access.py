"""Who may call which route: said once, by the dependency that enforces it.

A dependency that lets callers in carries their names (``opens_to``); what a route has of them says who may call it. So
the table of ``docs/security.md`` is read off the running application and cannot say anything else than what is
enforced.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from fastapi import APIRouter, Depends, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from shared.kit.errors import Unauthorised

_CALLERS = "egov_callers"
_Dependency = TypeVar("_Dependency", bound=Callable[..., Any])


class Caller(StrEnum):
    """Who calls a service."""

    PUBLIC = "public"
    """Anybody: no personal data there, or none that the caller did not bring along."""
    CITIZEN = "citizen"
    """A recipient with a session at the portal; sees what is theirs."""
    OPERATOR = "operator"
    """An operator of a centre with a session there."""
    OFFICER = "officer"
    """An officer of a service provider with a session there."""
    SYSTEM = "system"
    """A system of the stand that signs the call with the key of its certificate (RFC 9421)."""
    AUDITOR = "auditor"
    """Whoever holds the auditor's token; reads the log, the journal and the registration journal, changes nothing."""
    ENROLLER = "enrolment"
    """Whoever holds the enrolment token: has certificates made and revoked."""
    OPERATIONS = "operations"
    """Whoever holds the token of those who operate the stand; reads dead letters and has them handled again."""
    TOOLS = "tools"
    """Anybody, where the stand's tools are on; elsewhere the route does not exist."""


Rule = Callable[..., Awaitable[None]]
"""A dependency that lets in who may call."""


class Way(Protocol):
    """One way in: whom it lets in, and how they are known."""

    @property
    def callers(self) -> Sequence[str]: ...

    async def admits(self, request: Request) -> bool:
        """Whether the call shows the credentials of this way. Raises ``Unauthorised`` if they are wrong, ``Forbidden``
        if they are somebody else's, ``Unavailable`` if that cannot be found out now."""


def opens_to(*callers: str) -> Callable[[_Dependency], _Dependency]:
    """Mark a dependency that lets nobody but ``callers`` through."""

    def mark(dependency: _Dependency) -> _Dependency:
        setattr(dependency, _CALLERS, tuple(str(caller) for caller in callers))
        return dependency

    return mark


@opens_to(Caller.PUBLIC)
async def anybody() -> None:
    """Lets everybody in; for routes that say so."""


PUBLIC = Depends(anybody)


def one_of(*ways: Way) -> Rule:
    """A dependency that lets in whoever one of the ``ways`` admits; all others get 401."""

    @opens_to(*(caller for way in ways for caller in way.callers))
    async def admitted(request: Request) -> None:
        for way in ways:
            if await way.admits(request):
                return
        raise Unauthorised("this is not open to everybody: " + " or ".join(admitted_callers))

    admitted_callers = callers_by(admitted)
    return admitted


def bearer_token(request: Request) -> str:
    """The token of ``Authorization: Bearer …`` (RFC 6750); empty without one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def callers_by(dependency: object) -> tuple[str, ...]:
    """Whom a single dependency lets in; empty if it says nothing of it."""
    found: tuple[str, ...] = getattr(dependency, _CALLERS, ())
    return found


def stated(router: APIRouter) -> dict[str, tuple[str, ...]]:
    """Who may call each route of ``router``, by method and path; nobody: nothing is stated.

    Raises ``ValueError`` for a route with two statements that differ.
    """
    found: dict[str, tuple[str, ...]] = {}
    for route in router.routes:
        if isinstance(route, APIRoute):
            callers = set(_stated(route.dependant))
            if len(callers) > 1:
                raise ValueError(f"{route.path} states {' and '.join(map(str, sorted(callers)))}")
            found |= {
                f"{method} {route.path_format}": next(iter(callers), ()) for method in sorted(route.methods or ())
            }
    return found


def _stated(dependant: Dependant) -> Iterator[tuple[str, ...]]:
    for dependency in dependant.dependencies:
        if found := callers_by(dependency.call):
            yield found
        yield from _stated(dependency)
