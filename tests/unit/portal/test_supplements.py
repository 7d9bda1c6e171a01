"""Notices of the provider while a matter goes on, and what the recipient supplies because one asks for it."""

import asyncio
import base64
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from services.portal.domain.application import State
from shared.crypto.verify import verify_document
from shared.kit.ids import sha256_base64url, sha256_hex
from shared.messages.application import ApplicationSupplemented, NoticeIssued
from shared.messages.control import MessageRejected
from shared.messages.systems import System
from shared.messages.types import MessageType
from tests.unit.portal.acts import act, answered, request_digest
from tests.unit.portal.bench import Bench
from tests.unit.portal.test_cabinet import Until, printable
from tests.unit.portal.test_recipients import OTHER

WORDS = {"kk": "алымды төлеңіз", "ru": "уплатите сбор", "en": "pay the fee"}
RECEIPT = b"%PDF-1.7 proof of the fee"


@pytest.fixture
async def application(bench: Bench) -> str:
    """A submitted application."""
    made = await bench.draft()
    assert (await bench.submit(made)).is_success
    return made


async def noticed(bench: Bench, application: str, **changes: Any) -> None:
    """The provider gives notice."""
    digest = changes.pop("digest", None) or await request_digest(bench)
    payload = {"kind": "first_stage", "text": WORDS, "issued_at": bench.clock.now(), **changes}
    await bench.deliver(MessageType.NOTICE_ISSUED, application, NoticeIssued(**payload), requestdigest=digest)


async def demanded(bench: Bench, application: str, days: int | None = 10) -> str:
    """The provider asks for the proof of the fee; the notice."""
    until = None if days is None else bench.clock.now() + timedelta(days=days)
    await noticed(bench, application, expects="fee_receipt", until=until)
    (notice,) = (await bench.call("GET", "/notices")).json()
    return str(notice["id"])


async def attach(bench: Bench, notice: str, content: bytes = RECEIPT, **headers: str) -> httpx.Response:
    given = {"content-type": "application/pdf", **headers}
    return await bench.call("PUT", f"/notices/{notice}/attachment", content=content, headers=given)


async def body_for(bench: Bench, notice: str, **changes: Any) -> dict[str, Any]:
    content = (await bench.call("GET", f"/notices/{notice}/document")).raise_for_status().content
    return {"signature": bench.signature(content, changes.get("signer") or bench.pki.person())}


async def supply(bench: Bench, notice: str, **changes: Any) -> httpx.Response:
    return await bench.call("POST", f"/notices/{notice}/submit", json=await body_for(bench, notice, **changes))


async def demand_of(bench: Bench, application: str) -> dict[str, Any]:
    (demand,) = (await bench.state(application))["demands"]
    return dict(demand)


