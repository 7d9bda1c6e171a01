"""Asking a registry through the gateway and taking its answer: what every system that asks has in common.

What is asked stands in the regulation (``RegistryQuery``); what an answer does is for the system that asked. An answer
is taken only if it names a request of this system, is bound to its bytes, and holds an extract signed by the registry.
"""

from collections.abc import Sequence
from typing import cast

from pydantic import TypeAdapter, ValidationError

from shared.crypto.canonical import canonical_json
from shared.crypto.directory import CertificateDirectory
from shared.crypto.policy import SignedByBIN
from shared.db.states import StateKind
from shared.kit.errors import RejectedMessage
from shared.kit.ids import sha256_hex
from shared.messages.control import MessageRejected
from shared.messages.extracts import PersonExtract, PowersOfAttorneyExtract
from shared.messages.payload import SignedDocument
from shared.messages.registry import REGISTRY_BINS, Ground, Part, RegistryAnswered, RegistryRequested, Search
from shared.messages.systems import System
from shared.messages.types import MessageType
from shared.messaging.documents import open_document
from shared.messaging.records import Received
from shared.messaging.work import Work
from shared.regulations.enquiry import Backoff, Enquiry

_SEARCH: TypeAdapter[Search] = TypeAdapter(Search)


def extract_file(content: str, signature: str) -> bytes:
    """An extract with its signature as one file: what is attached to an application, or shown to whoever may see it."""
    return canonical_json({"content": content, "signature": signature})


class Questions:
    """The questions of one system, kept as states of ``kind`` and asked again by ``rule``."""

    def __init__(self, system: System, kind: StateKind[Enquiry], rule: Backoff) -> None:
        self.rule = rule
        self._system = system
        self._kind = kind

    def ask(
        self, work: Work, enquiry: Enquiry, *, regulation: str, asked_by: str, consent: str | None = None
    ) -> Enquiry:
        """One signed request through the gateway; the question as it is kept then. ``asked_by``: a login, or what the
        asking system calls whoever it asks for."""
        message = work.send(
            MessageType.REGISTRY_REQUESTED,
            System(enquiry.system),
            enquiry.matter,
            RegistryRequested(
                search=_SEARCH.validate_python(enquiry.search),
                include=tuple(Part(part) for part in enquiry.include),
                ground=Ground(
                    regulation=regulation,
                    clause=enquiry.clause,
                    application=enquiry.matter,
                    system=self._system,
                    asked_by=asked_by,
                    consent=consent,
                ),
            ),
            regulation=regulation,
        )
        asked = enquiry.requested(message.id, work.effects.sendings[-1].digest, work.now, self.rule)
        work.put(self._kind, asked)
        return asked

    def named(self, received: Received, enquiries: Sequence[Enquiry]) -> Enquiry:
        """The question that is answered, of those asked in the matter.

        Raises ``RejectedMessage``: ``not-requested`` if the answer names no request to this registry,
        ``request-digest`` if it is bound to other bytes.
        """
        answer = cast("RegistryAnswered", received.payload)
        of_registry = [item for item in enquiries if item.system == received.message.source == answer.registry]
        named = [item for item in of_registry if any(a["message_id"] == answer.request_id for a in item.asked)]
        if not named:
            raise RejectedMessage("not-requested", "no such request was sent to this registry")
        if not named[0].was_asked(answer.request_id, received.message.requestdigest):
            raise RejectedMessage("request-digest", "the answer is bound to other bytes than those of the request")
        return named[0]

    def answered(
        self, work: Work, received: Received, enquiry: Enquiry, *, regulation: str, directory: CertificateDirectory
    ) -> Enquiry:
        """The question with its answer, as it is kept then.

        Raises ``RejectedMessage`` (``request-digest``, ``document-signature``, ``document``) for an answer that is
        none: the question stays open; ``Transient`` if the signature could not be checked now.
        """
        answer = cast("RegistryAnswered", received.payload)
        record, described = None, None
        if answer.record is not None:
            self._check_extract(work, enquiry, regulation, answer.record, directory)
            record = (answer.record.content, answer.record.signature)
            file = extract_file(*record)
            described = (sha256_hex(file), len(file))
        kept = enquiry.answered(answer.found, answer.not_found_reason, record, described, work.now)
        work.put(self._kind, kept)
        return kept

    def rejected(self, work: Work, received: Received, enquiries: Sequence[Enquiry]) -> Enquiry | None:
        """A registry, or the gateway, does not take a request of ours: the question it was, silent from now on with
        the reason; ``None`` if it was none of these."""
        rejection = cast("MessageRejected", received.payload)
        for enquiry in enquiries:
            if enquiry.was_asked(rejection.message_id, rejection.digest):
                if enquiry.state != "waiting":
                    return enquiry
                silent = enquiry.fell_silent(f"{received.message.source}: {rejection.reason}")
                work.put(self._kind, silent)
                return silent
        return None

    def _check_extract(
        self, work: Work, enquiry: Enquiry, regulation: str, signed: SignedDocument, directory: CertificateDirectory
    ) -> None:
        """The extract is signed by the registry, answers our request and is about whom we asked."""
        registry = System(enquiry.system)
        policy = SignedByBIN(REGISTRY_BINS[registry])
        opened = open_document(signed, directory=directory, at=work.now, policy=policy)
        model = PersonExtract if registry is System.PERSONS else PowersOfAttorneyExtract
        try:
            extract = model.model_validate(opened.fields)
        except ValidationError as error:
            raise RejectedMessage("document", f"not an extract: {error.error_count()} faults") from error
        if not enquiry.was_asked(extract.request.message_id, extract.request.digest):
            raise RejectedMessage("request-digest", "the extract answers another request")
        told_of = (extract.registry, extract.application, extract.regulation, extract.signed_by.bin)
        if told_of != (registry, enquiry.matter, regulation, opened.signer_bin):
            raise RejectedMessage("document", "the extract is of another registry, matter or signer")
        if isinstance(extract, PersonExtract) and extract.record.iin != enquiry.search.get("iin", extract.record.iin):
            raise RejectedMessage("document", "the extract is about another person")
