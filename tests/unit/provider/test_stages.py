"""What takes time or another's part: contract, least time, stages with a wait, extensions, variants, offers."""

import base64
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest

from shared.crypto.canonical import canonical_json
from shared.crypto.cms import sign_document
from shared.kit.clock import rfc3339
from shared.kit.ids import sha256_hex
from shared.messages.application import ApplicationAssigned, ApplicationSupplemented, NoticeIssued
from shared.messages.payload import AttachmentReference, SignedDocument
from shared.messages.types import MessageType
from tests.unit.provider.applications import APPLICANT
from tests.unit.provider.bench import Bench
from tests.unit.provider.conftest import MONDAY
from tests.unit.provider.counter import do, form, hand_in, journal, shown, verdict
from tests.unit.provider.test_counter import words

KARAGANDA, PERMIT = "karaganda/rehabilitation", "almaty-oblast/foreign-labour-permit"
SEMEY, HOME = "almaty-oblast/semey-nuclear-victims", "national/home-schooling"
APP = "application-1"
PROOF = b"%PDF-1.7 the fee is paid"


def signed(bench: Bench, content: dict[str, Any], *, by_portal: bool = False) -> SignedDocument:
    """``content`` with the signature of the applicant, or of the portal."""
    signer = bench.pki.system("portal") if by_portal else bench.pki.person(APPLICANT)
    raw = canonical_json(content)
    der = sign_document(raw, signer.key, signer.certificate, bench.pki.chain, bench.pki.clock.now())
    return SignedDocument(content=raw.decode(), signature=base64.b64encode(der).decode())


async def from_portal(bench: Bench, regulation: str, variant: str, **changes: Any) -> None:
    """An application through the portal is assigned; ``changes``: of the form."""
    now = bench.pki.clock.now()
    content = {
        "kind": "application",
        "application": APP,
        "service": regulation,
        "channel": "portal",
        "applicant": {"iin": APPLICANT},
        "form": {**form(bench, regulation, "portal", variant), **changes},
        "attachments": [],
        "created_at": rfc3339(now),
    }
    assigned = ApplicationAssigned(
        channel="portal", entry_number="2026-000009", registered_at=now, document=signed(bench, content)
    )
    await bench.deliver(MessageType.APPLICATION_ASSIGNED, APP, assigned, regulation=regulation)
    bench.tick()


async def supply(bench: Bench, document: str, regulation: str = PERMIT) -> None:
    """The recipient sends a document through the portal."""
    reference = AttachmentReference(
        document=document,
        name="proof.pdf",
        media_type="application/pdf",
        size=len(PROOF),
        sha256=sha256_hex(PROOF),
        href=f"egov://portal/attachments/{sha256_hex(PROOF)}",
    )
    content = {
        "kind": "supplement",
        "application": APP,
        "service": regulation,
        "channel": "portal",
        "applicant": {"iin": APPLICANT},
        "attachments": [reference.model_dump(exclude={"href"})],
        "created_at": rfc3339(bench.pki.clock.now()),
    }
    payload = ApplicationSupplemented(channel="portal", document=signed(bench, content), attachments=(reference,))
    await bench.deliver(MessageType.APPLICATION_SUPPLEMENTED, APP, payload, regulation=regulation)
    bench.tick()


async def notices(bench: Bench) -> list[NoticeIssued]:
    """What the recipient was told."""
    return [NoticeIssued.model_validate(message.data) for message in await bench.sent(MessageType.NOTICE_ISSUED)]


class TestKaraganda:
    async def test_contract_is_concluded_numbered_and_printed(self, busy_town: Bench) -> None:
        application = (await hand_in(busy_town, KARAGANDA)).json()["summary"]["application"]
        address, headers = f"/matters/{application}/contract/printable", await busy_town.signed_in()
        assert (await busy_town.http.get(address, headers=headers)).status_code == 404
        matter = (await do(busy_town, application, "procedure-2")).json()
        assert matter["contract"]["number"] == "2026-000001"
        pdf = await busy_town.http.get(f"{address}?lang=ru", headers=headers)
        assert "Договор № 2026-000001" in words(pdf.content)
        assert "от 90 до 365 календарных дней" in words(pdf.content)

    async def test_rendering_lasts_its_least_time_for_an_officer(self, busy_town: Bench) -> None:
        application = (await hand_in(busy_town, KARAGANDA)).json()["summary"]["application"]
        await do(busy_town, application, "procedure-2")
        await do(busy_town, application, "procedure-3", decision="granted")
        early = await do(busy_town, application, "procedure-4")
        assert (early.status_code, early.json()["type"].rsplit(":", 1)[-1]) == (409, "too-early")
        not_before = datetime.fromisoformat(early.json()["not_before"])
        assert not_before.date() - MONDAY.date() == timedelta(days=90) - timedelta(days=1)  # 19:00 UTC is midnight
        busy_town.turn_clock(not_before)
        assert (await do(busy_town, application, "procedure-4")).status_code == 200

    async def test_autopilot_waits_for_it(self, town: Bench) -> None:
        matter = (await hand_in(town, KARAGANDA)).json()
        application = matter["summary"]["application"]
        assert (matter["tasks"][-1]["task"], matter["tasks"][-1]["state"]) == ("procedure-4", "waiting")
        town.turn_clock(MONDAY + timedelta(days=89))
        await town.look()
        assert (await shown(town, application))["summary"]["state"] == "in_review"
        town.turn_clock(MONDAY + timedelta(days=90))
        await town.look()
        assert (await shown(town, application))["summary"]["state"] == "granted"
        assert (await verdict(town, application)).verdict == "conformant"


