"""What becomes due without anybody doing anything: silent registries, terms that pass, and results nobody comes for."""

from services.csc.repository import ISSUED_DOCUMENTS, MATTERS, VISITS, queries
from services.csc.service.context import Context
from services.csc.service.enquiries import Enquiries, loads_for
from services.csc.service.results import Results
from services.csc.service.terms import Terms
from services.csc.service.visits import Visits
from shared.db.states import StateKey

_AT_ONCE = 100


class Watch:
    """Does what is due; whoever hosts the centre calls it again and again."""

    def __init__(self, context: Context, enquiries: Enquiries, results: Results, visits: Visits) -> None:
        self._context = context
        self._enquiries = enquiries
        self._results = results
        self._visits = visits
        self._terms = Terms(context)

    async def turn(self) -> int:
        """Do what is due; how many things that were."""
        platform, now = self._context.platform, self._context.clock.now()
        async with platform.database.session() as session:
            silent = await queries.due_enquiries(session, now, _AT_ONCE)
            late = await queries.overdue_matters(session, now, _AT_ONCE)
            waiting = await queries.overdue_visits(session, now, _AT_ONCE)
            kept = await queries.uncollected(session, now, _AT_ONCE)
        for matter_id in silent:
            async with platform.runtime.work(loads_for(matter_id)) as work:
                self._enquiries.ask_again(work, matter_id)
        for matter_id in late:
            async with platform.runtime.work([(MATTERS, matter_id)]) as work:
                self._terms.note_overdue(work, matter_id)
        for visit in waiting:
            loads: list[StateKey] = [(VISITS, visit.id), *([(MATTERS, visit.matter)] if visit.matter else [])]
            async with platform.runtime.work(loads) as work:
                self._visits.note_overdue(work, visit.id)
        for matter_id in kept:
            async with platform.runtime.work([(MATTERS, matter_id), (ISSUED_DOCUMENTS, matter_id)]) as work:
                self._results.return_uncollected(work, matter_id)
        return len(silent) + len(late) + len(waiting) + len(kept)