class TestNotice:
    async def test_it_stands_in_the_cabinet(self, bench: Bench, application: str) -> None:
        await noticed(bench, application, kind="extension", document=act(bench, application))
        (notice,) = (await bench.call("GET", "/notices", headers={"accept-language": "ru"})).json()
        assert (notice["application"], notice["kind"], notice["text"]) == (application, "extension", "уплатите сбор")
        assert notice["document"]["content"]["application"] == application
        assert set(notice["links"]) == {"application", "printable", "verify"}

    async def test_its_document_can_be_checked_and_printed(self, bench: Bench, application: str) -> None:
        await noticed(bench, application, kind="voucher", document=act(bench, application, kind="voucher"))
        (notice,) = (await bench.call("GET", "/notices")).json()
        page = await bench.http.get(notice["links"]["verify"], headers={"accept-language": "en"})
        assert "The signature is confirmed" in page.text
        bench.provider["ru"] = printable(bench, bench.pki.officer())
        printed = await bench.call("GET", notice["links"]["printable"], params={"lang": "ru"})
        assert (printed.status_code, printed.headers["content-type"]) == (200, "application/pdf")
        bench.headers = await bench.enter(OTHER)
        other = await bench.call("GET", notice["links"]["printable"])
        assert other.status_code == httpx.codes.NOT_FOUND

    async def test_it_may_change_when_the_result_is_due(self, bench: Bench, application: str) -> None:
        later = bench.clock.now() + timedelta(days=30)
        await noticed(bench, application, kind="extension", due_at=later)
        assert (await bench.state(application))["due_at"] == later.isoformat().replace("+00:00", "Z")

    async def test_it_wakes_who_waits(self, bench: Bench, application: str, until: Until) -> None:
        path = f"/applications/{application}"
        waiting = asyncio.create_task(bench.call("GET", path, params={"wait": 30}))
        await until(lambda: application in bench.hosted.changes._events)
        await noticed(bench, application, expects="fee_receipt")
        async with asyncio.timeout(2):
            state = (await waiting).json()
        assert (state["state"], [demand["expects"] for demand in state["demands"]]) == ("submitted", ["fee_receipt"])

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"digest": sha256_base64url(b"another request")}, "request-digest"),
            ({"text": {"kk": "a", "ru": "b"}}, "notice"),
        ],
    )
    async def test_what_does_not_prove_itself_is_a_dead_letter(
        self, bench: Bench, application: str, changes: dict[str, Any], reason: str
    ) -> None:
        await noticed(bench, application, **changes)
        assert await bench.dead_letters() == [reason]
        assert (await bench.call("GET", "/notices")).json() == []

    async def test_forged_document_is_a_dead_letter(self, bench: Bench, application: str) -> None:
        await noticed(bench, application, document=act(bench, application, bench.pki.person()))
        assert await bench.dead_letters() == ["document-signature"]

    async def test_notice_about_a_draft_or_nothing(self, bench: Bench) -> None:
        draft = await bench.draft()
        for subject in (draft, "018f0000-0000-7000-8000-000000000000"):
            await noticed(bench, subject, digest=sha256_base64url(b""))
        assert await bench.dead_letters() == ["unknown-application"] * 2