class TestStages:
    async def test_first_stage_ends_with_a_notice_and_the_proof_lets_it_go_on(self, town: Bench) -> None:
        await from_portal(town, PERMIT, "issue")
        (notice,) = await notices(town)
        assert (notice.kind, notice.expects) == ("first_stage_done", "proof_of_payment")
        assert notice.until == datetime.fromisoformat("2026-06-15T13:00:00Z")  # ten working days, at the close
        matter = await shown(town, APP)
        assert (matter["summary"]["task"], matter["awaits"]["document"]) == ("procedure-3-2", "proof_of_payment")
        await supply(town, "photograph")
        assert await town.dead_letters() == ["nothing-awaited"]
        await supply(town, "proof_of_payment")
        matter = await shown(town, APP)
        assert matter["summary"]["state"] == "granted"
        assert matter["awaits"]["supplied"]["sha256"] == sha256_hex(PROOF)
        tasks = [event.step for event in await journal(town, APP) if event.kind == "task"]
        assert tasks == ["procedure-1", "procedure-2", "procedure-3-1", "procedure-3-2", "procedure-4", "procedure-5"]

    async def test_an_officer_cannot_go_on_without_it(self, busy_town: Bench) -> None:
        application = (await hand_in(busy_town, PERMIT, variant="issue")).json()["summary"]["application"]
        await do(busy_town, application, "procedure-2")
        await do(busy_town, application, "procedure-3-1", decision="granted")
        blocked = await do(busy_town, application, "procedure-3-2")
        assert (blocked.json()["document"], blocked.status_code) == ("proof_of_payment", 409)
        address, headers = f"/matters/{application}/supplements", await busy_town.signed_in()
        other = await busy_town.http.post(address, json={"document": "photograph"}, headers=headers)
        assert other.json()["type"].endswith("nothing-awaited")
        shown_there = await busy_town.http.post(address, json={"document": "proof_of_payment"}, headers=headers)
        assert shown_there.status_code == 200
        assert (await do(busy_town, application, "procedure-3-2")).status_code == 200

    async def test_it_lapses_when_the_wait_is_over(self, town: Bench) -> None:
        await from_portal(town, PERMIT, "issue")
        town.turn_clock(datetime.fromisoformat("2026-06-15T12:59:00Z"))
        await town.look()
        assert (await shown(town, APP))["summary"]["state"] == "in_review"
        town.turn_clock(datetime.fromisoformat("2026-06-15T13:00:00Z"))
        await town.look()
        matter = await shown(town, APP)
        assert matter["summary"]["state"] == "refused"
        assert [ground["code"] for ground in matter["decision"]["grounds"]] == ["item-10-of-the-standard"]
        assert [notice.kind for notice in await notices(town)] == ["first_stage_done", "lapsed"]
        await supply(town, "proof_of_payment")
        assert await town.dead_letters() == ["nothing-awaited"]

    async def test_a_case_without_stages_does_not_wait(self, town: Bench) -> None:
        await from_portal(town, PERMIT, "reissue")
        matter = await shown(town, APP)
        assert matter["summary"]["state"] == "granted"
        act = orjson.loads(matter["decision"]["act"]["content"])
        assert (act["kind"], await notices(town)) == ("reissued_permit", [])


class TestExtension:
    async def test_by_a_month_once_with_a_notice_in_the_matter(self, busy_town: Bench) -> None:
        application = (await hand_in(busy_town, SEMEY, variant="decision")).json()["summary"]["application"]
        await do(busy_town, application, "procedure-2")
        before = (await shown(busy_town, application))["tasks"][-1]
        address, headers = f"/matters/{application}/extension", await busy_town.signed_in()
        extended = await busy_town.http.post(address, json={"reason": "мұрағатқа сұрау"}, headers=headers)
        assert extended.status_code == 200, extended.text
        task = extended.json()["tasks"][-1]
        assert (before["due_at"], task["due_at"]) == ("2026-06-26T13:00:00Z", "2026-07-26T19:00:00Z")
        (notice,) = extended.json()["notices"]
        assert (notice["kind"], "мұрағатқа сұрау" in notice["text"]["kk"]) == ("term_extended", True)
        assert "до 26.07.2026" in notice["text"]["ru"]
        marks = [event.step for event in await journal(busy_town, application) if event.kind == "mark"]
        assert marks == ["extended", "extension_told"]
        again = await busy_town.http.post(address, json={"reason": "тағы"}, headers=headers)
        assert again.json()["type"].endswith("no-extension")
        busy_town.turn_clock(datetime.fromisoformat("2026-07-01T05:00:00Z"))
        await busy_town.look()
        assert (await shown(busy_town, application))["tasks"][-1]["overdue_at"] is None


