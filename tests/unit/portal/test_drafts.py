"""Services, drafts, forms, and the bytes to sign."""

import json
from typing import Any

import httpx
import pytest

from shared.crypto.testing import IIN
from shared.kit.ids import sha256_hex
from tests.unit.portal.bench import CHILD, SERVICE, Bench, form
from tests.unit.portal.test_recipients import OTHER


class TestServices:
    async def test_list_has_what_the_portal_renders(self, bench: Bench) -> None:
        found = (await bench.http.get("/services", headers={"accept-language": "ru"})).json()
        titles = {service["id"]: service["title"] for service in found}
        assert titles[SERVICE].startswith("Постановка на очередь")
        assert "almaty-city/education-document-duplicate" not in titles  # only at the centre and the office
        assert list(titles) == [regulation.id for regulation in bench.regulations.offered("portal")]

    @pytest.mark.parametrize(
        ("query", "count"),
        [("issuer=almaty-city&q=кезекке", 1), ("issuer=almaty-city", 1), ("q=zzz", 0), ("issuer=almaty", 0)],
    )
    async def test_list_can_be_searched(self, bench: Bench, query: str, count: int) -> None:
        assert len((await bench.http.get(f"/services?{query}")).json()) == count

    async def test_service_names_documents_and_restrictions_with_clauses(self, bench: Bench) -> None:
        service = (await bench.http.get(f"/services/{SERVICE}")).json()
        assert {document["code"] for document in service["documents"]} >= {"request", "benefit_document"}
        assert {restriction["clause"] for restriction in service["restrictions"]} == {"5", "12"}

    async def test_service_names_its_act_what_it_rests_on_and_how_far_it_is_automated(self, bench: Bench) -> None:
        """Standard of 2012, clauses 2 and 3; annex 11 of the oblast, clauses 1 and 2."""
        standard = (await bench.http.get("/services/national/preschool-queue-2012")).json()
        assert (standard["legal_basis"]["clause"], standard["source"]["act"]) == ("3", "standard")
        assert [(mode["code"], mode["name"]["kk"]) for mode in standard["modes"]] == [
            ("partly_automated", "ішінара автоматтандырылған")
        ]
        oblast = (await bench.http.get("/services/almaty-oblast/home-education-reimbursement")).json()
        assert oblast["source"]["standard_registration_number"] == "11342"
        assert [mode["code"] for mode in oblast["modes"]] == ["electronic", "fully_automated", "paper"]

    async def test_service_lists_the_places_of_its_annex(self, bench: Bench) -> None:
        """Externat, clause 1 and annex 1."""
        asked = "/services/almaty-city/externat-permission?channel=office"
        listed = (await bench.http.get(asked)).json()["places"]
        assert (listed["clause"], len(listed["places"])) == ("annex 1", 15)
        assert listed["places"][0]["address"]["ru"] == "город Алматы, улица Докучаева, 31а"
        assert (await bench.http.get(f"/services/{SERVICE}")).json()["places"] is None

    async def test_service_says_where_more_can_be_learnt_and_how_to_complain(self, bench: Bench) -> None:
        """2012, clauses 4 and 20."""
        shown = (await bench.http.get("/services/national/preschool-queue-2012")).json()["information"]
        assert {source["clause"] for source in shown if "service" in source["about"]} == {
            f"4({n})" for n in range(1, 6)
        }
        asked = [source for source in shown if source["about"] == ["complaints"]]
        assert [(source["clause"], source["telephones"]) for source in asked] == [("20", []), ("20", ["1414"])]

    async def test_service_has_the_legends_of_its_diagrams(self, bench: Bench) -> None:
        """Kindergarten queue of the city, its annex."""
        annexes = (await bench.http.get(f"/services/{SERVICE}")).json()["annexes"]
        assert [(annex["code"], annex["channel"]) for annex in annexes] == [
            ("diagram-1", "csc"),
            ("diagram-2", "portal"),
        ]
        assert annexes[0]["legend"]["title"]["ru"] == "Таблица. Условные обозначения"

    async def test_form_is_a_schema_in_the_language_asked_for(self, bench: Bench) -> None:
        answer = await bench.http.get(f"/services/{SERVICE}/form", headers={"accept-language": "kk"})
        assert answer.headers["content-type"] == "application/schema+json"
        child = answer.json()["properties"]["child"]
        assert child["title"] == "Бала"
        assert child["x-labels"]["ru"] == "Ребёнок"

    async def test_unknown_service_is_404(self, bench: Bench) -> None:
        bench.headers = await bench.enter()
        for path in ("/services/no/such", "/services/no/such/form"):
            assert (await bench.http.get(path)).status_code == httpx.codes.NOT_FOUND
        answer = await bench.call("POST", "/applications", json={"service": "no/such"})
        assert answer.status_code == httpx.codes.NOT_FOUND

    async def test_service_without_portal_channel_is_not_offered(self, bench: Bench) -> None:
        known = bench.regulations[SERVICE]
        elsewhere = known.model_copy(update={"channels": {"office": known.channels["office"]}})
        bench.regulations._by_id[SERVICE] = elsewhere
        assert SERVICE not in [found["id"] for found in (await bench.http.get("/services")).json()]
        bench.headers = await bench.enter()
        answer = await bench.call("POST", "/applications", json={"service": SERVICE})
        assert answer.status_code == httpx.codes.CONFLICT
        assert answer.json()["type"] == "urn:egov:problem:channel-not-offered"
        assert answer.json()["clause"] == "1(1)"


