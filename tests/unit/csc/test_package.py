"""Process 5 and 6: documents, the operator's signature, the request that leaves; the refusal to accept; receipts."""

import base64
import json
from io import BytesIO
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from pypdf import PdfReader

from shared.crypto.cades import sign_document
from shared.kit.ids import sha256_hex
from shared.messages.application import ApplicationSubmitted
from shared.messages.types import MessageType
from shared.web.file_names import name_in
from tests.unit.csc.answers import obtained, person, submitted
from tests.unit.csc.bench import Bench
from tests.unit.csc.forms import (
    APPLICANT,
    CHILD,
    DUPLICATE,
    OTHER_CERTIFICATION,
    QUEUE,
    duplicate_form,
    queue_form,
    represented,
)


async def completing(bench: Bench, form: dict[str, Any], service: str = QUEUE, **records: dict[str, Any]) -> str:
    """A matter whose data were obtained."""
    matter = await bench.entered(form, service)
    await obtained(bench, matter, **records)
    return matter


async def missing(bench: Bench, matter: str) -> list[str]:
    """Codes of the documents that are not there."""
    return [item["document"] for item in (await bench.state(matter))["missing"]]


class TestDocuments:
    async def test_what_the_registries_gave_is_not_asked_for(self, bench: Bench) -> None:
        matter = await completing(bench, queue_form())
        assert await missing(bench, matter) == []

    async def test_a_birth_certificate_the_registry_has_not_is_asked_for_on_paper(self, bench: Bench) -> None:
        matter = await completing(bench, queue_form(), child=person(CHILD, []))
        assert await missing(bench, matter) == ["birth_certificate"]

    @pytest.mark.parametrize(("issued_on", "asked"), [("2009-01-01", False), ("2008-12-31", True)])
    async def test_birth_certificates_after_2008_come_from_the_registry(
        self, bench: Bench, issued_on: str, asked: bool
    ) -> None:
        record = person(APPLICANT, ["identity_documents"])
        record["birth_certificate"] = {"number": "АА-1", "issued_on": issued_on}
        matter = await completing(bench, duplicate_form(), DUPLICATE, applicant=record)
        assert ("birth_certificate" in await missing(bench, matter)) is asked

    @pytest.mark.parametrize(
        ("kind", "until", "asked"),
        [("orphan", None, False), ("orphan", "2026-01-01", True), ("disability", None, True), (None, None, True)],
    )
    async def test_a_claimed_priority_is_proven_by_the_registry_or_on_paper(
        self, bench: Bench, kind: str | None, until: str | None, asked: bool
    ) -> None:
        fact = {"kind": kind, "since": "2024-01-01", **({"until": until} if until else {})}
        record = person(CHILD, ["birth_certificate"], **({"benefits": [fact]} if kind else {}))
        matter = await completing(bench, queue_form(priority_category="orphan"), child=record)
        assert await missing(bench, matter) == (["benefit_document"] if asked else [])

    async def test_another_kind_of_power_of_attorney_is_handed_in_on_paper(self, bench: Bench) -> None:
        matter = await completing(bench, queue_form(**represented(OTHER_CERTIFICATION)))
        assert await missing(bench, matter) == ["power_of_attorney"]

    async def test_marks_carry_their_times_and_are_taken_back(self, bench: Bench) -> None:
        matter = await completing(bench, duplicate_form(), DUPLICATE)
        path = f"/matters/{matter}/documents/loss_statement"
        first = await bench.done("PUT", path, json={"present": True, "compared": True})
        bench.clock.advance(bench.settings.session_lifetime / 8)
        second = await bench.done("PUT", path, json={"present": True, "compared": True, "returned": True})
        assert second["compared_at"] == first["compared_at"] != second["returned_at"]
        gone = await bench.done("PUT", path, json={"present": False})
        assert (gone["compared_at"], gone["returned_at"]) == (None, None)

    @pytest.mark.parametrize("body", [{"present": False, "compared": True}, {"present": False, "returned": True}])
    async def test_what_is_not_there_is_not_compared(self, bench: Bench, body: dict[str, bool]) -> None:
        matter = await completing(bench, duplicate_form(), DUPLICATE)
        answer = await bench.call("PUT", f"/matters/{matter}/documents/loss_statement", json=body)
        assert answer.status_code == 409

    @pytest.mark.parametrize("code", ["identity_document", "nothing", "request"])
    async def test_only_what_the_regulation_has_handed_in(self, bench: Bench, code: str) -> None:
        matter = await completing(bench, duplicate_form(), DUPLICATE)
        answer = await bench.call("PUT", f"/matters/{matter}/documents/{code}", json={"present": True})
        assert answer.status_code == 422


