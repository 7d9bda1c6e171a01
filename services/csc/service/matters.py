"""Processes 1 and 2: a visitor comes, the operator chooses the service and enters whose matter it is; the consent."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.csc.domain.matter import Matter, new_matter
from services.csc.domain.papers import missing, unfinished
from services.csc.domain.people import Look, Operator
from services.csc.domain.states import State
from services.csc.errors import ConsentOutdated
from services.csc.repository import MATTERS, VISITS, queries
from services.csc.repository.queries import MatterLine
from services.csc.service.attendance import attend
from services.csc.service.context import Context, checked_id, log_look
from services.csc.service.journal import journal_step, put
from services.csc.service.operators import SignedIn
from services.csc.service.terms import Terms
from shared.crypto.canonical import canonical_json
from shared.db.states import StateKey
from shared.kit.clock import rfc3339
from shared.kit.errors import InvalidInput, NotFound
from shared.kit.text import Language
from shared.messaging.work import Work
from shared.regulations.actions import Action
from shared.regulations.enquiry import Enquiry
from shared.regulations.forms import form_schema, validate_form
from shared.regulations.model import Channel, Regulation
from shared.regulations.restrictions import require_open
from shared.web.until import CHANGE
from shared.web.wait import wait_until


@dataclass(frozen=True)
class MatterView:
    """A matter as the operator sees it: what was asked and answered, and what is left to do."""

    matter: Matter
    regulation: Regulation
    channel: Channel
    enquiries: list[Enquiry]
    missing: list[dict[str, Any]]
    unfinished: list[dict[str, str]]


class Matters:
    """Use cases at the window before any registry is asked, and looking at a matter."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._terms = Terms(context)

    def services(self, channel: str) -> list[Regulation]:
        """What can be applied for at centres that render ``channel``."""
        return self._context.services(channel)

    def form(self, service: str, channel: str, language: Language) -> dict[str, Any]:
        """The JSON Schema of the form. Raises ``NotFound``, ``ChannelNotOffered``."""
        regulation, found = self._context.offered(service, channel)
        if found.form is None:
            raise NotFound("this service has no form")
        return form_schema(regulation, channel, language)

    async def open_matter(self, caller: SignedIn, service: str, visit: str | None = None) -> MatterView:
        """The operator chooses the service; the sign-in was process 1. ``visit``: the one in the electronic queue with
        which the visitor was called. Raises ``NotFound``, ``ChannelNotOffered``, ``WrongState`` (visit)."""
        operator = caller.operator
        channel = self._context.centres[operator.centre].channel
        regulation, _ = self._context.offered(service, channel)
        loads: list[StateKey] = [] if visit is None else [(VISITS, checked_id(visit))]
        async with self._context.platform.runtime.work(loads) as work:
            matter = new_matter(
                work.new_id(),
                centre=operator.centre,
                operator=operator.login,
                service=regulation.id,
                channel=channel,
                at=work.now,
            )
            if visit is not None:
                matter = replace(matter, visit=visit)
                attend(work, self._context, operator, matter, visit)
            put(work, matter)
            journal_step(work, regulation, matter, Action.OPERATOR_SIGN_IN, at=caller.session.opened_at)
        return self._view(matter, [])

    async def enter_form(
        self, operator: Operator, matter_id: str, form: Mapping[str, Any], language: Language
    ) -> MatterView:
        """The applicant's and the representative's data; those of a power of attorney only if it is notarised.

        A faulty form changes nothing. Raises ``NotFound``, ``WrongState``, ``InvalidInput`` with every fault,
        ``ChannelRestricted`` if centres are not for an application like this one.
        """
        seen = await self._context.own(operator, matter_id)
        seen.entered(form, self._context.clock.now())  # no faults of a form nobody may change any more
        regulation, channel = self._context.law_of(seen)
        faults = [
            {"in": "body", "path": fault.path, "message": fault.message.pick(language)}
            for fault in validate_form(regulation, seen.channel, form)
        ]
        if faults:
            raise InvalidInput("the form does not fit its schema", faults=faults)
        canonical_json(dict(form))  # what has no canonical form (a number too great) could not be signed later
        facts = {**form, "centre": self._context.centre_of(seen).facts()}
        require_open(channel, facts)
        called_at = await self._called_at(seen)

        def change(work: Work, matter: Matter) -> Matter:
            entered = replace(matter.entered(form, work.now), variant=regulation.variant_of(matter.channel, facts))
            log_look(work, operator, entered, "form_entered")
            if matter.form is not None:
                return entered
            journal_step(work, regulation, entered, Action.RECEIVE_PACKAGE)
            # Whoever was called is being served since then; of others the centre only knows when it has their data.
            return self._terms.opened(entered, Action.ACCEPT_PACKAGE, called_at or work.now)

        return await self._changed(operator, matter_id, change)

    async def record_consent(self, operator: Operator, matter_id: str, version: str, given_by: str) -> MatterView:
        """The written consent to use data protected by law, on the centre's form: who gave it, to which text, when, and
        before whom. Raises ``ConsentOutdated`` for another text than the one in force, ``WrongState``."""
        seen = await self._context.own(operator, matter_id)
        required = self._context.law_of(seen)[1].consent
        if required is None:
            raise NotFound("no consent is needed for this service")
        if version != required.version:
            raise ConsentOutdated("the consent is to another text", version=required.version)
        if given_by == "representative" and not (seen.form or {}).get("representative"):
            message = "nobody represents the applicant"
            raise InvalidInput(message, faults=[{"in": "body", "path": "/given_by", "message": message}])

        def change(work: Work, matter: Matter) -> Matter:
            consent = {
                "id": work.new_id(),
                "version": required.version,
                "clause": required.clause,
                "given_by": given_by,
                "given_at": rfc3339(work.now),
                "recorded_by": operator.login,
            }
            return matter.consented(consent, work.now)

        return await self._changed(operator, matter_id, change)

    async def read(
        self,
        operator: Operator,
        matter_id: str,
        *,
        wait: float = 0,
        since: State | None = None,
        until: str = CHANGE,
    ) -> MatterView:
        """The matter; with ``wait`` once its state is not ``since`` (default: the one now), or nothing more comes by
        itself; with another ``until`` once it has been in that state, or in a final one.

        The look is in the access log. Raises ``NotFound``.
        """
        first = await self._context.own(operator, matter_id)
        known = since or first.state

        def done(matter: Matter) -> bool:
            if until == CHANGE:
                return matter.state is not known or matter.state.settled
            return matter.state.terminal or matter.state == until or any(m["state"] == until for m in matter.timeline)

        if wait > 0 and not (first.state.settled if until == CHANGE else done(first)):
            await wait_until(
                lambda: self._context.own(operator, matter_id),
                done,
                wait,
                self._context.changes,
                matter_id,
                share=operator.login,
            )
        return await self.look(operator, matter_id, "matter_read")

    async def look(self, operator: Operator, matter_id: str, look: Look) -> MatterView:
        """The matter as it is, with the look noted. Raises ``NotFound``."""
        async with self._context.platform.runtime.work([(MATTERS, checked_id(matter_id))]) as work:
            matter = self._context.owned(work.get(MATTERS, matter_id), operator)
            log_look(work, operator, matter, look)
        return await self.view(matter)

    async def view(self, matter: Matter) -> MatterView:
        """The matter with its enquiries, and what is left to do."""
        async with self._context.platform.database.session() as session:
            return self._view(matter, await queries.enquiries_of(session, matter))

    async def page(
        self, operator: Operator, *, state: State | None, before: str | None, limit: int, overdue: bool | None = None
    ) -> list[MatterLine]:
        """The matters of the operator's centre, newest first; without personal data."""
        async with self._context.platform.database.session() as session:
            return await queries.list_matters(
                session, operator.centre, state=state, before=before, limit=limit, overdue=overdue
            )

    def _view(self, matter: Matter, enquiries: list[Enquiry]) -> MatterView:
        regulation, channel = self._context.law_of(matter)
        lacking = missing(matter, channel, enquiries)
        return MatterView(matter, regulation, channel, enquiries, lacking, unfinished(matter))

    async def _changed(
        self, operator: Operator, matter_id: str, change: Callable[[Work, Matter], Matter]
    ) -> MatterView:
        async with self._context.platform.runtime.work([(MATTERS, checked_id(matter_id))]) as work:
            matter = put(work, change(work, self._context.owned(work.get(MATTERS, matter_id), operator)))
        return await self.view(matter)

    async def _called_at(self, matter: Matter) -> datetime | None:
        """When the visitor was called with whom it began."""
        if matter.visit is None:
            return None
        async with self._context.platform.database.session() as session:
            visit = (await VISITS.load(session, [matter.visit])).get(matter.visit)
        return visit.called_at if visit else None
