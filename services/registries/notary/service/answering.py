"""Answering queries about powers of attorney (process 3 of diagram 1: «в ЕНИС – о данных доверенности
представителя»)."""

from services.registries.common.domain import Finding, Outcome, Role, Seen
from services.registries.common.service.answers import AnswerDesk
from services.registries.notary.domain import FoundPowers, record_of, search_key
from services.registries.notary.repository import SEARCHES
from shared.db.states import StateKey
from shared.messages.registry import ByParties, ByRegisterNumber, PowerOfAttorneySearch, RegistryRequested
from shared.messaging.records import Received
from shared.messaging.work import Work

_MODES = (ByRegisterNumber, ByParties)


class PowerQueries:
    """What the notary registry does with messages."""

    def __init__(self, desk: AnswerDesk) -> None:
        self._desk = desk

    def loads_search(self, received: Received) -> list[StateKey]:
        """What the search finds, and what answering needs; nothing for a search that is not for this registry."""
        search = _search(received)
        return [] if search is None else [(SEARCHES, search_key(search)), *self._desk.loads()]

    def answer_query(self, work: Work, received: Received) -> None:
        """State what the register has; whether it suffices is for the asker to say."""
        request = self._desk.question(received, _MODES)
        search = _search(received)
        found = None if search is None else work.get(SEARCHES, search_key(search))
        self._desk.answer(work, received, request, finding_of(request, found))


def _search(received: Received) -> PowerOfAttorneySearch | None:
    payload = received.payload
    if isinstance(payload, RegistryRequested) and isinstance(payload.search, ByRegisterNumber | ByParties):
        return payload.search
    return None


def finding_of(request: RegistryRequested, found: FoundPowers | None) -> Finding:
    """What the registry states. A number names one act: if two notaries used it, nothing is told. Parties may have
    many."""
    search = request.search
    if found is None or not found.powers:
        return Finding(Outcome.ABSENT, _sought(search))
    if len(found.powers) > 1 and not isinstance(search, ByParties):
        return Finding(Outcome.AMBIGUOUS, _sought(search))
    seen = [Seen(entry.principal_iin, Role.PRINCIPAL) for entry in found.powers]
    seen += [Seen(entry.attorney_iin, Role.ATTORNEY) for entry in found.powers]
    statement = {
        "kind": "powers_of_attorney_extract",
        "record": {"powers_of_attorney": [record_of(entry) for entry in found.powers]},
    }
    return Finding(Outcome.FOUND, tuple(dict.fromkeys(seen)), statement)


def _sought(search: object) -> tuple[Seen, ...]:
    if isinstance(search, ByParties):
        return Seen(search.principal_iin, Role.PRINCIPAL), Seen(search.attorney_iin, Role.ATTORNEY)
    return (Seen(None),)