class TestScans:
    async def put(self, bench: Bench, content: bytes, media_type: str, *, present: bool = True) -> httpx.Response:
        matter = await completing(bench, duplicate_form(), DUPLICATE)
        path = f"/matters/{matter}/documents/loss_statement"
        await bench.done("PUT", path, json={"present": present})
        return await bench.call("PUT", f"{path}/scan", content=content, headers={"content-type": media_type})

    async def test_is_kept_and_read_again(self, bench: Bench) -> None:
        content = b"%PDF-1.4 scan"
        matter = await completing(bench, duplicate_form(), DUPLICATE)
        await bench.paper(matter, "loss_statement", content)
        read = await bench.call("GET", f"/matters/{matter}/documents/loss_statement/scan")
        assert read.content == content
        assert read.headers["x-content-type-options"] == "nosniff"
        fetched = await bench.attachment(f"/attachments/{sha256_hex(content)}")
        assert (fetched.content, fetched.headers["content-type"]) == (content, "application/pdf")

    async def test_what_is_replaced_or_was_not_there_after_all_is_gone(self, bench: Bench) -> None:
        folder = bench.platform.stand.data_dir / "csc" / "scans"
        matter = await completing(bench, duplicate_form(), DUPLICATE)
        await bench.paper(matter, "loss_statement", b"%PDF-1.4 first")
        await bench.paper(matter, "loss_statement", b"%PDF-1.4 second")
        assert [path.name for path in folder.rglob("*") if path.is_file()] == [sha256_hex(b"%PDF-1.4 second")]
        await bench.done("PUT", f"/matters/{matter}/documents/loss_statement", json={"present": False})
        assert [path for path in folder.rglob("*") if path.is_file()] == []

    async def test_its_name_comes_back_as_it_was_written(self, bench: Bench) -> None:
        matter = await completing(bench, duplicate_form(), DUPLICATE)
        path = f"/matters/{matter}/documents/loss_statement"
        await bench.done("PUT", path, json={"present": True})
        stated = {"content-type": "application/pdf", "content-disposition": 'attachment; filename="Көш.pdf"'.encode()}
        await bench.call("PUT", f"{path}/scan", content=b"%PDF-1.4", headers=stated)
        read = await bench.call("GET", f"{path}/scan")
        assert name_in(read.headers["content-disposition"]) == "Көш.pdf"

    async def test_too_long_a_name_is_shortened(self, bench: Bench) -> None:
        matter = await completing(bench, duplicate_form(), DUPLICATE)
        path = f"/matters/{matter}/documents/loss_statement"
        await bench.done("PUT", path, json={"present": True})
        name = quote("ы" * 700) + ".pdf"
        pdf = {"content-type": "application/pdf"}
        stated = pdf | {"content-disposition": f"attachment; filename*=UTF-8''{name}"}
        for query, headers in ((f"?name={name}", pdf), ("", stated)):
            (await bench.call("PUT", f"{path}/scan{query}", content=b"%PDF-1.4", headers=headers)).raise_for_status()
            read = await bench.call("GET", f"{path}/scan")
            assert name_in(read.headers["content-disposition"]) == "ы" * 125 + ".pdf"

    @pytest.mark.parametrize(
        ("content", "media_type", "code"),
        [
            (b"%PDF-1.4", "text/html", 415),
            (b"<html>", "application/pdf", 415),
            (b"%PDF-1.4" + b"x" * 100, "application/pdf", 413),
        ],
    )
    async def test_same_checks_as_on_the_portal(self, bench: Bench, content: bytes, media_type: str, code: int) -> None:
        await bench.restart(attachment_limit=64)
        assert (await self.put(bench, content, media_type)).status_code == code

    async def test_of_a_document_that_is_not_there(self, bench: Bench) -> None:
        assert (await self.put(bench, b"%PDF-1.4", "application/pdf", present=False)).status_code == 409

    @pytest.mark.parametrize("name", ["0" * 64, "../../etc/passwd", "..%2f..%2fetc%2fpasswd", "G" * 64])
    async def test_what_is_no_digest_is_no_file(self, bench: Bench, name: str) -> None:
        assert (await bench.attachment(f"/attachments/{name}")).status_code == 404


