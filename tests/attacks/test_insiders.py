"""Who has one valid key tries to speak for others: the outcome stays the provider's, and the neighbour is served."""

import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.stand.auditor import AsAuditor
from services.stand.embedded import EmbeddedStand, embedded_stand
from services.stand.working_time import to_working_time
from shared.crypto.canonical import canonical_json
from shared.crypto.cms import sign_document
from shared.crypto.identity import Identity
from shared.kit.clock import rfc3339
from shared.kit.settings import StandSettings
from shared.messages.application import NoticeIssued, RefusalIssued, ResultDelivered
from shared.messages.payload import SignedDocument
from shared.messages.systems import System
from shared.messages.types import MessageType
from shared.messaging.platform import Platform
from shared.messaging.testing import eventually
from tests.topology.conftest import Applicant

SERVICE = "almaty-city/preschool-queue"
SIGNERS = ("regional-gateway", "csc-aigerim", "provider-almaty-school", "persons-registrar")
"""A system; an operator of a centre; the head of an organisation that renders another service; a registrar."""


@pytest.fixture
async def stand(tmp_path: Path) -> AsyncIterator[EmbeddedStand]:
    async with embedded_stand(tmp_path, resend_after_s=0.3) as found:
        to_working_time(found.clock, StandSettings())
        yield found


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(timeout=30) as found:
        yield found


@pytest.fixture
async def waiting(stand: EmbeddedStand, http: httpx.AsyncClient) -> tuple[Applicant, str]:
    """An applicant, and an application that waits for an officer."""
    await autopilot(stand, http, on=False)
    applicant = await Applicant.on(stand, http)
    application = await applicant.draft()
    await applicant.submit(application)

    async def in_review() -> bool:
        state = (await applicant.citizen.call("GET", f"/applications/{application}")).json()
        return bool(state["state"] == "in_review")

    await eventually(in_review, seconds=20)
    return applicant, application


async def autopilot(stand: EmbeddedStand, http: httpx.AsyncClient, *, on: bool) -> None:
    url = f"{stand.addresses.of('provider')}/__stand/autopilot"
    (await http.put(url, json={"on": on})).raise_for_status()


def platform(stand: EmbeddedStand, system: System) -> Platform:
    """With the keys of ``system``: who has it, is the system."""
    app = stand.services[system].app
    assert app is not None
    found: Platform = app.state.platform
    return found


def act(stand: EmbeddedStand, folder: Path, signer: str, application: str, kind: str) -> SignedDocument:
    """An act in due form, signed with the keys in that folder, of the organisation of the signer."""
    identity = Identity.load(folder / "identities", signer)
    assert identity is not None
    anchors = platform(stand, System.PORTAL).directory.anchors
    assert anchors is not None
    now = stand.clock.now()
    content = canonical_json(
        {
            "kind": kind,
            "application": application,
            "service": SERVICE,
            "provider": {"name": {"kk": "ТЕСТ", "ru": "ТЕСТ", "en": "TEST"}, "bin": identity.certificate.bin},
            "decided_at": rfc3339(now),
            "queue": {"number": 1, "place": 1},
            "grounds": [],
        }
    )
    der = sign_document(content, identity.key, identity.certificate, anchors.chain, now)
    return SignedDocument(content=content.decode(), signature=base64.b64encode(der).decode())


async def request_digest(stand: EmbeddedStand, http: httpx.AsyncClient, application: str) -> str:
    """What every answer to the portal names."""
    url = f"{stand.addresses.of('gateway')}/messages"
    wanted = {"subject": application, "type": "application.submitted"}
    (sent,) = (await http.get(url, params=wanted, auth=AsAuditor())).json()
    return str(sent["digest"])


async def dead_letters(stand: EmbeddedStand, http: httpx.AsyncClient, system: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await http.get(f"{stand.addresses.of(system)}/operations/dead-letters")).json()
    return found


@pytest.mark.parametrize("signer", SIGNERS)
@pytest.mark.parametrize("kind", ["result", "refusal", "notice"])
async def test_the_regional_gateway_forges_no_act(
    stand: EmbeddedStand,
    http: httpx.AsyncClient,
    waiting: tuple[Applicant, str],
    tmp_path: Path,
    signer: str,
    kind: str,
) -> None:
    applicant, application = waiting
    document, now = act(stand, tmp_path, signer, application, kind), stand.clock.now()
    digest = await request_digest(stand, http, application)
    times: dict[str, Any] = {"review_started_at": now, "decided_at": now}
    words = {"kk": "ТЕСТ", "ru": "ТЕСТ", "en": "TEST"}
    notice = NoticeIssued(kind="voucher", text=words, issued_at=now, document=document)
    message, payload = {
        "result": (MessageType.RESULT_DELIVERED, ResultDelivered(document=document, **times)),
        "refusal": (MessageType.REFUSAL_ISSUED, RefusalIssued(document=document, **times)),
        "notice": (MessageType.NOTICE_ISSUED, notice),
    }[kind]
    async with platform(stand, System.REGIONAL_GATEWAY).runtime.work([]) as work:
        work.send(message, System.PORTAL, application, payload, regulation=SERVICE, request_digest=digest)

    async def told() -> bool:
        return "document-signature" in [letter["reason"] for letter in await dead_letters(stand, http, "portal")]

    await eventually(told, seconds=20)
    state = (await applicant.citizen.call("GET", f"/applications/{application}")).json()
    assert state["state"] == "in_review"
    notices = (await applicant.citizen.call("GET", "/notices")).json()
    assert not [found for found in notices if found["text"] == words]
    # The neighbour is served, and is served well.
    await autopilot(stand, http, on=True)
    neighbour = await applicant.draft()
    await applicant.submit(neighbour)
    journal = await applicant.journal(neighbour)
    assert (journal["outcome"], journal["verdict"]) == ("granted", "conformant")
