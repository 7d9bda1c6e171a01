"""What every use case of the provider works with: the law, the organisations, the calendars; and one matter at work."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Any

from services.provider.domain.matter import Matter
from services.provider.domain.register import Counter, counter_name, register_key, register_number
from services.provider.domain.tasks import Chain
from services.provider.repository import COUNTERS, MATTERS
from services.provider.service.autopilot import Autopilot
from services.provider.service.organisations import Organisation, Organisations
from shared.db.states import StateKey
from shared.messaging.work import Work
from shared.regulations.calendar import Calendars, WorkCalendar
from shared.regulations.hours import Beginning, beginning
from shared.regulations.loader import Regulations
from shared.regulations.model import Regulation
from shared.regulations.procedure import tasks_of
from shared.regulations.terms import Act

NUMBERED: Mapping[Act, str] = {Act.REGISTER: "register", Act.RECORD: "book", Act.CONCLUDE_CONTRACT: "contract"}
"""Acts that give a number, and the register it is from."""
REGISTER = "register"


class Context:
    """The unchanging part."""

    def __init__(
        self,
        regulations: Regulations,
        organisations: Organisations,
        calendars: Calendars,
        autopilot: Autopilot,
        *,
        verification_url: str,
        keeps_hours: bool = False,
        centres: Collection[str] = (),
        place_loads: Callable[[Regulation, str], list[StateKey]] = lambda _regulation, _bin: [],
        take_place: Callable[["Case"], bool] = lambda _case: False,
        settle: Callable[["Case"], None] = lambda _case: None,
    ) -> None:
        self.regulations = regulations
        self.organisations = organisations
        self.calendars = calendars
        self.autopilot = autopilot
        self.verification_url = verification_url
        self.keeps_hours = keeps_hours
        """Whether the autopilot works in office hours only, also where the text lets it go on at night."""
        self.centres = frozenset(centres)
        self.place_loads = place_loads
        """The places that may be given out with a service of an organisation."""
        self.take_place = take_place
        """Takes a place for the child of a matter, if there is one and the service gives any."""
        self.settle = settle
        """What follows for places and their queue when a result leaves."""
        self._chains: dict[tuple[str, str, str], Chain] = {}

    @property
    def zone(self) -> tzinfo:
        """Whose days count."""
        return self.calendars.zone

    def chain(self, regulation: Regulation, channel: str, variant: str) -> Chain:
        """The tasks of that case, made once."""
        key = (regulation.id, channel, variant)
        if key not in self._chains:
            self._chains[key] = Chain(tasks_of(regulation, channel, variant))
        return self._chains[key]

    def local(self, at: datetime) -> datetime:
        """``at`` by the clock on the wall."""
        return at.astimezone(self.zone)

    def counters(self, provider_bins: Iterable[str], at: datetime, registers: Iterable[str]) -> list[StateKey]:
        """The counters of these registers, also of the next year: it may turn between loading and numbering."""
        year, names = self.local(at).year, sorted(registers)
        return [
            (COUNTERS, counter_name(name, number, year + ahead))
            for number in sorted(provider_bins)
            for name in names
            for ahead in (0, 1)
        ]

    def loads(self, matter: Matter, at: datetime) -> list[StateKey]:
        """What working on a matter may need: itself, and the registers its procedure enters something in."""
        acts = {act for plan in self.chain_of(matter).plans for act in plan.acts}
        registers = {REGISTER, *(NUMBERED[act] for act in acts if act in NUMBERED)}
        return [
            (MATTERS, matter.application),
            *self.autopilot.loads,
            *self.counters([matter.provider_bin], at, registers),
            *self.place_loads(self.regulations[matter.regulation], matter.provider_bin),
        ]

    def chain_of(self, matter: Matter) -> Chain:
        """The tasks of a matter."""
        return self.chain(self.regulations[matter.regulation], matter.channel, matter.variant)

    def case(self, work: Work, matter: Matter, form: Mapping[str, Any]) -> "Case":
        """A matter at work. Raises ``LookupError`` if nobody here can sign for its organisation."""
        regulation = self.regulations[matter.regulation]
        organisation = self.organisations.of_bin(matter.provider_bin)
        if organisation is None:
            raise LookupError(f"nobody can sign for the organisation {matter.provider_bin}")
        return Case(
            context=self,
            work=work,
            matter=matter,
            regulation=regulation,
            organisation=organisation,
            chain=self.chain(regulation, matter.channel, matter.variant),
            calendar=self.calendars.office_of(regulation, matter.channel),
            form=form,
        )


@dataclass
class Case:
    """One matter inside one unit of work, with everything that is decided by. ``matter`` is the current one."""

    context: Context
    work: Work
    matter: Matter
    regulation: Regulation
    organisation: Organisation
    chain: Chain
    calendar: WorkCalendar
    form: Mapping[str, Any]

    def change(self, **changes: Any) -> None:
        """Other values for these fields of the matter."""
        self.matter = replace(self.matter, **changes)

    def keep(self) -> Matter:
        """Save the matter as it is now, and wake who waits for it."""
        self.matter = self.matter.watched()
        self.work.put(MATTERS, self.matter)
        self.work.touch(self.matter.application)
        return self.matter

    def next_number(self, register: str) -> tuple[str, str]:
        """The next number of a register of the organisation, without gaps; with the key by which it sorts."""
        at = self.context.local(self.work.now)
        name = counter_name(register, self.organisation.bin, at.year)
        counter = (self.work.get(COUNTERS, name) or Counter(name)).next()
        self.work.put(COUNTERS, counter)
        key = register_key(self.organisation.bin, at, counter.last)
        return register_number(at, counter.last), key

    @property
    def begun(self) -> Beginning:
        """From when its terms run."""
        registered_at = self.matter.registered_at
        submitted_at = self.matter.submitted_at or registered_at
        return beginning(self.regulation, self.matter.channel, self.calendar, submitted_at, registered_at)

    @property
    def over_the_counter(self) -> bool:
        """Whether the application came to the organisation's own people, not through the gateway."""
        return self.matter.intake is not None