class TestDraft:
    async def test_choice_of_a_service_journals_how_the_person_came_in(self, bench: Bench) -> None:
        application = await bench.draft(filled=False)
        assert await bench.steps(application) == [("registration", None), ("process-1", None), ("condition-1", True)]
        assert (await bench.state(application))["state"] == "draft"

    async def test_draft_can_be_given_up(self, bench: Bench) -> None:
        application = await bench.draft()
        assert (await bench.call("DELETE", f"/applications/{application}")).status_code == httpx.codes.NO_CONTENT
        assert (await bench.call("GET", f"/applications/{application}")).status_code == httpx.codes.NOT_FOUND
        assert (await bench.call("DELETE", f"/applications/{application}")).status_code == httpx.codes.NOT_FOUND

    async def test_what_was_sent_cannot_be_changed(self, bench: Bench) -> None:
        application = await bench.draft()
        await bench.submit(application)
        scan = {"content": b"%PDF-1.4", "headers": {"content-type": "application/pdf"}}
        for method, path, arguments in (
            ("DELETE", "", {}),
            ("PUT", "/form", {"json": form()}),
            ("PUT", "/attachments/benefit_document", scan),
        ):
            answer = await bench.call(method, f"/applications/{application}{path}", **arguments)
            assert answer.status_code == httpx.codes.CONFLICT
            assert answer.json()["type"] == "urn:egov:problem:not-a-draft"

    async def test_others_matters_do_not_exist(self, bench: Bench) -> None:
        application = await bench.draft()
        bench.headers = await bench.enter(OTHER)
        base = f"/applications/{application}"
        calls: list[tuple[str, str, dict[str, Any]]] = [
            ("GET", base, {}),
            ("GET", f"{base}/events", {}),
            ("PUT", f"{base}/form", {"json": form()}),
            ("PUT", f"{base}/attachments/benefit_document", {"content": b"%PDF-1.4"}),
            ("GET", f"{base}/attachments/benefit_document", {}),
            ("DELETE", f"{base}/attachments/benefit_document", {}),
            ("GET", f"{base}/document", {}),
            ("POST", f"{base}/submit", {"json": {"signature": "AAAA"}}),
            ("GET", f"{base}/result", {}),
            ("GET", f"{base}/result.pdf", {}),
            ("DELETE", base, {}),
        ]
        for method, path, arguments in calls:
            answer = await bench.call(method, path, **arguments)
            assert answer.status_code == httpx.codes.NOT_FOUND, (method, path, answer.text)
        assert (await bench.call("GET", "/applications")).json() == []

    @pytest.mark.parametrize("application_id", ["nonsense", "../etc", "0", "x" * 300])
    async def test_what_is_no_id_is_404(self, bench: Bench, application_id: str) -> None:
        bench.headers = await bench.enter()
        assert (await bench.call("GET", f"/applications/{application_id}")).status_code == httpx.codes.NOT_FOUND

    @pytest.mark.parametrize("path", ["/applications", "/notices", "/applications/0/document"])
    async def test_cabinet_needs_a_session(self, bench: Bench, path: str) -> None:
        for headers in ({}, {"authorization": "Bearer nonsense"}, {"authorization": "Basic eDp5"}):
            answer = await bench.http.get(path, headers=headers)
            assert answer.status_code == httpx.codes.UNAUTHORIZED
            assert answer.headers["www-authenticate"].startswith("Bearer")


