"""Whoever has complaints made to them among the organisations of this system: bodies, akimats, the Ministry."""

from collections.abc import Mapping

from services.provider import repository
from services.provider.domain.register import Counter
from services.provider.repository import COMPLAINTS, COUNTERS
from services.provider.service.context import Context
from services.provider.service.officers import Officer, Officers
from shared.db.session import DatabaseSession
from shared.db.states import StateKind
from shared.kit.text import Text
from shared.regulations.complaints import AddresseeKind
from shared.regulations.hearing import Complaint, StaffMember
from shared.regulations.terms import Act, Role

HEADS = frozenset({Role.HEAD, Role.AKIM, Role.HEAD_OF_PROVIDER})
MINISTRY, AKIMAT = "ministry", "akimat"
"""Kinds of organisations that render no service, and hear complaints."""


class ProviderHouse:
    """The organisations and their officers. Whoever renders a service is the authorised body (004, clause 1)."""

    kind: StateKind[Complaint] = COMPLAINTS
    counters: StateKind[Counter] = COUNTERS

    def __init__(self, context: Context, officers: Officers) -> None:
        self._context = context
        self._officers = officers

    @property
    def staff(self) -> list[StaffMember]:
        """Every officer; their organisation by its BIN."""
        return [self.member(officer) for officer in self._officers]

    def member(self, officer: Officer) -> StaffMember:
        """An officer as somebody who works on complaints."""
        own = self._officers.organisation_of(officer).bin
        return StaffMember(officer.login, officer.name, officer.iin, own, bool(HEADS & set(officer.roles)))

    def organisations(self, addressee: AddresseeKind, regulation: str) -> Mapping[str, Text]:
        """By BIN, who is such an addressee here; none for one of the centres."""
        organisations = self._context.organisations
        kinds = {AddresseeKind.MINISTRY: MINISTRY, AddresseeKind.AKIMAT: AKIMAT}
        if addressee is AddresseeKind.AUTHORISED_BODY:
            rendering = organisations.rendering(regulation)
            return {found.bin: found.name for found in organisations if found.bin in rendering}
        return {found.bin: found.name for found in organisations if found.kind == kinds.get(addressee)}

    async def deciders(self, session: DatabaseSession, application: str) -> list[str]:
        """Who decided the application, and who signed the act on it."""
        matter = await repository.find_matter(session, application)
        if matter is None:
            return []
        tasks = await repository.tasks_of(session, application)
        plans = {plan.id: plan for plan in self._context.chain_of(matter).plans}
        signed = [task.done_by for task in tasks if task.task in plans and Act.SIGN in plans[task.task].acts]
        return [login for login in (matter.decided_by, *signed) if login is not None]
