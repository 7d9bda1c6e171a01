"""What the registries, the regional gateway and the provider answer, for tests of the centre."""

from datetime import timedelta
from typing import Any

from shared.crypto.identity import Identity
from shared.crypto.testing import BIN
from shared.kit.clock import rfc3339
from shared.kit.ids import sha256_base64url
from shared.messages.application import ApplicationRegistered, RefusalIssued, ResultDelivered
from shared.messages.envelope import Message
from shared.messages.registry import RegistryAnswered
from shared.messages.systems import System
from shared.messages.types import MessageType
from tests.factories.extracts import NAMES, WORDS, person, registrar, signed, statement
from tests.unit.csc.bench import Bench
from tests.unit.csc.forms import APPLICANT, ATTORNEY

ENTRY = "2026-000001"


def power(**changes: Any) -> dict[str, Any]:
    """A notarised power of attorney in which everything is in order."""
    return {
        "register_number": "1-2301",
        "notarised_at": "2026-01-15T10:00:00Z",
        "notary": {"licence": "0002317", "names": NAMES, "place": WORDS},
        "principal": {"iin": APPLICANT, "names": NAMES},
        "attorney": {"iin": ATTORNEY, "names": NAMES},
        "powers": [{"code": code, "text": WORDS, "services": []} for code in ("apply", "receive_result")],
        "valid_from": "2026-01-15",
        "valid_until": "2027-01-15",
        **changes,
    }


async def requests(bench: Bench, matter: str) -> dict[str, Message]:
    """The latest request to each registry about each person, by what it is about."""
    found = [m for m in await bench.sent(MessageType.REGISTRY_REQUESTED) if m.subject == matter]
    return {_about(message): message for message in found}


def _about(message: Message) -> str:
    if message.destination is System.NOTARY:
        return "power_of_attorney"
    return "applicant" if message.data["search"]["iin"] == APPLICANT else "child"


def default_record(request: Message) -> dict[str, Any]:
    """What a registry says when everything is in order."""
    if request.destination is System.NOTARY:
        return {"powers_of_attorney": [power()]}
    return person(request.data["search"]["iin"], request.data["include"])


async def answer(
    bench: Bench,
    request: Message,
    record: dict[str, Any] | None = None,
    /,
    *,
    absent: bool = False,
    signer: Identity | None = None,
    digest: str | None = None,
    request_id: str | None = None,
    **changes: Any,
) -> None:
    """A registry answers ``request``, well unless said otherwise; ``changes`` are to the signed statement."""
    registry = request.destination
    content = statement(bench.pki, request, record or default_record(request), **changes)
    document = None if absent else signed(bench.pki, content, signer or registrar(bench.pki, registry))
    payload = RegistryAnswered(
        registry=registry,
        request_id=request_id or request.id,
        answered_at=bench.clock.now(),
        found=not absent,
        record=document,
        not_found_reason="absent" if absent else None,
    )
    bound = digest or sha256_base64url(request.encode())
    await bench.deliver(
        MessageType.REGISTRY_ANSWERED,
        request.subject,
        payload,
        source=registry,
        requestdigest=bound,
        regulation=request.regulation,
    )


async def obtained(bench: Bench, matter: str, **records: dict[str, Any]) -> None:
    """Ask the registries and have all of them answer; ``records`` by what they are about."""
    await bench.done("POST", f"/matters/{matter}/registry-queries")
    for about, request in (await requests(bench, matter)).items():
        await answer(bench, request, records.get(about))


async def register(bench: Bench, matter: str) -> None:
    """The regional gateway registers the request."""
    now = bench.clock.now()
    payload = ApplicationRegistered(entry_number=ENTRY, received_at=now, registered_at=now)
    await bench.deliver(MessageType.APPLICATION_REGISTERED, matter, payload)


async def decide(
    bench: Bench, matter: str, *, granted: bool = True, signer: Identity | None = None, **fields: Any
) -> str:
    """The provider's act comes back; the SHA-256 of the act."""
    digest = sha256_base64url((await bench.sent(MessageType.APPLICATION_SUBMITTED))[-1].encode())
    content = {
        "kind": "queue_receipt" if granted else "reasoned_refusal",
        "application": matter,
        "entry_number": ENTRY,
        "provider": {"name": {"kk": "ТЕСТ", "ru": "ТЕСТ", "en": "TEST"}, "bin": BIN},
        "decided_at": rfc3339(bench.clock.now()),
    }
    document = signed(bench.pki, content, signer or bench.pki.officer())
    at = bench.clock.now()
    kind = MessageType.RESULT_DELIVERED if granted else MessageType.REFUSAL_ISSUED
    payload = (ResultDelivered if granted else RefusalIssued)(
        document=document, review_started_at=at - timedelta(seconds=1), decided_at=at
    )
    await bench.deliver(kind, matter, payload, requestdigest=fields.pop("requestdigest", digest), **fields)
    return document.content


async def submitted(bench: Bench, form: dict[str, Any], service: str) -> str:
    """A matter that was sent to the regional gateway."""
    matter = await bench.entered(form, service)
    await obtained(bench, matter)
    for item in (await bench.state(matter))["missing"]:
        await bench.paper(matter, item["document"])
    await bench.done("POST", f"/matters/{matter}/submit")
    return matter
