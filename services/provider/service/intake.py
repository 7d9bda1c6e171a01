"""The organisation's own counter: an application is entered with its papers, compared, signed and registered there."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.provider.domain.matter import Matter
from services.provider.errors import NotServedHere
from services.provider.repository import VISITS
from services.provider.service import acts, procedure
from services.provider.service.acts import Doing
from services.provider.service.context import NUMBERED, REGISTER, Case
from services.provider.service.enquiries import Enquiries
from services.provider.service.keys import OfficerKeys
from services.provider.service.matters import Matters
from services.provider.service.officers import Officer, Officers
from services.provider.service.organisations import Organisation, Signatory
from services.provider.service.visits import Visits
from shared.crypto.canonical import canonical_json
from shared.crypto.cms import sign_document
from shared.kit.clock import rfc3339
from shared.kit.errors import InvalidInput
from shared.kit.ids import uuid7
from shared.messaging.platform import Platform
from shared.messaging.steps import find_step, take_step
from shared.regulations.actions import Action
from shared.regulations.errors import ChannelNotOffered, WrongRole
from shared.regulations.forms import validate_form
from shared.regulations.model import Channel, Regulation
from shared.regulations.restrictions import require_open
from shared.regulations.terms import Act, Role

_AT_THE_COUNTER = frozenset({Act.SUBMIT, Act.REGISTER, Act.GIVE_RECEIPT, Act.PASS_ON})
"""What is done while the visitor stands there; a task of nothing else is done with the acceptance."""


@dataclass(frozen=True)
class Submission:
    """What a visitor hands in: the form as the officer enters it, and the codes of the papers shown."""

    regulation: str
    channel: str
    form: Mapping[str, Any]
    papers: Sequence[str] = ()
    originals_returned: bool = False
    visit: str | None = None
    """In the electronic queue, with which the visitor was called."""


class Intake:
    """Use cases of the counter: of a provider's chancery, an employment centre, an akim."""

    def __init__(
        self, matters: Matters, officers: Officers, keys: OfficerKeys, enquiries: Enquiries, visits: Visits
    ) -> None:
        self._matters = matters
        self._enquiries = enquiries
        self._visits = visits
        self._officers = officers
        self._keys = keys
        self._platform: Platform | None = None

    def open(self, platform: Platform) -> None:
        """Work with ``platform`` from now on."""
        self._platform = platform

    async def accept(self, officer: Officer, submission: Submission) -> Matter:
        """Take an application over the counter: it is registered, the originals are back with the visitor, and the
        procedure begins.

        Raises ``NotFound`` for an unknown regulation; ``ChannelNotOffered`` and ``ChannelRestricted`` with the clause;
        ``InvalidInput`` with every fault of form and papers, or for a visit nobody was called with; ``NotServedHere``,
        ``WrongRole``, ``NoOfficerKey``; ``WrongState`` for a visit that is not at the counter.
        """
        assert self._platform is not None, "the counter is opened with the platform"
        platform, context = self._platform, self._matters.context
        regulation, channel = context.regulations.find(submission.regulation, submission.channel)
        if find_step(regulation, submission.channel, Action.ACCEPT_APPLICATION) is None:
            raise ChannelNotOffered(
                f"{regulation.id} takes nothing over the provider's counter in the channel {submission.channel!r}",
                clause=channel.clause,
            )
        faults = _faults(regulation, channel, submission)
        if faults:
            raise InvalidInput(faults=faults)
        require_open(channel, submission.form)
        organisation = self._organisation(officer, regulation, submission)
        variant = regulation.variant_of(submission.channel, submission.form)
        chain = context.chain(regulation, submission.channel, variant)
        first = next((plan for plan in chain.plans if plan.role is not Role.RECIPIENT), None)
        if first is not None and first.role not in officer.roles:
            raise WrongRole(
                f"applications are taken by: {first.role.value}", role=first.role.value, clause=first.clause
            )
        signatory, now = await self._keys.of(officer, platform), platform.clock.now()
        application = uuid7(platform.clock)
        content = canonical_json(_document(application, officer, organisation, submission, now))
        registers = {REGISTER, *(NUMBERED[act] for plan in chain.plans for act in plan.acts if act in NUMBERED)}
        loads = [*context.autopilot.loads, *context.counters([organisation.bin], now, registers)]
        loads += context.place_loads(regulation, organisation.bin)
        if submission.visit is not None:
            loads.append((VISITS, submission.visit))
        async with platform.runtime.work(loads) as work:
            matter = Matter(
                application=application,
                provider_bin=organisation.bin,
                regulation=regulation.id,
                channel=submission.channel,
                entry_number="",
                registered_at=work.now,
                received_at=work.now,
                document=content.decode(),
                signature=_signature(content, signatory, work.now),
                signature_report={"signed_by": officer.login, "certificate": signatory.identity.certificate.thumbprint},
                assignment_id="",
                assignment_digest="",
                variant=variant,
                recipient_iin=(submission.form.get("applicant") or {}).get("iin"),
                intake={
                    "by": officer.login,
                    "name": officer.name,
                    "papers": list(submission.papers),
                    "originals_returned": submission.originals_returned,
                    "visit": submission.visit,
                },
            )
            if submission.visit is not None:
                self._visits.attend(work, officer, matter, submission.visit)
            case = context.case(work, matter, submission.form)
            acts.register(case, Doing(officer.login))
            case.change(entry_number=case.matter.register_number)
            take_step(
                work,
                regulation,
                submission.channel,
                Action.ACCEPT_APPLICATION,
                application,
                detail=case.matter.register_number,
                variant=variant,
            )
            procedure.receive(case)
            self._enquiries.ask(case)
            procedure.begin(case, (), frozenset(submission.papers))
            _at_the_counter(case, officer)
            return procedure.go_on(case)

    def _organisation(self, officer: Officer, regulation: Regulation, submission: Submission) -> Organisation:
        own = self._officers.organisation_of(officer)
        serving = self._matters.context.organisations.serving(regulation.id, submission.channel, submission.form)
        if serving is None or serving.bin != own.bin:
            named = {"organisation": serving.name.model_dump(), "bin": serving.bin} if serving else {}
            raise NotServedHere(f"{own.code} does not take this application", **named)
        return own


