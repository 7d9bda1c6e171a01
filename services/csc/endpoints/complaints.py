"""Operators as those who take and answer complaints."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends

from services.csc.endpoints.access import CurrentOperator, signed_in
from services.csc.service.complaints import CentreHouse
from services.csc.service.operators import Operators
from shared.regulations.hearing import StaffMember


def member_signed_in(house: CentreHouse, operators: Operators) -> Callable[..., Awaitable[StaffMember]]:
    """A dependency that gives the operator of the session, or raises ``Unauthorised``."""

    async def member(_: Annotated[None, Depends(signed_in(operators))], operator: CurrentOperator) -> StaffMember:
        return house.member(operator)

    return member
