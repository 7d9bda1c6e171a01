"""Who has complaints made to them among the centres: the heads of a centre and of the enterprise (004, clause 22)."""

from collections.abc import Mapping

from services.csc.domain.people import CentreKind, Operator
from services.csc.domain.visits import Counter
from services.csc.repository import COMPLAINTS, COUNTERS
from services.csc.service.context import Context
from services.csc.service.operators import Operators
from shared.db.session import DatabaseSession
from shared.db.states import StateKind
from shared.kit.text import Text
from shared.regulations.complaints import AddresseeKind
from shared.regulations.hearing import Complaint, StaffMember

ENTERPRISE = "enterprise"
"""Its code: there is one, and it is no centre."""


class CentreHouse:
    """The centres and their operators; an employment centre is not of the enterprise."""

    kind: StateKind[Complaint] = COMPLAINTS
    counters: StateKind[Counter] = COUNTERS

    def __init__(self, context: Context, operators: Operators) -> None:
        self._context = context
        self._operators = operators

    @property
    def staff(self) -> list[StaffMember]:
        """Every operator."""
        return [self.member(operator) for operator in self._operators]

    def member(self, operator: Operator) -> StaffMember:
        """An operator as somebody who works on complaints."""
        of_enterprise = operator.role == "enterprise_head"
        organisation = ENTERPRISE if of_enterprise else operator.centre
        hears = of_enterprise or operator.role == "head"
        return StaffMember(operator.login, operator.name, operator.iin, organisation, hears)

    def organisations(self, addressee: AddresseeKind, regulation: str) -> Mapping[str, Text]:
        """By code, who is such an addressee here; none for one of the provider's."""
        centres = self._context.centres.values()
        if addressee is AddresseeKind.CENTRE:
            return {one.code: one.name for one in centres if one.kind is not CentreKind.EMPLOYMENT_CENTRE}
        stated = self._context.regulations[regulation].complaints
        if addressee is not AddresseeKind.ENTERPRISE or stated is None:
            return {}
        return {ENTERPRISE: stated.addressees[addressee].name}

    async def deciders(self, session: DatabaseSession, application: str) -> list[str]:
        """Nobody: a centre decides nothing."""
        del session, application
        return []
