"""The workplace of an officer: their organisation's matters and tasks, and what they do about each."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from services.provider import repository
from services.provider.domain.attachments import Attachment, AttachmentState
from services.provider.domain.grounds import named_grounds
from services.provider.domain.matter import Matter, MatterState, Ruling
from services.provider.domain.tasks import Task, TaskState, task_key
from services.provider.errors import IllegalMove, InvalidGrounds, NotExecutor
from services.provider.repository import MATTERS, TASKS, MatterLine, RegisterLine
from services.provider.service import courses, hours, procedure, rejections, results, stages
from services.provider.service.acts import Doing
from services.provider.service.context import Case
from services.provider.service.journal import mark
from services.provider.service.matters import Matters
from services.provider.service.officers import Officer, Officers
from services.provider.service.organisations import Organisations
from shared.db.content import ContentStore
from shared.db.states import StateKey
from shared.kit.clock import rfc3339
from shared.kit.errors import InvalidInput, NotFound
from shared.messages.application import Decision
from shared.messaging.platform import Platform
from shared.regulations.enquiry import Enquiry
from shared.regulations.errors import WrongRole
from shared.regulations.grounds import FoundGround, examination_grounds
from shared.regulations.model import Ground
from shared.regulations.procedure import TaskPlan
from shared.regulations.terms import Act, Role
from shared.web.until import CHANGE, FINAL
from shared.web.wait import Changes, wait_until

_Found = tuple[Matter, list[Attachment], list[Task]]


@dataclass(frozen=True)
class MatterView:
    """A matter with its attachments, its tasks so far, what was asked of registries, and the possible grounds."""

    matter: Matter
    attachments: list[Attachment]
    tasks: list[Task]
    enquiries: list[Enquiry]
    possible_grounds: list[Ground]


@dataclass(frozen=True)
class Verdict:
    """What an officer decides: with grounds by their codes, and the kind of result if not the usual one."""

    decision: Decision
    grounds: Sequence[str] = ()
    note: str | None = None
    reasons: str | None = None
    result: str | None = None


class Desk:
    """What an officer sees and does. A matter of another organisation does not exist for them (``NotFound``)."""

    def __init__(self, matters: Matters, officers: Officers, store: ContentStore, changes: Changes) -> None:
        self._matters = matters
        self._officers = officers
        self._store = store
        self._changes = changes
        self._platform: Platform | None = None

    def open(self, platform: Platform) -> None:
        """Work with ``platform`` from now on."""
        self._platform = platform

    # -- what an officer sees --------------------------------------------------------------------------------

    async def page(
        self, officer: Officer, *, state: MatterState | None, overdue: bool | None, before: str | None, limit: int
    ) -> list[MatterLine]:
        """The matters of the officer's organisation, newest first."""
        async with self._opened().database.session() as session:
            return await repository.list_matters(
                session,
                self._bin(officer),
                state=None if state is None else state.value,
                overdue=overdue,
                before=before,
                limit=limit,
            )

    async def tasks(
        self,
        officer: Officer,
        *,
        role: Role | None,
        states: Sequence[TaskState],
        overdue: bool | None,
        before: str | None,
        limit: int,
    ) -> list[Task]:
        """The tasks of the officer's organisation for one role, else for the officer's own, and what others prepared
        for its head to sign; newest applications first."""
        roles = [role.value] if role is not None else [own.value for own in officer.roles]
        async with self._opened().database.session() as session:
            return await repository.list_tasks(
                session,
                self._bin(officer),
                roles=roles,
                prepared=self._organisations().prepared_for(self._officers.organisation_of(officer)),
                states=states,
                overdue=overdue,
                before=before,
                limit=limit,
            )

    async def register(self, officer: Officer, *, year: int, after: int, limit: int) -> list[RegisterLine]:
        """The organisation's register of public services, in the order of its numbers."""
        async with self._opened().database.session() as session:
            return await repository.list_register(session, self._bin(officer), year=year, after=after, limit=limit)

    async def view(self, officer: Officer, application: str, *, wait: float = 0, until: str = FINAL) -> MatterView:
        """One matter; waits up to ``wait`` seconds for it to be closed, or ``until`` it changes or has reached a
        state."""
        seen: list[tuple[str, ...]] = []

        def done(found: _Found) -> bool:
            matter, _, tasks = found
            if until != CHANGE:
                return matter.closed or (until != FINAL and MatterState(matter.state).reached(MatterState(until)))
            seen.append((matter.state, *(task.state for task in tasks)))
            return matter.closed or seen[-1] != seen[0]

        matter, attachments, tasks = await wait_until(
            lambda: self._read(officer, application),
            done,
            wait,
            self._changes,
            application,
            share=officer.login,
        )
        enquiries: list[Enquiry] = []
        if matter.registries is not None:
            async with self._opened().database.session() as session:
                enquiries = await repository.enquiries_of(session, application)
        regulation = self._matters.context.regulations[matter.regulation]
        return MatterView(
            matter, attachments, tasks, enquiries, examination_grounds(regulation, matter.channel, matter.variant)
        )

    async def attachment(self, officer: Officer, application: str, sha256: str) -> tuple[Attachment, bytes]:
        """An attachment that was fetched and is what the signed document names."""
        _, attachments, _ = await self._read(officer, application)
        for attachment in attachments:
            if attachment.sha256 == sha256 and attachment.state == AttachmentState.STORED:
                content = await asyncio.to_thread(self._store.read, sha256)
                if content is not None:
                    return attachment, content
        raise NotFound("the matter has no such attachment")

    # -- what an officer does --------------------------------------------------------------------------------

    async def decide(self, officer: Officer, application: str, verdict: Verdict) -> Matter:
        """Grant or refuse, and let everything else follow in the officer's name. Deciding the same again changes
        nothing; deciding otherwise raises ``AlreadyDecided``.

        Raises ``InvalidGrounds`` for a refusal without grounds, or with others than those of the regulation;
        ``WrongRole`` for somebody who does not examine.
        """
        async with self._at_work(officer, application) as case:
            ruling = self._ruling(case, officer, verdict)
            if case.matter.repeats(verdict.decision, verdict.grounds) and not case.matter.to_send_again:
                return case.matter
            examining = case.chain.examining
            if examining is not None:
                self._require_role(case, officer, examining)
            return self._matters.decide(case.work, case.matter, ruling)

    async def complete(
        self,
        officer: Officer,
        application: str,
        task: str,
        *,
        verdict: Verdict | None,
        executor: str | None,
        note: str | None,
    ) -> Matter:
        """Do the open task of a matter. One that is done stays done: the answer is the same again.

        Raises ``WrongRole``, ``NotExecutor``, ``WrongOrder``, ``TooEarly``, ``RecipientOwes``, ``OutsideHours``,
        ``DecisionNeeded``, and ``NotFound`` for a task the procedure does not have.
        """
        async with self._at_work(officer, application, task) as case:
            try:
                plan = case.chain.plan(task)
            except KeyError:
                raise NotFound(f"the procedure has no task {task}") from None
            self._require_role(case, officer, plan)
            self._require_executor(case.matter, officer, plan)
            known = case.work.get(TASKS, task_key(application, task))
            if known is not None and known.state == TaskState.REJECTED:
                return rejections.send_again(case, officer.login)
            if known is not None and known.state == TaskState.DONE and known.done_by == officer.login:
                return case.matter
            ruling = self._ruling(case, officer, verdict) if verdict is not None else None
            doing = Doing(officer.login, ruling, self._executor(officer, plan, executor), note)
            procedure.complete(case, task, doing)
            return case.keep()

    async def begin_review(self, officer: Officer, application: str) -> Matter:
        """Examine an application without the attachments that whoever keeps them does not give; once, the second time
        changes nothing. Raises ``AttachmentsAwaited``, ``IllegalMove``, ``WrongRole`` for somebody who does not
        examine."""
        _, attachments, _ = await self._read(officer, application)
        async with self._at_work(officer, application) as case:
            if case.matter.state == MatterState.IN_REVIEW:
                return case.matter
            if case.chain.examining is not None:
                self._require_role(case, officer, case.chain.examining)
            return self._matters.begin_without(case, attachments, officer.login)

    async def extend(self, officer: Officer, application: str, reason: str, *, tell: bool = True) -> Matter:
        """Extend the term of the open task, with notice to the recipient now or (not ``tell``) later. Raises
        ``NoExtension``, ``WrongRole``, ``IllegalMove`` if the task is done meanwhile."""
        seen, _, _ = await self._read(officer, application)
        async with self._at_work(officer, application, seen.task) as case:
            if case.matter.task != seen.task:
                raise IllegalMove(f"{seen.task} is not open any more", state=case.matter.state, due=case.matter.task)
            if case.matter.task is not None:
                self._require_role(case, officer, case.chain.plan(case.matter.task))
            stages.extend(case, reason, officer.login, tell=tell)
            return case.keep()

    async def tell_extension(self, officer: Officer, application: str) -> Matter:
        """Give the written notice of an extension; once, the second time changes nothing. Raises ``IllegalMove`` if
        nothing was extended."""
        async with self._at_work(officer, application) as case:
            stages.tell_extension(case)
            return case.keep()

    async def end_course(self, officer: Officer, application: str, note: str | None) -> Matter:
        """The course that began with the result is over. Raises ``IllegalMove``, ``TooEarly``, ``WrongRole``."""
        async with self._at_work(officer, application) as case:
            plan = courses.renders(case)
            if plan is not None and case.matter.course is not None:
                self._require_role(case, officer, plan)
            courses.end(case, officer.login, note)
            return case.keep()

    async def supply(self, officer: Officer, application: str, document: str) -> Matter:
        """The recipient brought what was awaited to the counter. Raises ``NothingAwaited``."""
        async with self._at_work(officer, application) as case:
            stages.require_awaited(case, document)
            stages.supply(case, document, {"shown_to": officer.login})
            return procedure.go_on(case)

    async def hand_out(self, officer: Officer, application: str, receiver: str) -> Matter:
        """The result of an application over the counter is given to ``receiver`` there, against signature. Once.

        Raises ``OutsideHours`` where the text states the hours in which results are given, and it is not one of them.
        """
        async with self._at_work(officer, application) as case:
            matter = case.matter
            if not case.over_the_counter or not matter.closed:
                raise IllegalMove("there is no result to hand out here", state=matter.state)
            if matter.handed_out is not None:
                return matter
            hours.require_counter_open(case)
            case.change(handed_out={"at": rfc3339(case.work.now), "by": officer.login, "receiver": receiver})
            mark(case.work, matter, "handed_out")
            return case.keep()

    # -- inside ----------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def _at_work(self, officer: Officer, application: str, task: str | None = None) -> AsyncIterator[Case]:
        platform = self._opened()
        seen, _, _ = await self._read(officer, application)
        loads: list[StateKey] = self._matters.context.loads(seen, platform.clock.now())
        if task is not None:
            loads.append((TASKS, task_key(application, task)))
        async with platform.runtime.work(loads) as work:
            # Of what others prepared for its head to sign, an organisation does nothing but that task.
            found = self._own(officer, work.get(MATTERS, application), prepared=task is not None)
            yield self._matters.case(work, found)

    def _ruling(self, case: Case, officer: Officer, verdict: Verdict) -> Ruling:
        matter, regulation = case.matter, case.regulation
        named: tuple[FoundGround, ...] = ()
        if verdict.decision == "refused":
            named = named_grounds(
                regulation, matter.channel, verdict.grounds, matter.findings, verdict.reasons, matter.variant
            )
        elif verdict.grounds:
            fault = {"in": "body", "path": "/grounds", "message": "only a refusal has grounds"}
            raise InvalidGrounds(faults=[fault])
        kinds = results.allowed_kinds(regulation, matter.channel, matter.variant, verdict.decision)
        if verdict.result is not None and verdict.result not in kinds:
            fault = {"in": "body", "path": "/result", "message": f"not one of {list(kinds)}"}
            raise InvalidInput(faults=[fault])
        return Ruling(verdict.decision, case.work.now, officer.login, named, verdict.note, verdict.result)

    def _executor(self, officer: Officer, plan: TaskPlan, login: str | None) -> str | None:
        if login is None:
            return None
        executor = self._officers.known(login)
        faults: list[dict[str, Any]] = []
        if Act.RESOLVE not in plan.acts:
            faults.append({"in": "body", "path": "/executor", "message": "no executor is determined in this task"})
        elif executor is None or executor.organisation != officer.organisation:
            faults.append({"in": "body", "path": "/executor", "message": "nobody here has this login"})
        if faults:
            raise InvalidInput(faults=faults)
        return login

    def _require_executor(self, matter: Matter, officer: Officer, plan: TaskPlan) -> None:
        """What the head assigned to somebody is done by them, as far as it is their role's."""
        executor = self._officers.known(matter.executor) if matter.executor else None
        if executor is not None and executor.login != officer.login and plan.role in executor.roles:
            raise NotExecutor(executor=executor.login)

    async def require_act(self, officer: Officer, sha256: str) -> None:
        """Raises ``NotFound`` unless the act or voucher with this SHA-256 is in a matter that the officer may see."""
        async with self._opened().database.session() as session:
            matter = await repository.find_act(session, sha256)
            voucher = None if matter else await repository.find_voucher(session, sha256)
            if voucher is not None:
                matter = await repository.find_matter(session, voucher.application)
        self._own(officer, matter, prepared=True)

    async def _read(self, officer: Officer, application: str) -> _Found:
        async with self._opened().database.session() as session:
            matter = self._own(officer, await repository.find_matter(session, application), prepared=True)
            attachments = await repository.attachments_of(session, application)
            return matter, attachments, await repository.tasks_of(session, application)

    def _own(self, officer: Officer, matter: Matter | None, *, prepared: bool) -> Matter:
        if matter is not None:
            own = self._officers.organisation_of(officer)
            for_its_head = (matter.provider_bin, matter.regulation) in self._organisations().prepared_for(own)
            if matter.provider_bin == own.bin or (prepared and for_its_head):
                return matter
        raise NotFound("there is no such matter")

    def _organisations(self) -> Organisations:
        return self._matters.context.organisations

    def _bin(self, officer: Officer) -> str:
        return self._officers.organisation_of(officer).bin

    def _opened(self) -> Platform:
        assert self._platform is not None, "the desk is opened with the platform"
        return self._platform

    def _require_role(self, case: Case, officer: Officer, plan: TaskPlan) -> None:
        owner = case.organisation
        if Act.SIGN in plan.acts:
            owner = self._organisations().signing_for(owner, case.regulation.id)
        if plan.role not in officer.roles or officer.organisation != owner.code:
            who = f"{plan.role.value} ({owner.code})"
            raise WrongRole(f"{plan.id} is done by: {who}", role=plan.role.value, clause=plan.clause)
