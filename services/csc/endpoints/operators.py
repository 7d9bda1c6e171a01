"""Sign-in of operators (process 1), supervision, and the stand's list of passwords."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from services.csc.endpoints.access import Current, Text200, signed_in
from services.csc.schemas.people import AccessRead, DueRead, OperatorPassword, OperatorRead, SessionRead, SignIn
from services.csc.service.information import Information
from services.csc.service.operators import Operators
from services.csc.service.watch import Watch
from shared.messaging.sign_in import Origin
from shared.web.access import PUBLIC
from shared.web.origin import CallerAddress
from shared.web.paging import Pages

_TWELVE = r"^[0-9]{12}$"


def operators_router(operators: Operators) -> APIRouter:
    """Who is it, and may they in?"""
    router = APIRouter(prefix="/operator-sessions", tags=["operators"])
    access = [Depends(signed_in(operators))]

    @router.post("", status_code=201, summary="Sign in at the workplace", dependencies=[PUBLIC])
    async def sign_in(body: SignIn, response: Response, address: CallerAddress) -> SessionRead:
        """An unknown login and a wrong password get the same answer; repeated failures lock the login for who has
        failed (429). Keep `device_token` and show it the next time: then failures of others do not keep you out."""
        granted = await operators.sign_in(body.login, body.password, Origin(address, body.device_token))
        response.headers["Cache-Control"] = "no-store"
        return SessionRead.of(granted)

    @router.get("/current", summary="Who is signed in", dependencies=access)
    async def get_session(caller: Current) -> OperatorRead:
        return OperatorRead.of(caller)

    @router.delete("/current", status_code=204, summary="Sign out", dependencies=access)
    async def sign_out(caller: Current) -> Response:
        """The token serves no longer."""
        await operators.sign_out(caller)
        return Response(status_code=204)

    return router


def supervision_router(information: Information, access: Sequence[Any]) -> APIRouter:
    """For supervisors."""
    router = APIRouter(tags=["supervision"], dependencies=[Depends(rule) for rule in access])

    @router.get("/access-log", summary="Who looked at whose data")
    async def list_looks(
        caller: Current,
        pages: Pages,
        iin: Annotated[str | None, Query(pattern=_TWELVE)] = None,
        matter: Annotated[str | None, Query(pattern=Text200)] = None,
        before: Annotated[str | None, Query(pattern=Text200, description="Last key seen")] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> list[AccessRead]:
        """The supervisor's own centre, newest first; 403 for other operators."""
        found = await information.access_log(caller, iin=iin, matter=matter, before=before, limit=limit + 1)
        return [AccessRead.of(entry) for entry in pages.page(found, limit, before=lambda entry: entry.key)]

    return router


def controls_router(operators: Operators, watch: Watch) -> APIRouter:
    """Pass it as one of ``stand_routers``."""
    router = APIRouter(prefix="/__stand", tags=["stand"])

    @router.get("/operators", summary="The stand's operators with their passwords")
    async def list_operators() -> list[OperatorPassword]:
        return [OperatorPassword(**entry) for entry in operators.told()]

    @router.post("/due", summary="Do at once what is due by the stand's clock")
    async def do_what_is_due() -> DueRead:
        """Silent registries are asked again, terms that have passed are noted, results nobody came for go to the
        provider. It happens by itself as well, a little later."""
        return DueRead(matters=await watch.turn())

    return router
