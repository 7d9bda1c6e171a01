"""Notices of the provider on the way: shown to the operator and the contact centre; what they ask for is supplied."""

import json
from datetime import datetime, timedelta
from typing import Any

from shared.kit.ids import sha256_base64url, sha256_hex
from shared.messages.application import NoticeIssued
from shared.messages.control import MessageRejected
from shared.messages.envelope import Message
from shared.messages.payload import SignedDocument
from shared.messages.types import MessageType
from tests.factories.extracts import signed
from tests.unit.csc.answers import decide, register
from tests.unit.csc.bench import Bench
from tests.unit.csc.short_form import accepted, sent

TEXT = {"kk": "мерзім ұзартылды", "ru": "срок продлён", "en": "the term is extended"}
SCAN = b"%PDF-1.4 proof"
PDF = {"content-type": "application/pdf", "content-disposition": 'attachment; filename="proof.pdf"'}


async def notice(bench: Bench, matter: str, **fields: Any) -> None:
    """The provider gives notice."""
    (request,) = await bench.sent(MessageType.APPLICATION_SUBMITTED)
    bound = fields.pop("requestdigest", sha256_base64url(request.encode()))
    payload = NoticeIssued(**{"kind": "extension", "text": TEXT, "issued_at": bench.clock.now(), **fields})
    await bench.deliver(MessageType.NOTICE_ISSUED, matter, payload, requestdigest=bound)


async def asked(bench: Bench) -> tuple[str, str]:
    """A matter with a notice that asks for something within ten days, and its id."""
    matter = await sent(bench)
    await register(bench, matter)
    until = bench.clock.now() + timedelta(days=10)
    await notice(bench, matter, kind="documents_requested", expects="proof", until=until)
    return matter, (await bench.state(matter))["notices"][0]["id"]


class TestNotices:
    async def test_the_operator_and_the_contact_centre_see_them(self, bench: Bench) -> None:
        matter = await sent(bench)
        await notice(bench, matter)
        state = await bench.state(matter)
        (shown,) = state["notices"]
        assert (shown["kind"], shown["text"], shown["expects"]) == ("extension", TEXT, None)
        status = (await bench.http.get(f"/status/{state['number']}", headers={"accept-language": "ru"})).json()
        assert [(item["kind"], item["text"]) for item in status["notices"]] == [("extension", TEXT["ru"])]

    async def test_an_extension_moves_what_the_visitor_was_told(self, bench: Bench) -> None:
        matter = await sent(bench)
        before = await bench.state(matter)
        await bench.turn(days=8)
        bench.headers = await bench.sign_in("ainur")
        assert (await bench.state(matter))["overdue_at"] is not None
        await notice(bench, matter, due_at=datetime.fromisoformat("2026-06-25T13:00:00+00:00"))  # Thursday, 18:00
        state = await bench.state(matter)
        assert before["due_at"] < state["due_at"]
        assert state["due_at"].startswith("2026-06-26T07:00")  # three hours of Friday to collect it
        assert state["ready_by"] == before["ready_by"]  # the receipt says what it said
        assert state["overdue_at"] is None
        await bench.turn(days=20)
        assert [event.detail for event in await bench.events(matter) if event.step == "overdue"] == ["result", "result"]

    async def test_about_another_request_it_is_not_taken(self, bench: Bench) -> None:
        matter = await sent(bench)
        await notice(bench, matter, requestdigest=sha256_base64url(b"other"))
        assert await bench.dead_letters() == ["request-digest"]
        assert (await bench.state(matter))["notices"] == []

    async def test_before_anything_was_sent_it_is_not_taken(self, bench: Bench) -> None:
        matter = await accepted(bench)
        payload = NoticeIssued(kind="extension", text=TEXT, issued_at=bench.clock.now())
        await bench.deliver(MessageType.NOTICE_ISSUED, matter, payload)
        assert await bench.dead_letters() == ["unknown-application"]

    async def test_a_signed_document_comes_with_it_if_its_signature_holds(self, bench: Bench) -> None:
        matter = await sent(bench)
        content = {
            "kind": "notice",
            "application": matter,
            "entry_number": "2026-000001",
            "provider": {"name": TEXT, "bin": bench.pki.officer().certificate.bin},
        }
        document = signed(bench.pki, content, bench.pki.officer())
        await notice(bench, matter, document=document)
        (shown,) = (await bench.state(matter))["notices"]
        assert shown["document"]["sha256"] == sha256_hex(document.content.encode())
        forged = SignedDocument(content=document.content.replace("notice", "notion"), signature=document.signature)
        await notice(bench, matter, document=forged)
        assert await bench.dead_letters() == ["document-signature"]
        assert len((await bench.state(matter))["notices"]) == 1


