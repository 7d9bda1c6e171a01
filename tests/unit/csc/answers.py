"""What the registries, the regional gateway and the provider answer, for tests of the centre."""

import base64
from datetime import timedelta
from typing import Any

from shared.crypto.cades import sign_document
from shared.crypto.canonical import canonical_json
from shared.crypto.identity import Identity
from shared.crypto.testing import BIN
from shared.kit.clock import rfc3339
from shared.kit.ids import sha256_base64url
from shared.messages.application import ApplicationRegistered, RefusalIssued, ResultDelivered
from shared.messages.envelope import Message
from shared.messages.payload import SignedDocument
from shared.messages.registry import REGISTRY_BINS, RegistryAnswered
from shared.messages.systems import System
from shared.messages.types import MessageType
from tests.unit.csc.bench import Bench
from tests.unit.csc.forms import APPLICANT, ATTORNEY

ENTRY = "2026-000001"
CARD = "012345678"
_WORDS = {"kk": "ТЕСТ", "ru": "ТЕСТ"}
_NAMES = {language: {"surname": "ТЕСТОВА", "given_name": "Әсел"} for language in ("kk", "ru")}


def person(iin: str, include: list[str], **changes: Any) -> dict[str, Any]:
    """A person's record with the parts asked for."""
    parts: dict[str, Any] = {
        "identity_documents": [
            {
                "type": "identity_card",
                "number": CARD,
                "issued_on": "2020-01-01",
                "expires_on": "2030-01-01",
                "issued_by": {"code": "1", **_WORDS},
                "status": "valid",
            }
        ],
        "capability": {"status": "capable"},
        "birth_certificate": {"number": "АА-1", "issued_on": "2023-06-01"},
        "address": {"country": {"code": "KZ", **_WORDS}, "region": _WORDS},
    }
    return {
        "iin": iin,
        "names": _NAMES,
        "sex": "male",
        "birth_date": "1990-01-01",
        "citizenship": {"code": "KAZ", **_WORDS},
        "life_status": "alive",
        **{name: value for name, value in parts.items() if name in include},
        **changes,
    }


def power(**changes: Any) -> dict[str, Any]:
    """A notarised power of attorney in which everything is in order."""
    return {
        "register_number": "1-2301",
        "notarised_at": "2026-01-15T10:00:00Z",
        "notary": {"licence": "0002317", "names": _NAMES, "place": _WORDS},
        "principal": {"iin": APPLICANT, "names": _NAMES},
        "attorney": {"iin": ATTORNEY, "names": _NAMES},
        "powers": [{"code": code, "text": _WORDS, "services": []} for code in ("apply", "receive_result")],
        "valid_from": "2026-01-15",
        "valid_until": "2027-01-15",
        **changes,
    }


def statement(bench: Bench, request: Message, record: dict[str, Any], /, **changes: Any) -> dict[str, Any]:
    """The content of an extract that answers ``request``."""
    persons = request.destination is System.PERSONS
    kind = {"kind": "person_extract", "included": request.data.get("include", [])} if persons else {}
    return {
        **(kind or {"kind": "powers_of_attorney_extract"}),
        "record": record,
        "registry": request.destination.value,
        "request": {"message_id": request.id, "digest": sha256_base64url(request.encode())},
        "application": request.subject,
        "regulation": request.regulation,
        "issued_at": rfc3339(bench.clock.now()),
        "signed_by": {
            "name": "ТЕСТОВ Т.",
            "role": _WORDS,
            "organisation": _WORDS,
            "bin": REGISTRY_BINS[request.destination],
        },
        **changes,
    }


def signed(bench: Bench, content: dict[str, Any], signer: Identity) -> SignedDocument:
    """A document with a detached CMS."""
    raw = canonical_json(content)
    der = sign_document(raw, signer.key, signer.certificate, bench.pki.chain, bench.clock.now())
    return SignedDocument(content=raw.decode(), signature=base64.b64encode(der).decode())


def registrar(bench: Bench, registry: System) -> Identity:
    """Who signs for a registry."""
    return bench.pki.officer(iin="810214433015", bin=REGISTRY_BINS[registry])


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
    content = statement(bench, request, record or default_record(request), **changes)
    document = None if absent else signed(bench, content, signer or registrar(bench, registry))
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
    document = signed(bench, content, signer or bench.pki.officer())
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
