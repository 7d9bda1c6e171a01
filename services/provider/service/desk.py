"""The workplace of an officer: their organisation's matters and the decision on each."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from services.provider import repository
from services.provider.domain import Attachment, AttachmentState, Matter, MatterState, Ruling, named_grounds
from services.provider.errors import InvalidGrounds
from services.provider.repository import MATTERS, MatterLine
from services.provider.service.attachments import AttachmentStore
from services.provider.service.matters import Matters
from services.provider.service.officers import Officer, Officers
from shared.kit.errors import NotFound
from shared.messages.application import Decision
from shared.messaging.platform import Platform
from shared.regulations.actions import Action
from shared.regulations.grounds import FoundGround, grounds_at
from shared.regulations.model import Ground
from shared.web.wait import Changes, wait_until


@dataclass(frozen=True)
class MatterView:
    """A matter with its attachments and the grounds on which it may be refused."""

    matter: Matter
    attachments: list[Attachment]
    possible_grounds: list[Ground]


class Desk:
    """What an officer sees and does. A matter of another organisation does not exist for them (``NotFound``)."""

    def __init__(self, matters: Matters, officers: Officers, store: AttachmentStore, changes: Changes) -> None:
        self._matters = matters
        self._officers = officers
        self._store = store
        self._changes = changes
        self._platform: Platform | None = None

    def open(self, platform: Platform) -> None:
        """Work with ``platform`` from now on."""
        self._platform = platform

    async def page(
        self, officer: Officer, *, state: MatterState | None, before: str | None, limit: int
    ) -> list[MatterLine]:
        """The matters of the officer's organisation, newest first."""
        async with self._opened().database.session() as session:
            return await repository.list_matters(
                session,
                self._officers.organisation_of(officer).bin,
                state=None if state is None else state.value,
                before=before,
                limit=limit,
            )

    async def view(self, officer: Officer, application: str, *, wait: float = 0) -> MatterView:
        """One matter; waits up to ``wait`` seconds for it to be decided."""
        matter, attachments = await wait_until(
            lambda: self._read(officer, application),
            lambda found: found[0].act is not None,
            wait,
            self._changes,
            application,
        )
        regulation = self._matters.regulation_of(matter)
        return MatterView(matter, attachments, grounds_at(regulation, matter.channel, Action.CHECK_DOCUMENTS))

    async def attachment(self, officer: Officer, application: str, sha256: str) -> tuple[Attachment, bytes]:
        """An attachment that was fetched and is what the signed document names."""
        _, attachments = await self._read(officer, application)
        for attachment in attachments:
            if attachment.sha256 == sha256 and attachment.state == AttachmentState.STORED:
                content = await asyncio.to_thread(self._store.read, sha256)
                if content is not None:
                    return attachment, content
        raise NotFound("the matter has no such attachment")

    async def decide(
        self, officer: Officer, application: str, decision: Decision, grounds: Sequence[str], note: str | None
    ) -> Matter:
        """Grant or refuse. Deciding the same again changes nothing; deciding otherwise raises ``AlreadyDecided``.

        Raises ``InvalidGrounds`` for a refusal without grounds, or with others than those of the regulation.
        """
        if decision == "granted" and grounds:
            fault = {"in": "body", "path": "/grounds", "message": "only a refusal has grounds"}
            raise InvalidGrounds(faults=[fault])
        async with self._opened().runtime.work([(MATTERS, application)]) as work:
            matter = self._own(officer, work.get(MATTERS, application))
            named: tuple[FoundGround, ...] = ()
            if decision == "refused":
                regulation = self._matters.regulation_of(matter)
                named = named_grounds(regulation, matter.channel, grounds, matter.findings)
            if matter.repeats(decision, grounds):
                return matter
            return self._matters.decide(work, matter, Ruling(decision, work.now, officer.login, named, note))

    async def _read(self, officer: Officer, application: str) -> tuple[Matter, list[Attachment]]:
        async with self._opened().database.session() as session:
            matter = self._own(officer, await repository.find_matter(session, application))
            return matter, await repository.attachments_of(session, application)

    def _own(self, officer: Officer, matter: Matter | None) -> Matter:
        if matter is None or matter.provider_bin != self._officers.organisation_of(officer).bin:
            raise NotFound("there is no such matter")
        return matter

    def _opened(self) -> Platform:
        assert self._platform is not None, "the desk is opened with the platform"
        return self._platform