class TestSubmission:
    async def test_the_request_leaves_with_the_operators_signature(self, bench: Bench) -> None:
        matter = await submitted(bench, duplicate_form(), DUPLICATE)
        (message,) = await bench.sent(MessageType.APPLICATION_SUBMITTED)
        payload = ApplicationSubmitted.model_validate(message.data)
        document = json.loads(payload.document.content)
        assert document["channel"] == payload.channel == "csc"
        assert document["operator"]["centre"]["bin"] == "041040000118"
        assert document["applicant"] == {"iin": APPLICANT}
        assert document["consent"]["version"] == "1"
        referred = {(item.document, item.sha256) for item in payload.attachments}
        assert {(item["document"], item["sha256"]) for item in document["attachments"]} == referred
        assert {code for code, _ in referred} == {
            "application",
            "identity_document",
            "birth_certificate",
            "loss_statement",
        }
        assert all(item.href == f"egov://csc/attachments/{item.sha256}" for item in payload.attachments)
        assert (await bench.steps(matter))[-2:] == [("process-5", None), ("process-6", None)]

    async def test_extracts_are_attached_as_the_registry_signed_them(self, bench: Bench) -> None:
        await submitted(bench, duplicate_form(), DUPLICATE)
        (message,) = await bench.sent(MessageType.APPLICATION_SUBMITTED)
        reference = next(i for i in message.data["attachments"] if i["document"] == "identity_document")
        fetched = await bench.attachment(f"/attachments/{reference['sha256']}")
        assert sha256_hex(fetched.content) == reference["sha256"]
        assert len(fetched.content) == reference["size"]
        extract = json.loads(fetched.json()["content"])
        assert extract["record"]["iin"] == APPLICANT

    async def test_sent_twice_the_answer_is_the_same(self, bench: Bench) -> None:
        matter = await submitted(bench, queue_form(), QUEUE)
        again = await bench.done("POST", f"/matters/{matter}/submit")
        assert again["state"] == "submitted"
        assert len(await bench.sent(MessageType.APPLICATION_SUBMITTED)) == 1

    async def test_everything_missing_is_named(self, bench: Bench) -> None:
        matter = await completing(bench, duplicate_form(), DUPLICATE)
        await bench.done("PUT", f"/matters/{matter}/documents/application", json={"present": True})
        answer = await bench.call("POST", f"/matters/{matter}/submit")
        assert answer.status_code == 409
        problem = answer.json()
        assert [item["document"] for item in problem["missing"]] == ["loss_statement"]
        left = {(item["document"], item["to"]) for item in problem["unfinished"]}
        assert left == {("application", "compare"), ("application", "scan"), ("application", "return")}
        assert await bench.sent(MessageType.APPLICATION_SUBMITTED) == []

    async def test_not_before_the_registries_have_answered(self, bench: Bench) -> None:
        matter = await bench.entered(queue_form())
        for path in ("document", "sign", "submit"):
            method = "GET" if path == "document" else "POST"
            assert (await bench.call(method, f"/matters/{matter}/{path}")).status_code == 409

    async def test_a_signature_made_at_the_workplace_is_taken(self, bench: Bench) -> None:
        matter = await completing(bench, queue_form())
        content = (await bench.call("GET", f"/matters/{matter}/document")).content
        signed = await bench.done("POST", f"/matters/{matter}/sign")
        assert signed["sha256"] == sha256_hex(content)
        assert await bench.sent(MessageType.APPLICATION_SUBMITTED) == []
        await bench.done("POST", f"/matters/{matter}/submit", json={"signature": signed["signature"]})
        (message,) = await bench.sent(MessageType.APPLICATION_SUBMITTED)
        assert message.data["document"] == {"content": content.decode(), "signature": signed["signature"]}

    async def test_somebody_elses_signature(self, bench: Bench) -> None:
        matter = await completing(bench, queue_form())
        content = (await bench.call("GET", f"/matters/{matter}/document")).content
        operator = {"iin": "860314451016"}
        for signer, code in (
            (bench.pki.person(), 403),
            (bench.pki.officer(**operator), 403),  # the operator, for another organisation
            (bench.pki.officer(bin="041040000118"), 403),  # a colleague
            (bench.pki.officer(**operator, bin="041040000118"), 202),
        ):
            der = sign_document(content, signer.key, signer.certificate, bench.pki.chain, bench.clock.now())
            body = {"signature": base64.b64encode(der).decode()}
            assert (await bench.call("POST", f"/matters/{matter}/submit", json=body)).status_code == code

    async def test_a_signature_over_other_bytes(self, bench: Bench) -> None:
        matter = await completing(bench, queue_form())
        signer = bench.pki.officer(iin="860314451016", bin="041040000118")
        der = sign_document(b"{}", signer.key, signer.certificate, bench.pki.chain, bench.clock.now())
        for signature in (base64.b64encode(der).decode(), "not base64!", base64.b64encode(b"no CMS").decode()):
            answer = await bench.call("POST", f"/matters/{matter}/submit", json={"signature": signature})
            assert answer.status_code == 422, answer.text
        assert (await bench.state(matter))["state"] == "completing"

    async def test_a_certificate_revoked_since_sign_in_stops_everything(self, bench: Bench) -> None:
        matter = await completing(bench, queue_form())
        signed = await bench.done("POST", f"/matters/{matter}/sign")
        thumbprint = (await bench.told())["aigerim"]["certificate"]
        bench.pki.revoke(next(c for c in bench.pki.certificates if c.thumbprint == thumbprint))
        for path, body in (("sign", {}), ("submit", {}), ("submit", {"signature": signed["signature"]})):
            answer = await bench.call("POST", f"/matters/{matter}/{path}", json=body)
            assert answer.status_code == 403
            assert answer.json()["type"].endswith("operator-certificate")
            assert answer.json()["report"]["indication"] == "failed"
        assert await bench.sent(MessageType.APPLICATION_SUBMITTED) == []
        assert (await bench.state(matter))["state"] == "completing"
        bench.headers = await bench.sign_in("arman")
        await bench.done("POST", f"/matters/{matter}/submit")

    async def test_a_silent_authority_changes_nothing(self, bench: Bench) -> None:
        matter = await completing(bench, queue_form())
        bench.authority.silent = True
        answer = await bench.call("POST", f"/matters/{matter}/submit")
        assert answer.status_code == 503
        assert answer.json()["retryable"] is True
        bench.authority.silent = False
        assert (await bench.call("POST", f"/matters/{matter}/submit")).status_code == 202


