"""What the persons registry answers to the provider."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from services.provider import repository
from shared.kit.ids import sha256_base64url
from shared.messages.envelope import Message
from shared.messages.registry import RegistryAnswered
from shared.messages.types import MessageType
from tests.factories.extracts import NAMES, person, registrar, signed, statement

if TYPE_CHECKING:
    from shared.crypto.identity import Identity
    from tests.unit.provider.bench import Bench


def relative(iin: str, relation: str = "child", **changes: Any) -> dict[str, Any]:
    """A child or ward with a birth certificate."""
    return {
        "relation": relation,
        "iin": iin,
        "names": NAMES,
        "birth_date": "2023-05-04",
        "life_status": "alive",
        "birth_certificate": {"number": "АА-1", "issued_on": "2023-06-01"},
        **changes,
    }


async def requests(bench: Bench, application: str) -> dict[str, Message]:
    """The latest request about each person, by what it is about."""
    async with bench.platform.database.session() as session:
        matter = await repository.find_matter(session, application)
    applicant = matter.recipient_iin if matter else None
    sent = [m for m in await bench.sent(MessageType.REGISTRY_REQUESTED) if m.subject == application]
    return {"applicant" if m.data["search"]["iin"] == applicant else "child": m for m in sent}


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
    """The registry answers ``request``: with ``record`` and ``changes`` to the signed statement, or that it has nobody
    like that."""
    if record is None:
        record = await _in_order(bench, request)
    content = statement(bench.pki, request, record, **changes)
    document = None if absent else signed(bench.pki, content, signer or registrar(bench.pki, request.destination))
    payload = RegistryAnswered(
        registry=request.destination,
        request_id=request_id or request.id,
        answered_at=bench.pki.clock.now(),
        found=not absent,
        record=document,
        not_found_reason="absent" if absent else None,
    )
    await bench.deliver(
        MessageType.REGISTRY_ANSWERED,
        request.subject,
        payload,
        source=request.destination,
        request_digest=digest or sha256_base64url(request.encode()),
        regulation=request.regulation,
    )


async def answer_all(bench: Bench, application: str) -> None:
    """Everything that was asked about an application is answered: it is as the application says."""
    for request in (await requests(bench, application)).values():
        await answer(bench, request)


async def _in_order(bench: Bench, request: Message) -> dict[str, Any]:
    async with bench.platform.database.session() as session:
        matter = await repository.find_matter(session, request.subject)
    assert matter is not None
    child = json.loads(matter.document)["form"].get("child") or {}
    parts = request.data["include"]
    more: dict[str, Any] = {"children": [relative(child["iin"])]} if "children" in parts and child.get("iin") else {}
    return person(request.data["search"]["iin"], parts, **more)
