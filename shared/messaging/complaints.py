"""Complaints at work with whoever they are made to: taken, registered, considered, answered or refused consideration.

The same for every system that has addressees; what such a system knows of its own people it says as a ``House``.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, Protocol

from shared.db.complaints import list_complaints
from shared.db.session import DatabaseSession
from shared.db.states import StateKey, StateKind
from shared.kit.clock import rfc3339
from shared.kit.errors import InvalidInput, NotFound
from shared.kit.text import Text
from shared.messages.complaints import ComplaintUpdated
from shared.messages.systems import System
from shared.messages.types import MessageType
from shared.messaging.complaint_papers import print_paper
from shared.messaging.platform import Platform
from shared.messaging.work import Work
from shared.printing.page import PrintLanguage
from shared.regulations.calendar import Calendars
from shared.regulations.complaints import AddresseeKind, ComplaintLevel, Complaints, Way
from shared.regulations.errors import ComplainedOf, ComplaintClosed, ComplaintNotProvided, OutsideHours, WrongRole
from shared.regulations.hearing import Complaint, ComplaintState, StaffMember
from shared.regulations.loader import Regulations


class House(Protocol):
    """What a system knows of whoever complaints are made to there."""

    kind: StateKind[Complaint]
    counters: StateKind[Any]

    @property
    def staff(self) -> Collection[StaffMember]:
        """Everybody with a login."""

    def organisations(self, addressee: AddresseeKind, regulation: str) -> Mapping[str, Text]:
        """Who is such an addressee here, for that regulation: code or BIN, and name."""

    async def deciders(self, session: DatabaseSession, application: str) -> list[str]:
        """The logins that decided an application."""


@dataclass(frozen=True)
class HandedIn:
    """A complaint as it is brought to somebody. ``addressee``: ``None`` for the first of the level that is here;
    ``accused``: logins of who is complained of, as far as they are known."""

    regulation: str
    level: str
    addressee: AddresseeKind | None
    way: Way
    content: Mapping[str, Any]
    application: str | None
    signed: bool
    accused: tuple[str, ...] = ()


class ComplaintDesk:
    """Use cases of who takes and who answers complaints. What another organisation has does not exist (``NotFound``).
    Whoever is complained of gets ``ComplainedOf``, whatever they try."""

    def __init__(self, house: House, regulations: Regulations, calendars: Calendars) -> None:
        self.house = house
        self._regulations = regulations
        self._calendars = calendars
        self._platform: Platform | None = None

    def open(self, platform: Platform) -> None:
        """Work with ``platform`` from now on."""
        self._platform = platform

    async def take(self, member: StaffMember, brought: HandedIn) -> Complaint:
        """Take a complaint that is handed in, or told by telephone; whoever makes it gets the slip.

        Raises ``NotFound``, ``ComplaintNotProvided`` where the text has none, or not so; ``InvalidInput`` for a paper
        without the complainant's signature; ``OutsideHours`` when none are taken.
        """
        stated = self.stated(brought.regulation)
        level = stated_level(stated, brought.regulation, brought.level, brought.way)
        if brought.way is Way.WRITTEN and not brought.signed:
            raise _wrong("/signed", f"the complaint has to be signed (clause {stated.fields_clause})")
        self._require_known(member, brought.accused)
        here = [
            kind
            for kind in level.addressees
            if member.organisation in self.house.organisations(kind, brought.regulation)
        ]
        addressee = brought.addressee or next(iter(here), None)
        if addressee not in here:
            at = [
                {"addressee": kind.value, "name": stated.addressees[kind].name.model_dump()}
                for kind in level.addressees
            ]
            raise ComplaintNotProvided("such a complaint is not made to this organisation", addressees=at)
        deciders = await self._deciders(level, brought.application)
        async with self._numbering(member.organisation) as work:
            if brought.way is Way.WRITTEN:
                self._require_open(level, work)
            content = {**brought.content, "signed": brought.signed, "clause": stated.fields_clause}
            complaint = Complaint(
                id=work.new_id(),
                organisation=member.organisation,
                addressee=addressee.value,
                regulation=brought.regulation,
                level=level.code,
                way=brought.way.value,
                application=brought.application,
                content=content,
                state=ComplaintState.DELIVERED.value,
                received_at=work.now,
                accused=list(brought.accused),
            )
            self._require_unconcerned(member, complaint, deciders)
            return self._registered(work, member, complaint)

    async def register(self, member: StaffMember, complaint_id: str, accused: tuple[str, ...] = ()) -> Complaint:
        """Register what came electronically; the cabinet shows the slip then. Raises ``ComplaintClosed`` if it is
        registered otherwise, ``InvalidInput`` for a login that nobody there has."""
        self._require_known(member, accused)
        deciders = await self._found(member, complaint_id)
        async with self._numbering(member.organisation, complaint_id) as work:
            complaint = self._own(member, work.get(self.house.kind, complaint_id))
            self._require_unconcerned(member, complaint, deciders)
            if complaint.state != ComplaintState.DELIVERED:
                raise ComplaintClosed("the complaint is registered", state=complaint.state)
            complaint = replace(complaint, accused=sorted({*complaint.accused, *accused}))
            return self._registered(work, member, complaint)

    async def take_up(self, member: StaffMember, complaint_id: str) -> Complaint:
        """The head begins to consider it. Raises ``WrongRole``, ``ComplaintClosed``."""
        async with self._hearing(member, complaint_id) as (work, complaint):
            if complaint.state == ComplaintState.IN_CONSIDERATION:
                return complaint
            _require(complaint, ComplaintState.REGISTERED)
            return self._keep(work, complaint.moved(ComplaintState.IN_CONSIDERATION, member.login, work.now))

    async def answer(self, member: StaffMember, complaint_id: str, text: str, *, justified: bool) -> Complaint:
        """The head answers in writing, once; the answer goes by post, and to the cabinet of who complained there.

        Raises ``WrongRole`` for anybody else, ``ComplaintClosed`` for another answer than the first.
        """
        said = {"text": text, "justified": justified}
        return await self._end(member, complaint_id, ComplaintState.CONSIDERED, said)

    async def refuse(self, member: StaffMember, complaint_id: str, reason: str) -> Complaint:
        """The head refuses to consider it, and says why, in the same way. Raises as ``answer`` does."""
        said = {"text": reason, "justified": None}
        return await self._end(member, complaint_id, ComplaintState.REFUSED_CONSIDERATION, said)

    async def pass_on(self, member: StaffMember, complaint_id: str) -> Complaint:
        """Give a complaint that nobody here may answer to whoever answers in their place.

        Raises ``ComplaintClosed`` if somebody here may, if it is answered, or if there is nobody above.
        """
        deciders = await self._found(member, complaint_id)
        async with self._opened().runtime.work([(self.house.kind, complaint_id)]) as work:
            complaint = self._own(member, work.get(self.house.kind, complaint_id))
            if complaint.ended:
                raise ComplaintClosed("the complaint has its answer", state=complaint.state)
            staff = self.house.staff
            hearers = [one for one in staff if one.organisation == complaint.organisation and one.hears]
            if any(not complaint.is_against(one, staff, deciders) for one in hearers):
                raise ComplaintClosed("the head of the organisation may answer it", state=complaint.state)
            above = self.stated(complaint.regulation).addressees[AddresseeKind(complaint.addressee)].passed_on_to
            found = self.house.organisations(above, complaint.regulation) if above else {}
            if above is None or not found:
                raise ComplaintClosed("nobody answers in their place; the court is left", state=complaint.state)
            noted = {"state": "passed_on", "by": member.login, "at": rfc3339(work.now), "from": complaint.organisation}
            history = [*complaint.history, noted]
            moved = replace(complaint, organisation=next(iter(found)), addressee=above.value, history=history)
            return self._keep(work, moved)

    async def listed(self, member: StaffMember, *, before: str | None, limit: int) -> list[Complaint]:
        """Those that the member's organisation has, newest first."""
        async with self._opened().database.session() as session:
            return await list_complaints(session, self.house.kind, member.organisation, before=before, limit=limit)

    async def printed(self, member: StaffMember, complaint_id: str, language: PrintLanguage, *, answer: bool) -> bytes:
        """The slip, or the written answer, as a PDF. Raises ``NotFound``."""
        async with self._opened().database.session() as session:
            complaint = self._own(member, await self.house.kind.find(session, complaint_id))
        if complaint.accepted_at is None:
            raise NotFound("the complaint is not registered yet")
        if answer and complaint.answer is None:
            raise NotFound("the complaint is not answered yet")
        law, zone = self._regulations[complaint.regulation], self._calendars.zone
        return await asyncio.to_thread(print_paper, complaint, law, zone, language, answer=answer)

    def addressees(self, regulation: str) -> list[tuple[ComplaintLevel, AddresseeKind, Mapping[str, Text]]]:
        """To whom of this system what may be complained of. Raises ``NotFound``, ``ComplaintNotProvided``."""
        levels = self.stated(regulation).levels
        found = [
            (level, kind, self.house.organisations(kind, regulation)) for level in levels for kind in level.addressees
        ]
        return [row for row in found if row[2]]

    def stated(self, regulation_id: str) -> Complaints:
        """What the text has on complaints. Raises ``NotFound``, ``ComplaintNotProvided``."""
        return stated_complaints(self._regulations, regulation_id)

    # -- within a unit of work -------------------------------------------------------------------------------

    async def _end(self, member: StaffMember, complaint_id: str, to: ComplaintState, said: dict[str, Any]) -> Complaint:
        async with self._hearing(member, complaint_id) as (work, complaint):
            answer = {**said, "by": member.login, "name": member.name, "sent_by": "post"}
            if complaint.ended:
                if (complaint.state, complaint.answer) == (to, answer):
                    return complaint
                raise ComplaintClosed("the complaint has its answer", state=complaint.state)
            if complaint.state == ComplaintState.DELIVERED:
                raise ComplaintClosed("the complaint is not registered", state=complaint.state)
            return self._keep(work, complaint.moved(to, member.login, work.now, answer=answer, answered_at=work.now))

    def _registered(self, work: Work, member: StaffMember, complaint: Complaint) -> Complaint:
        """With the next number of the organisation, and who accepted it."""
        counters, year = self.house.counters, work.now.astimezone(self._calendars.zone).year
        name = _counter(complaint.organisation, year)
        counter = (work.get(counters, name) or counters.record(name)).next()
        work.put(counters, counter)
        accepted = {"accepted_at": work.now, "accepted_by": member.login, "accepted_by_name": member.name}
        number = f"{year}-{counter.last:06d}"
        moved = complaint.moved(ComplaintState.REGISTERED, member.login, work.now, number=number, **accepted)
        return self._keep(work, moved)

    def _keep(self, work: Work, complaint: Complaint) -> Complaint:
        work.put(self.house.kind, complaint)
        tell(work, complaint)
        return complaint

    @asynccontextmanager
    async def _hearing(self, member: StaffMember, complaint_id: str) -> AsyncIterator[tuple[Work, Complaint]]:
        """A complaint in the hands of a head who may answer it."""
        deciders = await self._found(member, complaint_id)
        async with self._opened().runtime.work([(self.house.kind, complaint_id)]) as work:
            complaint = self._own(member, work.get(self.house.kind, complaint_id))
            if not member.hears:
                raise WrongRole("the head answers a complaint", role="head")
            self._require_unconcerned(member, complaint, deciders)
            yield work, complaint

    @asynccontextmanager
    async def _numbering(self, organisation: str, *complaints: str) -> AsyncIterator[Work]:
        platform = self._opened()
        year = platform.clock.now().astimezone(self._calendars.zone).year
        # The year may turn between loading and numbering.
        keys: list[StateKey] = [(self.house.counters, _counter(organisation, year + ahead)) for ahead in (0, 1)]
        async with platform.runtime.work([*keys, *((self.house.kind, name) for name in complaints)]) as work:
            yield work

    def _require_unconcerned(self, member: StaffMember, complaint: Complaint, deciders: Collection[str]) -> None:
        if complaint.is_against(member, self.house.staff, deciders):
            raise ComplainedOf("the complaint is against you: somebody else answers it, or it is passed on")

    async def _found(self, member: StaffMember, complaint_id: str) -> list[str]:
        """Who decided what the complaint is about; neither ever changes. Raises ``NotFound``."""
        async with self._opened().database.session() as session:
            complaint = self._own(member, await self.house.kind.find(session, complaint_id))
        return await self._deciders(self.stated(complaint.regulation).level(complaint.level), complaint.application)

    async def _deciders(self, level: ComplaintLevel | None, application: str | None) -> list[str]:
        if level is None or not level.of_the_decision or application is None:
            return []
        async with self._opened().database.session() as session:
            return await self.house.deciders(session, application)

    def _require_known(self, member: StaffMember, accused: Collection[str]) -> None:
        known = {one.login for one in self.house.staff if one.organisation == member.organisation}
        if not set(accused) <= known:
            raise _wrong("/accused", "nobody of the organisation has this login")

    def _require_open(self, level: ComplaintLevel, work: Work) -> None:
        if level.hours is None:
            return
        calendar = self._calendars.keeping(level.hours)
        if not calendar.is_open(work.now):
            opens_at = rfc3339(calendar.opens_at(work.now))
            raise OutsideHours("complaints are not taken now", opens_at=opens_at, clause=level.clause)

    def _own(self, member: StaffMember, complaint: Complaint | None) -> Complaint:
        if complaint is None or complaint.organisation != member.organisation:
            raise NotFound("there is no such complaint")
        return complaint

    def _opened(self) -> Platform:
        assert self._platform is not None, "complaints are opened with the platform"
        return self._platform