class TestRefusalOfAcceptance:
    async def test_only_if_documents_are_missing(self, bench: Bench) -> None:
        matter = await completing(bench, queue_form())
        answer = await bench.call("POST", f"/matters/{matter}/refuse-acceptance")
        assert answer.status_code == 409
        assert answer.json()["type"].endswith("package-complete")
        assert (await bench.state(matter))["state"] == "completing"

    async def test_the_receipt_lists_what_is_missing(self, bench: Bench) -> None:
        matter = await completing(bench, duplicate_form(), DUPLICATE)
        await bench.paper(matter, "application")
        view = await bench.done("POST", f"/matters/{matter}/refuse-acceptance")
        assert view["state"] == "acceptance_refused"
        assert view["closing"]["grounds"][0]["code"] == "incomplete-package"
        result = await bench.call("GET", f"/matters/{matter}/result")
        assert (result.status_code, result.json()["type"]) == (409, "urn:egov:problem:no-result")
        assert "incomplete-package), no result will come" in result.json()["detail"]
        receipt = await bench.done("GET", f"/matters/{matter}/refusal-receipt")
        groups = {group["code"]: group["items"] for group in receipt["groups"]}
        (name,) = groups["missing"]["missing_documents"]
        assert name["en"] == "statement on how the document was lost"
        assert groups["refused_by"] == {"employee_names": "ТЕСТОВА АЙГЕРІМ"}
        assert await bench.deviations(matter, DUPLICATE) == []
        assert (await bench.verdict(matter, DUPLICATE)).outcome == "refused"
        pdf = await bench.call("GET", f"/matters/{matter}/refusal-receipt.pdf")
        words = PdfReader(BytesIO(pdf.content)).pages[0].extract_text()
        assert "құжаттың жоғалу мән-жайлары" in " ".join(words.split())

    async def test_before_any_registry_is_asked(self, bench: Bench) -> None:
        matter = await bench.entered(duplicate_form(), DUPLICATE, consent=False)
        await bench.done("POST", f"/matters/{matter}/refuse-acceptance")
        assert [step for step, _ in await bench.steps(matter)] == ["process-1", "process-2", "refuse-acceptance"]
        assert await bench.deviations(matter, DUPLICATE) == []
        assert await bench.sent(MessageType.REGISTRY_REQUESTED) == []

    async def test_asked_twice_the_answer_is_the_same(self, bench: Bench) -> None:
        matter = await completing(bench, duplicate_form(), DUPLICATE)
        first = await bench.done("POST", f"/matters/{matter}/refuse-acceptance")
        assert (await bench.done("POST", f"/matters/{matter}/refuse-acceptance"))["number"] == first["number"]

    async def test_nothing_follows(self, bench: Bench) -> None:
        matter = await completing(bench, duplicate_form(), DUPLICATE)
        await bench.done("POST", f"/matters/{matter}/refuse-acceptance")
        for method, path, body in (
            ("POST", "submit", None),
            ("POST", "registry-queries", None),
            ("PUT", "documents/loss_statement", {"present": True}),
        ):
            arguments = {} if body is None else {"json": body}
            assert (await bench.call(method, f"/matters/{matter}/{path}", **arguments)).status_code == 409

    async def test_nobody_is_refused_before_they_are_named(self, bench: Bench) -> None:
        matter = str((await bench.done("POST", "/matters", json={"service": DUPLICATE}))["id"])
        assert (await bench.call("POST", f"/matters/{matter}/refuse-acceptance")).status_code == 409