class TestSupplement:
    async def test_it_leaves_signed_and_bound_to_the_request(self, bench: Bench, application: str) -> None:
        notice = await demanded(bench, application)
        attached = await attach(bench, notice, **{"content-disposition": 'attachment; filename="fee.pdf"'})
        assert attached.json()["document"] == "fee_receipt"
        sent = await supply(bench, notice)
        assert sent.status_code == httpx.codes.ACCEPTED, sent.text
        (message,) = await bench.sent(MessageType.APPLICATION_SUPPLEMENTED)
        assert (message.destination, message.subject) == (System.REGIONAL_GATEWAY, application)
        assert message.requestdigest == await request_digest(bench)
        payload = ApplicationSupplemented.model_validate(message.data)
        (reference,) = payload.attachments
        assert (reference.document, reference.sha256) == ("fee_receipt", attached.json()["sha256"])
        assert (await bench.attachment(f"/attachments/{reference.sha256}")).content == RECEIPT
        document = json.loads(payload.document.content)
        assert (document["kind"], document["notice"]["id"]) == ("supplement", notice)
        content, der = payload.document.content.encode(), base64.b64decode(payload.document.signature)
        assert verify_document(content, der, directory=bench.pki.directory(), at=bench.clock.now()).passed
        assert (await demand_of(bench, application))["answered_at"] is not None

    async def test_attached_file_can_be_read_and_replaced(self, bench: Bench, application: str) -> None:
        notice = await demanded(bench, application)
        assert (await bench.call("GET", f"/notices/{notice}/attachment")).status_code == httpx.codes.NOT_FOUND
        await attach(bench, notice)
        await attach(bench, notice, b"%PDF-1.7 another")
        assert (await bench.call("GET", f"/notices/{notice}/attachment")).content == b"%PDF-1.7 another"
        # What it replaces is gone.
        assert (await bench.attachment(f"/attachments/{sha256_hex(RECEIPT)}")).status_code == httpx.codes.NOT_FOUND

    async def test_second_submission_gets_the_same_answer(self, bench: Bench, application: str) -> None:
        notice = await demanded(bench, application)
        await attach(bench, notice)
        body = await body_for(bench, notice)
        path = f"/notices/{notice}/submit"
        answers = await asyncio.gather(*(bench.call("POST", path, json=body) for _ in range(4)))
        assert {answer.status_code for answer in answers} == {202}
        assert len(await bench.sent(MessageType.APPLICATION_SUPPLEMENTED)) == 1

    async def test_file_is_needed(self, bench: Bench, application: str) -> None:
        notice = await demanded(bench, application)
        answer = await bench.call("GET", f"/notices/{notice}/document")
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:egov:problem:application-incomplete")

    @pytest.mark.parametrize(
        ("content", "media_type", "status"),
        [
            (b"no pdf", "application/pdf", httpx.codes.UNSUPPORTED_MEDIA_TYPE),
            (RECEIPT, "text/plain", httpx.codes.UNSUPPORTED_MEDIA_TYPE),
            (RECEIPT + b"x" * (10 << 20), "application/pdf", httpx.codes.REQUEST_ENTITY_TOO_LARGE),
        ],
        ids=["content", "type", "size"],
    )
    async def test_file_is_checked(
        self, bench: Bench, application: str, content: bytes, media_type: str, status: int
    ) -> None:
        notice = await demanded(bench, application)
        answer = await attach(bench, notice, content, **{"content-type": media_type})
        assert answer.status_code == status

    async def test_what_comes_late_is_for_the_provider_to_judge(self, bench: Bench, application: str) -> None:
        notice = await demanded(bench, application, days=0)
        bench.clock.advance(timedelta(seconds=1))
        await attach(bench, notice)
        assert (await supply(bench, notice)).status_code == httpx.codes.ACCEPTED

    async def test_nothing_is_taken_once_the_matter_is_closed(self, bench: Bench, application: str) -> None:
        notice = await demanded(bench, application)
        await answered(bench, application, State.REFUSED, act={"queue": None})
        answer = await attach(bench, notice)
        assert answer.json()["type"] == "urn:egov:problem:supplement-closed"

    async def test_notice_that_asks_for_nothing(self, bench: Bench, application: str) -> None:
        await noticed(bench, application)
        (notice,) = (await bench.call("GET", "/notices")).json()
        assert (await attach(bench, notice["id"])).json()["type"] == "urn:egov:problem:supplement-closed"

    async def test_certificate_that_does_not_pass_sends_nothing(self, bench: Bench, application: str) -> None:
        notice = await demanded(bench, application)
        await attach(bench, notice)
        answer = await supply(bench, notice, signer=bench.pki.expired())
        assert answer.json()["type"] == "urn:egov:problem:signature-not-confirmed"
        answer = await supply(bench, notice, signer=bench.pki.person(OTHER))
        assert answer.json()["type"] == "urn:egov:problem:signature-not-confirmed"
        assert await bench.sent(MessageType.APPLICATION_SUPPLEMENTED) == []
        assert (await supply(bench, notice)).status_code == httpx.codes.ACCEPTED

    async def test_signature_over_a_former_file(self, bench: Bench, application: str) -> None:
        notice = await demanded(bench, application)
        await attach(bench, notice)
        body = await body_for(bench, notice)
        await attach(bench, notice, b"%PDF-1.7 another")
        answer = await bench.call("POST", f"/notices/{notice}/submit", json=body)
        assert answer.json()["type"] == "urn:egov:problem:signature-mismatch"

    async def test_what_a_system_does_not_take_may_be_supplied_again(self, bench: Bench, application: str) -> None:
        notice = await demanded(bench, application)
        await attach(bench, notice)
        await supply(bench, notice)
        (message,) = await bench.sent(MessageType.APPLICATION_SUPPLEMENTED)
        digest = sha256_base64url(message.encode())
        payload = MessageRejected(message_id=message.id, digest=digest, reason="policy", report={})
        await bench.deliver(MessageType.MESSAGE_REJECTED, application, payload, source=System.GATEWAY)
        demand = await demand_of(bench, application)
        assert (demand["answered_at"], demand["trouble"]) == (None, "gateway: policy")
        assert (await bench.state(application))["state"] == "submitted"
        assert (await supply(bench, notice)).status_code == httpx.codes.ACCEPTED

    async def test_notices_of_others_are_not_to_be_seen(self, bench: Bench, application: str) -> None:
        notice = await demanded(bench, application)
        bench.headers = await bench.enter(OTHER)
        assert (await attach(bench, notice)).status_code == httpx.codes.NOT_FOUND
        for method, path in (("GET", "document"), ("POST", "submit"), ("GET", "attachment")):
            answer = await bench.call(method, f"/notices/{notice}/{path}", json={"signature": "AAAA"})
            assert answer.status_code == httpx.codes.NOT_FOUND
        assert (await bench.call("GET", "/notices/nothing/document")).status_code == httpx.codes.NOT_FOUND