class TestSupplements:
    async def test_what_is_asked_for_is_scanned_certified_and_sent(self, bench: Bench) -> None:
        matter, asking = await asked(bench)
        path = f"/matters/{matter}/notices/{asking}"
        early = await bench.call("POST", f"{path}/supplement")
        assert (early.status_code, early.json()["missing"]) == (409, [{"document": "proof"}])
        await bench.done("PUT", f"{path}/scan", content=SCAN, headers=PDF)
        state = await bench.done("POST", f"{path}/supplement")
        assert state["demands"][0]["sent_at"] is not None
        (message,) = await bench.sent(MessageType.APPLICATION_SUPPLEMENTED)
        (request,) = await bench.sent(MessageType.APPLICATION_SUBMITTED)
        assert message.requestdigest == sha256_base64url(request.encode())
        document = json.loads(message.data["document"]["content"])
        assert (document["kind"], document["notice"]["id"]) == ("supplement", asking)
        assert document["operator"]["login"] == "ainur"
        (reference,) = message.data["attachments"]
        assert (reference["document"], reference["sha256"]) == ("proof", sha256_hex(SCAN))
        assert (await bench.attachment(f"/attachments/{reference['sha256']}")).content == SCAN
        await bench.done("POST", f"{path}/supplement")
        assert len(await bench.sent(MessageType.APPLICATION_SUPPLEMENTED)) == 1

    async def test_a_scan_that_is_replaced_before_it_is_sent_is_gone(self, bench: Bench) -> None:
        matter, asking = await asked(bench)
        for content in (SCAN + b"first", SCAN):
            await bench.done("PUT", f"/matters/{matter}/notices/{asking}/scan", content=content, headers=PDF)
        assert (await bench.attachment(f"/attachments/{sha256_hex(SCAN + b'first')}")).status_code == 404
        assert (await bench.attachment(f"/attachments/{sha256_hex(SCAN)}")).content == SCAN

    async def test_a_rejected_supplement_can_be_sent_again(self, bench: Bench) -> None:
        matter, asking = await asked(bench)
        path = f"/matters/{matter}/notices/{asking}"
        await bench.done("PUT", f"{path}/scan", content=SCAN, headers=PDF)
        await bench.done("POST", f"{path}/supplement")
        message: Message = (await bench.sent(MessageType.APPLICATION_SUPPLEMENTED))[0]
        rejection = MessageRejected(
            message_id=message.id, digest=sha256_base64url(message.encode()), reason="document", report={}
        )
        await bench.deliver(MessageType.MESSAGE_REJECTED, matter, rejection)
        state = await bench.state(matter)
        assert (state["demands"][0]["sent_at"], state["state"]) == (None, "registered")
        assert state["demands"][0]["trouble"] == "regional-gateway: document"
        await bench.done("POST", f"{path}/supplement")
        assert len(await bench.sent(MessageType.APPLICATION_SUPPLEMENTED)) == 2

    async def test_not_after_the_time_for_it(self, bench: Bench) -> None:
        matter, asking = await asked(bench)
        until = datetime.fromisoformat((await bench.state(matter))["demands"][0]["until"])
        bench.clock.set(until + timedelta(seconds=1))
        bench.headers = await bench.sign_in("ainur")
        late = await bench.call("PUT", f"/matters/{matter}/notices/{asking}/scan", content=SCAN, headers=PDF)
        assert (late.status_code, late.json()["type"].split(":")[-1]) == (409, "supplement-closed")

    async def test_not_after_the_decision_and_not_unasked(self, bench: Bench) -> None:
        matter, asking = await asked(bench)
        unasked = await bench.call("PUT", f"/matters/{matter}/notices/other/scan", content=SCAN, headers=PDF)
        assert unasked.status_code == 409
        await decide(bench, matter)
        late = await bench.call("PUT", f"/matters/{matter}/notices/{asking}/scan", content=SCAN, headers=PDF)
        assert late.status_code == 409
        bench.headers = await bench.sign_in("daulet")
        other = await bench.call("PUT", f"/matters/{matter}/notices/{asking}/scan", content=SCAN, headers=PDF)
        assert other.status_code == 404
