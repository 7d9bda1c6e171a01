"""What every driver of a path works with: the stand, its people and its time."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import httpx

from services.stand.addresses import Addresses
from services.stand.auditor import as_auditor
from services.stand.paths.derive import PathPlan
from services.stand.paths.pace import Pace
from shared.kit.clock import Clock
from shared.kit.iin import birth_date_of
from shared.messages.registry import Part
from shared.regulations.actions import Action
from shared.regulations.calendar import Calendars
from shared.regulations.documents import expected_from_registries, to_hand_in
from shared.regulations.hours import beginning, counter_closed, gives_by_hand, next_working_day
from shared.regulations.loader import Regulations
from shared.regulations.model import Channel, Regulation
from shared.regulations.procedure import tasks_of, term_of
from shared.regulations.samples import NoSample, Person, Sample, sample_form

_LOOK_S = 3
"""For how long one look at the journal waits for the run to end."""
_LOOKS = 10
_MARGIN = timedelta(minutes=1)


class Stuck(RuntimeError):
    """The run does not come to its end."""


class NotTaken(Stuck):
    """Whoever was asked does not take such an application (409)."""


Attend = Callable[[dict[str, Any]], Awaitable[None]]
"""Looks after a run under way, given its journal so far: supplies what is asked for, collects what is ready."""


@dataclass(frozen=True)
class Journey:
    """A path that was begun: the id under which it is journaled, and who looks after it from now on."""

    application: str
    attend: Attend | None = None


@dataclass
class Stage:
    """One run's view of the stand."""

    http: httpx.AsyncClient
    addresses: Addresses
    clock: Clock
    pace: Pace
    regulations: Regulations
    calendars: Calendars
    people: list[dict[str, Any]] = field(default_factory=list)
    auditor: httpx.Auth = field(default_factory=as_auditor)

    def law(self, plan: PathPlan) -> tuple[Regulation, Channel]:
        """The regulation and the channel of a path."""
        regulation = self.regulations[plan.regulation]
        return regulation, regulation.channel(plan.channel)

    def person(self, kind: str = "ordinary") -> dict[str, Any]:
        """The first demo person whose certificate is of that kind. Raises ``LookupError``."""
        found = next((person for person in self.people if person["kind"] == kind), None)
        if found is None:
            raise LookupError(f"the stand has no person with a certificate of the kind {kind!r}")
        return found

    def sample(self, plan: PathPlan, person: dict[str, Any]) -> Sample:
        """A form that is the case of the path, made by ``person``; for a package to be refused, one that calls for
        papers. Raises ``NoSample``."""
        regulation, channel = self.law(plan)
        # Registries are asked about the child, or whose child it is, so it has to be one that they know, unless the
        # certificate ends the run before.
        known = plan.action is not Action.REFUSE_CERTIFICATE and any(
            q.about == "child" or Part.CHILDREN in q.include for q in channel.registry_queries
        )
        child = _named(max(person["children"], key=lambda child: str(child["iin"]))) if known else None
        born = birth_date_of(child.iin) if child else None
        make = partial(
            sample_form, regulation, plan.channel, plan.variant, _named(person), self.today(), child=child, born=born
        )
        if plan.action is not Action.REFUSE_PACKAGE:
            return make()
        claimed = (document for document in channel.documents if document.claimed_by)
        for claims in ({}, *({str(document.claimed_by): document.claimed_value} for document in claimed)):
            sample = make(claims=claims)
            if to_hand_in(channel, sample.form, expected_from_registries(channel)):
                return sample
        raise NoSample(f"{plan.name}: nobody has to hand anything in")

    def today(self) -> date:
        """The day it is at the stand, where the offices are."""
        return self.clock.now().astimezone(self.calendars.zone).date()

    async def journal(self, application: str, wait: float = 0) -> dict[str, Any]:
        """The journal of an application with its verdict; empty while there is none."""
        url = f"{self.addresses.of('gateway')}/journal/{application}"
        answer = await self.http.get(url, params={"wait": str(wait)}, auth=self.auditor, timeout=wait + 30)
        if answer.status_code == httpx.codes.NOT_FOUND:
            return {}
        found: dict[str, Any] = answer.raise_for_status().json()
        return found

    async def ended(self, plan: PathPlan, journey: "Journey") -> dict[str, Any]:
        """The journal once the run has come to an end, letting stand time pass where the procedure asks for it.

        Raises ``Stuck`` if nothing goes on any more.
        """
        journal: dict[str, Any] = {}
        for _ in range(_LOOKS):
            journal = await self.journal(journey.application, _LOOK_S)
            marks = [None, *(event["step"] for event in journal.get("marks", ()))]
            if journal.get("outcome") and marks.count(plan.mark) >= plan.times:
                return journal
            if journey.attend is not None:
                await journey.attend(journal)
            instant = self._goes_on_at(plan, journal)
            if instant is not None and instant > self.clock.now():
                await self.pace.until(instant + _MARGIN)
        last = [event["step"] for event in (*journal.get("steps", ()), *journal.get("tasks", ()))][-1:]
        raise Stuck(f"after {', '.join(last) or 'nothing'} the run does not go on")

    async def waited_for_opening(self, answer: httpx.Response) -> bool:
        """If it was refused as outside the hours, let time pass until it can be done; whether it was."""
        if answer.status_code != httpx.codes.CONFLICT or not str(answer.json()["type"]).endswith("outside-hours"):
            return False
        await self.pace.until(datetime.fromisoformat(answer.json()["opens_at"]) + _MARGIN)
        return True

    def _goes_on_at(self, plan: PathPlan, journal: dict[str, Any]) -> datetime | None:
        """Before when the task that is due cannot be done; ``None`` if it can be at once."""
        regulation, _ = self.law(plan)
        done = {task["step"]: datetime.fromisoformat(task["at"]) for task in journal.get("tasks", ())}
        following = next(
            (task for task in tasks_of(regulation, plan.channel, plan.variant) if task.id not in done), None
        )
        if following is None or not journal:
            return None
        calendar = self.calendars.office_of(regulation, plan.channel)
        begun = max(done.values(), default=datetime.fromisoformat(journal["steps"][-1]["at"]))
        found = [
            term_of(following, begun, beginning(regulation, plan.channel, calendar, begun), calendar, {}).not_before
        ]
        if not done and (waits := next_working_day(regulation, plan.channel, calendar, begun)):
            found.append(waits.opens_at)
        if gives_by_hand(plan.channel, following.acts):
            closed = counter_closed(regulation, plan.channel, calendar, self.clock.now())
            found.append(closed.opens_at if closed else None)
        return max((instant for instant in found if instant is not None), default=None)


def _named(person: dict[str, Any]) -> Person:
    names = person["names"]["ru"]
    return Person(person["iin"], names.get("surname", names["given_name"]), names["given_name"])


def require_success(answer: httpx.Response) -> httpx.Response:
    """``answer``, if it is one; raises ``Stuck`` with the words of the problem."""
    if answer.is_success:
        return answer
    try:
        problem = answer.json()
    except ValueError:
        problem = {}
    told = [str(problem.get(name)) for name in ("title", "detail", "faults") if problem.get(name)]
    kind = NotTaken if answer.status_code == httpx.codes.CONFLICT else Stuck
    raise kind(f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {'; '.join(told)}"[:500])