def tell(work: Work, complaint: Complaint) -> None:
    """Tell the portal where a complaint stands that came from there."""
    if complaint.reference is None:
        return
    answer = complaint.answer or {}
    update = ComplaintUpdated.model_validate(
        {
            "state": complaint.state,
            "at": work.now,
            "addressee": complaint.addressee,
            "organisation": complaint.organisation,
            "number": complaint.number,
            "accepted_at": complaint.accepted_at,
            "accepted_by": complaint.accepted_by_name,
            "text": answer.get("text"),
            "answered_by": answer.get("name"),
            "justified": answer.get("justified"),
        }
    )
    work.send(
        MessageType.COMPLAINT_UPDATED,
        System.PORTAL,
        complaint.reference,
        update,
        regulation=complaint.regulation,
        request_digest=complaint.request_digest,
    )


def stated_complaints(regulations: Regulations, regulation_id: str) -> Complaints:
    """What the text of a regulation has on complaints. Raises ``NotFound``, ``ComplaintNotProvided``."""
    regulation = regulations.get(regulation_id)
    if regulation is None:
        raise NotFound(f"there is no regulation {regulation_id!r}")
    if regulation.complaints is None:
        raise ComplaintNotProvided(f"{regulation_id} says nothing of complaints")
    return regulation.complaints


def stated_level(stated: Complaints, regulation: str, code: str, way: Way) -> ComplaintLevel:
    """The level, if the text gives it that way. Raises ``ComplaintNotProvided`` with what there is."""
    level = stated.level(code)
    if level is None:
        levels = [{"level": known.code, "clause": known.clause} for known in stated.levels]
        raise ComplaintNotProvided(f"{regulation} has no complaint of the level {code!r}", levels=levels)
    if way not in level.ways:
        ways = [{"way": known.value, "clause": clause} for known, clause in level.ways.items()]
        raise ComplaintNotProvided(f"such a complaint is not made in the way {way.value!r}", ways=ways)
    return level


def _require(complaint: Complaint, state: ComplaintState) -> None:
    if complaint.state != state:
        raise ComplaintClosed(f"the complaint is not {state.value}", state=complaint.state)


def _wrong(path: str, message: str) -> InvalidInput:
    return InvalidInput(faults=[{"in": "body", "path": path, "message": message}])


def _counter(organisation: str, year: int) -> str:
    return f"complaints/{organisation}/{year}"