class TestAcceptanceReceipt:
    async def test_has_all_six_groups_of_fields(self, bench: Bench) -> None:
        matter = await submitted(bench, duplicate_form(**represented(OTHER_CERTIFICATION)), DUPLICATE)
        receipt = await bench.done("GET", f"/matters/{matter}/acceptance-receipt")
        groups = {group["code"]: group["items"] for group in receipt["groups"]}
        assert list(groups) == ["number_and_date", "service", "documents", "issue", "accepted_by", "parties"]
        assert groups["number_and_date"] == {"number": "ALMALY-2026-000001", "date": "02.06.2026 14:00"}
        assert groups["service"]["service"]["ru"].lower().startswith("выдача дубликат")
        assert groups["documents"]["document_count"] == len(groups["documents"]["document_names"]) == 3
        assert groups["issue"]["issue_date"] == "02.07.2026"  # thirty calendar days
        assert groups["issue"]["issue_time"] == "20:00"
        assert "Несуществующая, 1" in groups["issue"]["issue_place"]["ru"]
        assert groups["accepted_by"] == {"employee_names": "ТЕСТОВА АЙГЕРІМ"}
        assert groups["parties"] == {
            "applicant_names": "ТЕСТОВА Әсел",
            "applicant_phone": "+77010000000",
            "representative_names": "ТЕСТОВ Болат",
            "representative_phone": "+77020000000",
        }

    @pytest.mark.parametrize(("language", "words"), [("kk", "Орталық қызметкері"), ("ru", "Работник центра")])
    async def test_is_printed(self, bench: Bench, language: str, words: str) -> None:
        matter = await submitted(bench, queue_form(), QUEUE)
        pdf = await bench.call("GET", f"/matters/{matter}/acceptance-receipt.pdf", params={"lang": language})
        assert pdf.headers["content-type"] == "application/pdf"
        printed = PdfReader(BytesIO(pdf.content)).pages[0].extract_text()
        assert words in printed
        assert "ALMALY-2026-000001" in printed
        assert "ТЕСТ" in printed

    async def test_is_not_there_before_acceptance(self, bench: Bench) -> None:
        matter = await completing(bench, queue_form())
        for name in ("acceptance-receipt", "refusal-receipt", "acceptance-receipt.pdf", "other-receipt"):
            assert (await bench.call("GET", f"/matters/{matter}/{name}")).status_code in (404, 422)

    async def test_numbers_have_no_gaps(self, bench: Bench) -> None:
        numbers = [(await bench.state(await submitted(bench, queue_form(), QUEUE)))["number"] for _ in range(3)]
        assert numbers == [f"ALMALY-2026-{n:06d}" for n in (1, 2, 3)]
