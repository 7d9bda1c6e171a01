"""Quality and efficiency of a service as its annex wants them measured: from what the provider has journaled.

The standard names columns (indicator, norm, target of the next year, value of this year) and no rows. Norms and targets
are approved by order every year (``norms``); here is what was measured.
"""

from dataclasses import dataclass
from datetime import datetime

from services.provider import repository
from services.provider.service.context import Context
from services.provider.service.officers import Officer, Officers
from shared.kit.errors import NotFound
from shared.kit.text import Text
from shared.messaging.platform import Platform

ELECTRONIC = frozenset({"portal", "mobile", "proactive"})
_NAMES = {
    "timeliness": Text(
        kk="Белгіленген мерзімде көрсетілген қызметтердің үлесі, %",
        ru="Доля услуг, оказанных в установленный срок, %",
        en="Services rendered in the term set, %",
    ),
    "tasks_in_time": Text(
        kk="Мерзімінде орындалған іс-қимылдардың үлесі, %",
        ru="Доля действий, выполненных в срок, %",
        en="Tasks of the procedure done in time, %",
    ),
    "granted": Text(
        kk="Оң нәтижемен аяқталған өтініштердің үлесі, %",
        ru="Доля заявлений с положительным результатом, %",
        en="Applications with a positive result, %",
    ),
    "electronic": Text(
        kk="Электрондық түрде түскен өтініштердің үлесі, %",
        ru="Доля заявлений, поступивших в электронном виде, %",
        en="Applications that came electronically, %",
    ),
    "complaints": Text(
        kk="Шағымдардың өтініштерге қатысты үлесі, %",
        ru="Доля жалоб к числу заявлений, %",
        en="Complaints per application, %",
    ),
    "justified_complaints": Text(
        kk="Негізделген шағымдардың үлесі, %",
        ru="Доля обоснованных жалоб, %",
        en="Complaints that were justified, %",
    ),
}
INDICATORS = tuple(_NAMES)
"""Their codes, in the order of the table."""


@dataclass(frozen=True)
class Indicator:
    """One row of the table. ``value`` in per cent; ``None``: there was nothing to measure."""

    code: str
    name: Text
    value: float | None
    counted: int
    of: int


class Quality:
    """The table of an organisation for one service and year."""

    def __init__(self, context: Context, officers: Officers) -> None:
        self._context = context
        self._officers = officers
        self._platform: Platform | None = None

    def open(self, platform: Platform) -> None:
        """Work with ``platform`` from now on."""
        self._platform = platform

    async def table(self, officer: Officer, regulation: str, year: int) -> list[Indicator]:
        """The indicators of the officer's organisation. Raises ``NotFound`` for an unknown regulation."""
        assert self._platform is not None, "the table is made with the platform"
        if regulation not in self._context.regulations:
            raise NotFound(f"there is no regulation {regulation!r}")
        since, until = (datetime(y, 1, 1, tzinfo=self._context.zone) for y in (year, year + 1))
        own = self._officers.organisation_of(officer).bin
        async with self._platform.database.session() as session:
            matters = await repository.counted_matters(session, own, regulation, since, until)
            tasks = await repository.counted_tasks(session, own, regulation, since, until)
            complaints = await repository.counted_complaints(session, own, regulation, since, until)
        closed = [matter for matter in matters if matter.closed]
        received, done = sum(matter.number for matter in matters), sum(matter.number for matter in closed)
        pairs = {
            "timeliness": (sum(matter.number for matter in closed if matter.in_time), done),
            "tasks_in_time": tasks,
            "granted": (sum(matter.number for matter in closed if matter.granted), done),
            "electronic": (sum(matter.number for matter in matters if matter.channel in ELECTRONIC), received),
            "complaints": (complaints[1], received),
            "justified_complaints": complaints,
        }
        return [
            Indicator(code, _NAMES[code], round(100 * part / whole, 1) if whole else None, part, whole)
            for code, (part, whole) in pairs.items()
        ]
