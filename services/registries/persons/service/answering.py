"""Answering queries about persons (process 3 of diagram 1: «о данных услугополучателя в ГБД ФЛ»)."""

from services.registries.common.domain import Finding, Outcome, Role, Seen
from services.registries.common.service.answers import AnswerDesk
from services.registries.persons.domain import FoundPersons, record_of, related, search_key
from services.registries.persons.repository import SEARCHES
from shared.db.states import StateKey
from shared.messages.registry import ByDocument, ByIIN, ByNames, PersonSearch, RegistryRequested
from shared.messaging.records import Received
from shared.messaging.work import Work

_MODES = (ByIIN, ByNames, ByDocument)


class PersonQueries:
    """What the persons registry does with messages."""

    def __init__(self, desk: AnswerDesk) -> None:
        self._desk = desk

    def loads_search(self, received: Received) -> list[StateKey]:
        """What the search finds, and what answering needs; nothing for a search that is not for this registry."""
        search = _search(received)
        return [] if search is None else [(SEARCHES, search_key(search)), *self._desk.loads()]

    def answer_query(self, work: Work, received: Received) -> None:
        """State who the person is, that the register has no such person, or that several fit."""
        request = self._desk.question(received, _MODES)
        search = _search(received)
        found = None if search is None else work.get(SEARCHES, search_key(search))
        self._desk.answer(work, received, request, finding_of(request, found))


def _search(received: Received) -> PersonSearch | None:
    payload = received.payload
    if isinstance(payload, RegistryRequested) and isinstance(payload.search, ByIIN | ByNames | ByDocument):
        return payload.search
    return None


def finding_of(request: RegistryRequested, found: FoundPersons | None) -> Finding:
    """What the registry states. Of several whom a search fits it tells nobody: a guess could be about the wrong one."""
    search = request.search
    sought = Seen(search.iin if isinstance(search, ByIIN) else None)
    if found is None or not found.persons:
        return Finding(Outcome.ABSENT, (sought,))
    if len(found.persons) > 1:
        return Finding(Outcome.AMBIGUOUS, (sought,))
    (person,) = found.persons
    # A part asked for twice is one part; the order of asking does not matter.
    include = sorted(set(request.include))
    relatives = dict.fromkeys(relative.iin for _, relative in related(person, include))
    return Finding(
        Outcome.FOUND,
        (Seen(person.person.iin), *(Seen(iin, Role.RELATIVE) for iin in relatives)),
        {
            "kind": "person_extract",
            "included": [part.value for part in include],
            "record": record_of(person, include),
        },
    )
