"""What is told without a visitor: the status of an application by its number (1414), and who looked at whose data."""

from services.csc.domain.matter import Matter
from services.csc.domain.people import AccessEntry
from services.csc.repository import queries
from services.csc.service.context import Context
from services.csc.service.operators import SignedIn
from shared.kit.errors import Forbidden, NotFound
from shared.regulations.model import Regulation


class Information:
    """Use cases of the contact centre and of supervision."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def status(self, number: str) -> tuple[Matter, Regulation]:
        """The matter with this number: of the application, the receipt, or the registration journal. Whoever shows it
        leaves out who it is about. Raises ``NotFound``."""
        async with self._context.platform.database.session() as session:
            found = await queries.find_by_number(session, number)
        if found is None:
            raise NotFound("there is no application with this number")
        return found, self._context.law_of(found)[0]

    async def access_log(
        self, caller: SignedIn, *, iin: str | None, matter: str | None, before: str | None, limit: int
    ) -> list[AccessEntry]:
        """Every look at a person's data in the supervisor's centre, newest first. Raises ``Forbidden`` for others."""
        if caller.operator.role != "supervisor":
            raise Forbidden("the access log is for supervisors")
        async with self._context.platform.database.session() as session:
            return await queries.access_log(
                session, caller.operator.centre, iin=iin, matter=matter, before=before, limit=limit
            )
