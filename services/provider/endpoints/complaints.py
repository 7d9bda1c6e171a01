"""Officers as those who take and answer complaints."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends

from services.provider.endpoints.access import signed_in
from services.provider.service.complaints import ProviderHouse
from services.provider.service.officers import Officer, Officers
from shared.regulations.hearing import StaffMember


def member_signed_in(house: ProviderHouse, officers: Officers) -> Callable[..., Awaitable[StaffMember]]:
    """A dependency that gives the officer of the session, or raises ``Unauthorised``."""

    async def member(officer: Annotated[Officer, Depends(signed_in(officers))]) -> StaffMember:
        return house.member(officer)

    return member