def _at_the_counter(case: Case, officer: Officer) -> None:
    """Do the first tasks that are nothing but taking the application in."""
    while case.matter.task is not None:
        plan = case.chain.plan(case.matter.task)
        here = plan.role is Role.RECIPIENT or plan.role in officer.roles
        if not here or not _AT_THE_COUNTER.issuperset(plan.acts) or plan == case.chain.examining:
            return
        procedure.do(case, plan, Doing(officer.login if plan.role is not Role.RECIPIENT else "recipient"))


def _faults(regulation: Regulation, channel: Channel, submission: Submission) -> list[dict[str, Any]]:
    """Everything that is wrong with what is entered; missing papers are no fault here but a ground, if anything."""
    found: list[dict[str, Any]] = [
        {"in": "body", "path": f"/form{fault.path}", "message": fault.message.en, "text": fault.message.model_dump()}
        for fault in validate_form(regulation, submission.channel, submission.form)
    ]
    known = {document.code for document in channel.documents}
    found += [
        {"in": "body", "path": f"/papers/{index}", "message": f"not one of {sorted(known)}"}
        for index, code in enumerate(submission.papers)
        if code not in known
    ]
    if channel.originals is not None and not submission.originals_returned:
        message = f"the originals are compared and given back (clause {channel.originals.clause})"
        found.append({"in": "body", "path": "/originals_returned", "message": message})
    return found


def _document(
    application: str, officer: Officer, organisation: Organisation, submission: Submission, at: datetime
) -> dict[str, Any]:
    applicant = submission.form.get("applicant") or {}
    return {
        "kind": "application",
        "application": application,
        "service": submission.regulation,
        "channel": submission.channel,
        "applicant": {"iin": applicant["iin"]} if applicant.get("iin") else {},
        "form": dict(submission.form),
        "papers": list(submission.papers),
        "originals_returned": submission.originals_returned,
        "attachments": [],
        "officer": {"login": officer.login, "name": officer.name, "organisation": {"bin": organisation.bin}},
        "created_at": rfc3339(at),
    }


def _signature(content: bytes, signatory: Signatory, at: datetime) -> str:
    identity = signatory.identity
    der = sign_document(content, identity.key, identity.certificate, signatory.chain, at)
    return base64.b64encode(der).decode()
