"""What the regional gateway and the provider answer, for tests of the portal."""

import base64
from datetime import timedelta
from typing import Any

from services.portal.domain.application import State
from shared.crypto.cades import sign_document
from shared.crypto.canonical import canonical_json
from shared.crypto.identity import Identity
from shared.crypto.testing import BIN, IIN
from shared.kit.clock import rfc3339
from shared.kit.ids import sha256_base64url
from shared.messages.application import ApplicationRegistered, RefusalIssued, ResultDelivered, ReviewStarted
from shared.messages.payload import SignedDocument
from shared.messages.types import MessageType
from tests.unit.portal.bench import SERVICE, Bench

ENTRY = "2026-000001"


def act(bench: Bench, application: str, signer: Identity | None = None, /, **changes: Any) -> SignedDocument:
    """The provider's electronic document with its signature."""
    fields = {
        "kind": "queue_receipt",
        "application": application,
        "entry_number": ENTRY,
        "service": SERVICE,
        "provider": {"name": {"kk": "ТЕСТ", "ru": "ТЕСТ", "en": "TEST"}, "bin": BIN},
        "recipient": {"iin": IIN, "surname": "ТЕСТОВА"},
        "queue": {"number": 7, "place": 5},
        "decided_at": rfc3339(bench.clock.now()),
        **changes,
    }
    content = canonical_json(fields)
    signer = signer or bench.pki.officer()
    der = sign_document(content, signer.key, signer.certificate, bench.pki.chain, bench.clock.now())
    return SignedDocument(content=content.decode(), signature=base64.b64encode(der).decode())


async def request_digest(bench: Bench) -> str:
    """Digest of the request that was sent last."""
    return sha256_base64url((await bench.sent(MessageType.APPLICATION_SUBMITTED))[-1].encode())


async def registered(bench: Bench, application: str) -> None:
    """The regional gateway says that it has registered the document."""
    now = bench.clock.now()
    payload = ApplicationRegistered(entry_number=ENTRY, received_at=now, registered_at=now + timedelta(seconds=1))
    await bench.deliver(MessageType.APPLICATION_REGISTERED, application, payload)


async def review_started(bench: Bench, application: str) -> None:
    """The provider has taken it into work."""
    payload = ReviewStarted(started_at=bench.clock.now() + timedelta(seconds=2))
    await bench.deliver(MessageType.REVIEW_STARTED, application, payload)


async def answered(bench: Bench, application: str, state: State = State.GRANTED, **changes: Any) -> None:
    """The result, or the refusal, with ``document`` and ``digest`` in place of the right ones."""
    document = changes.pop("document", None) or act(bench, application, **changes.pop("act", {}))
    digest = changes.pop("digest", None) or await request_digest(bench)
    now = bench.clock.now()
    made = {"document": document, "review_started_at": now + timedelta(seconds=2), "decided_at": now}
    if state is State.GRANTED:
        await bench.deliver(MessageType.RESULT_DELIVERED, application, ResultDelivered(**made), requestdigest=digest)
    else:
        await bench.deliver(MessageType.REFUSAL_ISSUED, application, RefusalIssued(**made), requestdigest=digest)
