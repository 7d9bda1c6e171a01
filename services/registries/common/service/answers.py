"""Answering: the extract is formed, signed and bound to its request; the look is logged; faults are played."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, cast

from services.registries.common.domain import AccessEntry, Finding, HeldAnswer, Outcome
from services.registries.common.repository import RegistryKinds
from services.registries.common.service.registrars import Registrar
from shared.db.states import StateKey
from shared.hosting.faults import KeptFaults
from shared.kit.clock import rfc3339
from shared.kit.errors import RejectedMessage, Transient
from shared.kit.ids import sha256_base64url
from shared.messages.envelope import Message, payload_data
from shared.messages.payload import SignedDocument
from shared.messages.registry import Ground, RegistryAnswered, RegistryRequested
from shared.messages.systems import System
from shared.messages.types import MessageType
from shared.messaging.records import Received
from shared.messaging.work import Work

LATE_ANSWERS = "late-answers"
"""Touched when an answer was put off, so that whoever sends it in time looks."""


class AnswerDesk:
    """Gives one registry's answers. ``sign_with`` comes before the first request."""

    def __init__(self, system: System, kinds: RegistryKinds, faults: KeptFaults, late_s: float) -> None:
        self._system = system
        self._kinds = kinds
        self._faults = faults
        self._late = timedelta(seconds=late_s)
        self._registrar: Registrar | None = None
        self._impostor: Registrar | None = None

    def sign_with(self, registrar: Registrar, impostor: Registrar | None = None) -> None:
        """Let ``registrar`` sign from now on; ``impostor`` is who signs when the fault ``wrong-signer`` strikes."""
        self._registrar, self._impostor = registrar, impostor

    def loads(self) -> list[StateKey]:
        """What answering needs loaded besides what the search finds."""
        return self._faults.loads()

    def question(self, received: Received, modes: tuple[type, ...]) -> RegistryRequested:
        """The request, if this registry may answer it.

        Raises ``RejectedMessage``: ``search-mode`` for a search of another registry, ``ground`` if the ground names
        another application, regulation or asking system than the message.
        """
        request, message = cast(RegistryRequested, received.payload), received.message
        if not isinstance(request.search, modes):
            raise RejectedMessage("search-mode", f"{self._system} does not search by {request.search.mode}")
        ground = request.ground
        told = {"application": ground.application, "system": ground.system, "regulation": ground.regulation}
        said = {"application": message.subject, "system": message.source, "regulation": message.regulation}
        for name, value in told.items():
            if said[name] != value:
                raise RejectedMessage("ground", f"the {name} of the ground is not that of the message")
        return request

    def answer(self, work: Work, received: Received, request: RegistryRequested, finding: Finding) -> None:
        """Log the look and answer. The answer is bound to the request by message id and digest, in the envelope and
        in the signed extract."""
        self._log(work, received, request, finding)
        digest = received.digest
        if self._faults.strikes(work, "wrong-hash"):
            digest = sha256_base64url(received.record.value + b"another request")
        found = finding.outcome is Outcome.FOUND
        payload = RegistryAnswered(
            registry=self._system,
            request_id=received.message.id,
            answered_at=work.now,
            found=found,
            record=self._extract(work, received, request.ground, finding.statement, digest) if found else None,
            not_found_reason=None if finding.outcome is Outcome.FOUND else finding.outcome.value,
        )
        held = self._held(work, received, payload, digest)
        if held is None:
            _send(work, received.message, payload, digest)
        else:
            work.put(self._kinds.held, held)
            work.touch(LATE_ANSWERS)

    def _held(self, work: Work, received: Received, payload: RegistryAnswered, digest: str) -> HeldAnswer | None:
        """The answer as it is kept back, if a fault wants that. ``twice`` makes two of it."""
        silent, late, twice = (self._faults.strikes(work, name) for name in ("silent", "late", "twice"))
        message = received.message
        if twice and not (silent or late):
            _send(work, message, payload, digest)
        if not (silent or late):
            return None
        return HeldAnswer(
            request_id=message.id,
            destination=message.source.value,
            subject=message.subject,
            correlation=message.correlationid,
            regulation=message.regulation,
            request_digest=digest,
            payload=payload_data(payload),
            copies=2 if twice else 1,
            held_at=work.now,
            due_at=None if silent else work.now + self._late,
        )

    def _extract(
        self, work: Work, received: Received, ground: Ground, statement: Mapping[str, Any], digest: str
    ) -> SignedDocument:
        signer = self._registrar
        if signer is None:
            raise Transient("the authorised person has no certificate yet")
        content = {
            **statement,
            "registry": self._system.value,
            "request": {"message_id": received.message.id, "digest": digest},
            "application": ground.application,
            "regulation": ground.regulation,
            "issued_at": rfc3339(work.now),
            "signed_by": signer.signatory,
        }
        wrong = self._impostor is not None and self._faults.strikes(work, "wrong-signer")
        return (self._impostor if wrong and self._impostor else signer).sign(content, work.now)

    def _log(self, work: Work, received: Received, request: RegistryRequested, finding: Finding) -> None:
        ground, message_id = request.ground, received.message.id
        searched = request.search.model_dump(mode="json", exclude={"mode"}, exclude_none=True)
        for number, seen in enumerate(finding.seen):
            entry = AccessEntry(
                key=f"{message_id}:{number:03d}",
                message_id=message_id,
                looked_at=work.now,
                system=ground.system.value,
                asked_by=ground.asked_by,
                regulation=ground.regulation,
                clause=ground.clause,
                application=ground.application,
                consent=ground.consent,
                mode=request.search.mode,
                searched=searched,
                included=[part.value for part in request.include],
                outcome=finding.outcome.value,
                iin=seen.iin,
                role=seen.role.value,
            )
            work.put(self._kinds.access, entry)


def _send(work: Work, message: Message, payload: RegistryAnswered, digest: str) -> None:
    work.send(
        MessageType.REGISTRY_ANSWERED,
        message.source,
        message.subject,
        payload,
        regulation=message.regulation,
        correlation=message.correlationid,
        request_digest=digest,
    )