class TestResults:
    async def test_the_case_decides_the_kind(self, town: Bench) -> None:
        kinds = {}
        for variant in ("examination", "consultation"):
            matter = (await hand_in(town, "almaty-city/pmp-examination-consultation", variant=variant)).json()
            kinds[variant] = orjson.loads(matter["decision"]["act"]["content"])["kind"]
        assert kinds == {"examination": "conclusion", "consultation": "recommendation"}

    async def test_what_no_form_can_tell_is_chosen_by_the_officer(self, busy_town: Bench) -> None:
        regulation = "almaty-oblast/targeted-assistance-certificate"
        application = (await hand_in(busy_town, regulation)).json()["summary"]["application"]
        await do(busy_town, application, "procedure-2")
        other = await do(busy_town, application, "procedure-3", decision="granted", result="permit")
        assert other.json()["faults"][0]["path"] == "/result"
        await do(busy_town, application, "procedure-3", decision="granted", result="does_not_belong")
        await do(busy_town, application, "procedure-4")
        matter = (await do(busy_town, application, "procedure-5")).json()
        act = matter["decision"]["act"]
        assert orjson.loads(act["content"])["kind"] == "does_not_belong"
        pdf = words((await busy_town.document(f"{act['printable']}?lang=kk")).content)
        assert "http://portal.test/verify/" in pdf.replace(" ", "")

    async def test_duplicate_stands_in_its_book_and_is_sealed(self, town: Bench) -> None:
        regulation = "almaty-city/education-document-duplicate"
        first = (await hand_in(town, regulation, variant="basic-secondary")).json()
        second = (await hand_in(town, regulation, variant="basic-secondary")).json()
        assert (first["book_entry"], second["book_entry"]) == ("2026-000001", "2026-000002")
        pdf = words((await town.document(f"{first['decision']['act']['printable']}?lang=ru")).content)
        assert "М.П." in pdf
        assert "Дубликат документа об образовании" in pdf
        assert "свидетельство об основном среднем образовании" in pdf


class TestOffers:
    async def offered(self, bench: Bench) -> str:
        """A service is offered to the recipient; the application."""
        body = {"regulation": HOME, "form": form(bench, HOME, "proactive")}
        answer = await bench.http.post("/offers", json=body, headers=await bench.signed_in())
        assert answer.status_code == 201, answer.text
        bench.tick()
        return str(answer.json()["summary"]["application"])

    async def answer(self, bench: Bench, application: str, *, given: bool, reason: str | None = None) -> None:
        content = {
            "kind": "consent",
            "application": application,
            "service": HOME,
            "channel": "proactive",
            "applicant": {"iin": APPLICANT},
            "given": given,
            "reason": reason,
            "attachments": [],
            "answered_at": rfc3339(bench.pki.clock.now()),
        }
        payload = ApplicationSupplemented(channel="proactive", document=signed(bench, content, by_portal=True))
        await bench.deliver(MessageType.APPLICATION_SUPPLEMENTED, application, payload, regulation=HOME)
        bench.tick()

    async def test_with_the_consent_the_procedure_begins(self, town: Bench) -> None:
        application = await self.offered(town)
        (notice,) = await notices(town)
        assert notice.kind == "proactive_offer"
        assert notice.document is not None
        assert orjson.loads(notice.document.content)["recipient"]["iin"] == APPLICANT
        assert (await shown(town, application))["summary"]["state"] == "offered"
        await self.answer(town, application, given=True)
        matter = await shown(town, application)
        assert (matter["summary"]["state"], matter["register_number"]) == ("granted", "2026-000001")
        assert await town.steps() == [("offer", None), ("procedure", None)]
        await self.answer(town, application, given=False)
        assert await town.dead_letters() == ["nothing-awaited"]

    @pytest.mark.parametrize("reason", ["declined", "lapsed"])
    async def test_without_it_the_service_is_refused_on_that_ground(self, town: Bench, reason: str) -> None:
        application = await self.offered(town)
        await self.answer(town, application, given=False, reason=reason)
        matter = await shown(town, application)
        assert matter["summary"]["state"] == "refused"
        assert [ground["code"] for ground in matter["decision"]["grounds"]] == ["no-consent"]

    async def test_nothing_is_offered_where_the_text_has_no_such_channel(self, town: Bench) -> None:
        body = {"regulation": KARAGANDA, "form": {}}
        answer = await town.http.post("/offers", json=body, headers=await town.signed_in())
        assert answer.json()["type"].endswith("channel-not-offered")
