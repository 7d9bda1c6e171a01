"""A visit meets what the visitor came for: the terms of its regulation, and what of them has passed."""

from services.csc.domain.matter import Matter
from services.csc.domain.people import Operator
from services.csc.repository import VISITS
from services.csc.service.context import Context
from services.csc.service.journal import journal_overdue
from shared.kit.errors import NotFound
from shared.messaging.work import Work
from shared.regulations import visits
from shared.regulations.visits import Visit


def timed(context: Context, visit: Visit) -> Visit:
    """The visit with the terms of its service, in the working time of its centre."""
    if visit.service is None:
        return visit
    centre = context.centres[visit.place]
    regulation, _ = context.offered(visit.service, centre.channel)
    return visits.timed(visit, regulation, centre.channel, context.working(centre, regulation))


def attend(work: Work, context: Context, operator: Operator, matter: Matter, visit_id: str) -> Visit:
    """The called visitor is served in ``matter``; a term that has passed is journaled. The visit has to be loaded.

    Raises ``NotFound`` (also for a visit at another centre), ``WrongState``.
    """
    visit = work.get(VISITS, visit_id)
    if visit is None or visit.place != operator.centre:
        raise NotFound("there is no such visit")
    met = timed(context, visit.for_matter(matter.id, matter.service))
    known, late = visits.noted(met, work.now)
    for what, due in late:
        journal_overdue(work, matter, what, due)
    work.put(VISITS, known)
    return known