class TestForm:
    async def test_every_fault_at_once_and_the_former_form_stays(self, bench: Bench) -> None:
        application = await bench.draft()
        faulty = form(district="mars", child={**CHILD, "iin": "1", "surname": "A"}, extra=1)
        faulty["applicant"].pop("phone")
        answer = await bench.call("PUT", f"/applications/{application}/form", json=faulty)
        assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY
        paths = {fault["path"] for fault in answer.json()["faults"]}
        assert paths == {"/district", "/child/iin", "/child/given_name", "/extra", "/applicant/phone"}
        assert (await bench.state(application))["form"] == form()

    async def test_faults_are_told_in_the_language_asked_for(self, bench: Bench) -> None:
        application = await bench.draft(filled=False)
        told = set()
        for language in ("kk", "ru", "en"):
            headers = {"accept-language": language}
            answer = await bench.call("PUT", f"/applications/{application}/form", json={}, headers=headers)
            told.add(answer.json()["faults"][0]["message"])
        assert len(told) == 3

    async def test_portal_takes_only_children_born_after_13_august_2007(self, bench: Bench) -> None:
        application = await bench.draft(filled=False)
        child = {"iin": "070813600018", "birth_date": "2007-08-13", "surname": "A", "given_name": "B"}
        answer = await bench.call("PUT", f"/applications/{application}/form", json=form(child=child))
        assert "/child/birth_date" in {fault["path"] for fault in answer.json()["faults"]}

    async def test_applicant_is_the_person_signed_in(self, bench: Bench) -> None:
        application = await bench.draft(filled=False)
        faulty = form()
        faulty["applicant"]["iin"] = OTHER
        answer = await bench.call("PUT", f"/applications/{application}/form", json=faulty)
        assert [fault["path"] for fault in answer.json()["faults"]] == ["/applicant/iin"]

    @pytest.mark.parametrize("body", ["[]", "1", "{", '{"district": NaN}', '"x"', '{"a": 1e999}'])
    async def test_what_is_no_form_is_422(self, bench: Bench, body: str) -> None:
        application = await bench.draft(filled=False)
        headers = {"content-type": "application/json"}
        answer = await bench.call("PUT", f"/applications/{application}/form", content=body, headers=headers)
        assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY


class TestDocument:
    async def test_bytes_are_canonical_and_fixed_by_the_content(self, bench: Bench) -> None:
        application = await bench.draft()
        first = await bench.call("GET", f"/applications/{application}/document")
        again = await bench.call("GET", f"/applications/{application}/document")
        assert first.content == again.content
        assert first.headers["etag"] == f'"{sha256_hex(first.content)}"'
        document = json.loads(first.content)
        assert document["kind"] == "application"
        assert document["application"] == application
        assert document["service"] == SERVICE
        assert document["applicant"] == {"iin": IIN}
        assert document["form"] == form()
        assert list(document) == sorted(document)
        unchanged = {"if-none-match": first.headers["etag"]}
        answer = await bench.call("GET", f"/applications/{application}/document", headers=unchanged)
        assert answer.status_code == httpx.codes.NOT_MODIFIED

    async def test_what_is_missing_is_listed(self, bench: Bench) -> None:
        application = await bench.draft(filled=False)
        for method, path, arguments in (("GET", "document", {}), ("POST", "submit", {"json": {"signature": "AAAA"}})):
            answer = await bench.call(method, f"/applications/{application}/{path}", **arguments)
            assert answer.status_code == httpx.codes.CONFLICT
            assert answer.json()["missing"] == [{"kind": "form", "path": ""}]
        assert len(await bench.steps(application)) == 3

    async def test_document_everybody_must_attach_is_missing(self, bench: Bench) -> None:
        known = bench.regulations[SERVICE]
        channel = known.channels["portal"]
        asked = tuple(
            item.model_copy(update={"required": "always"}) if item.code == "benefit_document" else item
            for item in channel.documents
        )
        changed = known.model_copy(update={"channels": {"portal": channel.model_copy(update={"documents": asked})}})
        bench.regulations._by_id[SERVICE] = changed
        application = await bench.draft()
        answer = await bench.call("GET", f"/applications/{application}/document")
        assert [item["document"] for item in answer.json()["missing"]] == ["benefit_document"]
