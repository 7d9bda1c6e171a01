"""Applications over the provider's own counter: taken, signed, registered, printed, handed out; and refused."""

import base64
from datetime import UTC, datetime, timedelta
from functools import partial
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from services.provider import repository
from services.provider.service.acts import ACTS
from shared.crypto.policy import SignedByBIN
from shared.crypto.verify import verify_document
from shared.kit.ids import sha256_base64url
from shared.messages.application import QueuePlacementMade
from shared.messages.types import MessageType
from shared.regulations.actions import Action
from shared.regulations.loader import load_regulations
from shared.regulations.samples import variants_of
from shared.regulations.terms import Act
from tests.factories.pages import walked
from tests.unit.provider.bench import Bench
from tests.unit.provider.counter import do, hand_in, shown, verdict

DUPLICATE, PMP = "almaty-city/education-document-duplicate", "almaty-city/pmp-examination-consultation"
FAMILY, QUEUE = "almaty-city/family-consultation", "almaty-city/preschool-queue"
EXTERNAT = "almaty-city/externat-permission"


def counters() -> list[tuple[str, str, str]]:
    """Every regulation, channel and case that somebody takes over a counter of the provider."""
    return [
        (regulation.id, name, variant)
        for regulation in load_regulations().values()
        for name, channel in regulation.channels.items()
        if any(step.action is Action.ACCEPT_APPLICATION for step in channel.steps)
        for variant in variants_of(regulation, name)
    ]


def words(pdf: bytes) -> str:
    """The text of the pages, in one line."""
    return " ".join("".join(page.extract_text() + "\n" for page in PdfReader(BytesIO(pdf)).pages).split())


async def test_every_case_of_every_counter_comes_to_its_result(town: Bench) -> None:
    for regulation, channel, variant in counters():
        answer = await hand_in(town, regulation, channel, variant)
        assert answer.status_code == 201, (regulation, channel, variant, answer.text)
        application = answer.json()["summary"]["application"]
        await through(town, application)
        matter = await shown(town, application)
        assert matter["summary"]["state"] == "granted", (regulation, channel, variant, matter)
        judged = await verdict(town, application)
        assert judged.verdict == "conformant", (regulation, channel, variant, judged.deviations)


async def through(bench: Bench, application: str) -> None:
    """Whatever an application waits for comes: the queue number, its least time, the proof that a fee is paid."""
    for _ in range(4):
        bench.tick()
        matter = await shown(bench, application)
        if matter["summary"]["state"] == "placing":
            queue = load_regulations()[matter["summary"]["regulation"]].queue
            assert queue is not None
            request = (await bench.sent(MessageType.QUEUE_PLACEMENT_REQUESTED))[-1]
            number = len(await bench.sent(MessageType.QUEUE_PLACEMENT_REQUESTED))
            made = QueuePlacementMade(queue=queue.code, number=number, place=number, placed_at=bench.pki.clock.now())
            await bench.deliver(
                MessageType.QUEUE_PLACEMENT_MADE,
                application,
                made,
                request_digest=sha256_base64url(request.encode()),
                regulation=matter["summary"]["regulation"],
            )
        elif matter["awaits"] and "received" not in matter["awaits"]:
            body = {"document": matter["awaits"]["document"]}
            headers = await bench.signed_in()
            answer = await bench.http.post(f"/matters/{application}/supplements", json=body, headers=headers)
            assert answer.status_code == 200, answer.text
        elif matter["summary"]["state"] == "in_review":
            bench.turn_clock(bench.pki.clock.now() + timedelta(days=91))
            await bench.look()


class TestIntake:
    async def test_is_registered_signed_by_the_officer_and_the_originals_are_back(self, busy_town: Bench) -> None:
        answer = await hand_in(busy_town, DUPLICATE, variant="basic-secondary")
        matter = answer.json()
        assert (answer.status_code, matter["register_number"]) == (201, "2026-000001")
        assert matter["summary"]["entry_number"] == "2026-000001"
        assert matter["document"]["officer"] == {
            "login": "aliya",
            "name": "ТЕСТОВА ӘЛИЯ",
            "organisation": {"bin": "990140000017"},
        }
        assert matter["intake"]["originals_returned"] is True
        # The recipient's own step and the registration are done with the acceptance, and nothing else.
        assert [(task["task"], task["state"]) for task in matter["tasks"]] == [
            ("procedure-1", "done"),
            ("procedure-2", "done"),
            ("procedure-3", "open"),
        ]
        assert [task["done_by"] for task in matter["tasks"][:2]] == ["recipient", "aliya"]
        assert await busy_town.steps() == [("intake", None)]

    async def test_the_signature_is_the_officers_own(self, busy_town: Bench) -> None:
        matter = (await hand_in(busy_town, FAMILY)).json()
        async with busy_town.platform.database.session() as session:
            kept = await repository.find_matter(session, matter["summary"]["application"])
        assert kept is not None
        verified = verify_document(
            kept.document.encode(),
            base64.b64decode(kept.signature),
            directory=busy_town.pki.directory(),
            at=busy_town.pki.clock.now(),
            policy=SignedByBIN("990140000017"),
        )
        assert verified.report.passed, verified.report.as_dict()
        assert verified.certificate is not None
        assert verified.certificate.iin == "850615400026"

    async def test_after_hours_the_terms_begin_with_the_next_working_day(self, busy_town: Bench) -> None:
        busy_town.turn_clock(datetime(2026, 6, 5, 14, 0, tzinfo=UTC))  # Friday, 19:00 in Almaty
        matter = (await hand_in(busy_town, FAMILY)).json()
        assert matter["started_at"] == "2026-06-08T04:00:00Z"
        assert matter["summary"]["due_at"] == "2026-06-08T05:00:00Z"

    async def test_only_once_the_term_is_over_it_is_overdue(self, busy_town: Bench) -> None:
        application = (await hand_in(busy_town, FAMILY)).json()["summary"]["application"]
        busy_town.pki.clock.advance(timedelta(minutes=59))
        await busy_town.look()
        assert (await shown(busy_town, application))["summary"]["overdue_at"] is None
        busy_town.pki.clock.advance(timedelta(minutes=1))
        await busy_town.look()
        assert (await shown(busy_town, application))["summary"]["overdue_at"] is not None


class TestNotTaken:
    @pytest.mark.parametrize(
        ("regulation", "channel", "code", "clause"),
        [
            ("karaganda/rehabilitation", "csc", "channel-not-offered", "10"),
            ("almaty-oblast/rehabilitated-person-certificate", "office", "channel-not-offered", None),
            (QUEUE, "portal", "channel-not-offered", "1(3)"),
            ("almaty-oblast/employment-referral", "akim", "channel-not-offered", None),
            ("almaty-city/unknown", "office", "not-found", None),
        ],
    )
    async def test_in_a_channel_that_the_text_does_not_give(
        self, town: Bench, regulation: str, channel: str, code: str, clause: str | None
    ) -> None:
        if regulation not in load_regulations() and code != "not-found":
            pytest.skip("the file of this regulation is not there yet")
        answer = await hand_in(town, regulation, channel, form={}, papers=[])
        assert answer.json()["type"].endswith(code), answer.text
        if code == "channel-not-offered":
            assert answer.json()["clause"]
        if clause is not None:
            assert answer.json()["clause"] == clause
        assert (await town.http.get("/matters", headers=await town.signed_in())).json() == []

    async def test_where_the_channel_is_not_for_the_recipient(self, town: Bench) -> None:
        regulation = "national/preschool-queue-2012"
        answer = await hand_in(town, regulation, changes={"residence": "almaty"})
        assert answer.status_code == 409
        assert answer.json()["type"].endswith("channel-restricted")
        assert [found["clause"] for found in answer.json()["restrictions"]] == ["1"]

    async def test_with_faults_in_form_and_papers_all_of_them_are_named(self, town: Bench) -> None:
        answer = await hand_in(town, FAMILY, form={}, papers=["application", "passport"], originals_returned=False)
        paths = {fault["path"] for fault in answer.json()["faults"]}
        assert answer.status_code == 422
        assert {"/form/applicant", "/form/child", "/papers/1", "/originals_returned"} <= paths

    @pytest.mark.parametrize(
        ("login", "code"), [("idle", "wrong-role"), ("keyless", "no-officer-key"), ("stranger", "not-served-here")]
    )
    async def test_by_somebody_who_may_not(self, town: Bench, login: str, code: str) -> None:
        answer = await hand_in(town, FAMILY, login=login)
        assert answer.json()["type"].endswith(code), answer.text

    async def test_without_a_session(self, town: Bench) -> None:
        assert (await town.http.post("/applications", json={})).status_code == 401


class TestRefusal:
    async def test_an_incomplete_package_is_refused_on_the_grounds_of_the_text(self, town: Bench) -> None:
        answer = await hand_in(town, PMP, variant="examination", papers=["application", "identity_document"])
        matter = answer.json()
        assert matter["summary"]["state"] == "refused"
        found = [(ground["code"], ground["clause"]) for ground in matter["decision"]["grounds"]]
        assert found[:2] == [("birth-certificate-missing", "9"), ("medical-extract-missing", "9")]
        assert await town.steps() == [("intake", None), ("refuse-service", None)]
        assert (await verdict(town, matter["summary"]["application"])).outcome == "refused"

    @pytest.mark.parametrize("regulation", [FAMILY, "almaty-city/rehabilitation"])
    async def test_is_impossible_where_the_text_states_none(self, busy_town: Bench, regulation: str) -> None:
        answer = await hand_in(busy_town, regulation, papers=[])
        application = answer.json()["summary"]["application"]
        assert answer.json()["possible_grounds"] == []
        assert answer.json()["proposed_grounds"] == []
        refused = await do(busy_town, application, "procedure-3", decision="refused", grounds=["documents"])
        assert refused.status_code == 409
        assert refused.json()["type"].endswith("refusal-not-stated")
        assert (await do(busy_town, application, "procedure-3", decision="granted")).status_code == 200

    async def test_a_ground_that_the_text_leaves_open_needs_the_reasons(self, busy_town: Bench) -> None:
        answer = await hand_in(busy_town, "almaty-oblast/semey-nuclear-victims", variant="decision")
        application = answer.json()["summary"]["application"]
        await do(busy_town, application, "procedure-2")
        body: dict[str, Any] = {"decision": "refused", "grounds": ["registration-refused"]}
        bare = await do(busy_town, application, "procedure-3", **body)
        assert [fault["path"] for fault in bare.json()["faults"]] == ["/reasons"]
        reasoned = await do(busy_town, application, "procedure-3", reasons="тұрғаны расталмады", **body)
        assert reasoned.status_code == 200
        await do(busy_town, application, "procedure-4")
        closed = (await do(busy_town, application, "procedure-5")).json()
        assert closed["summary"]["state"] == "refused"
        assert "тұрғаны расталмады" in closed["decision"]["act"]["content"]


class TestPapers:
    async def test_receipt_says_what_the_text_lists(self, busy_town: Bench) -> None:
        application = (await hand_in(busy_town, PMP, variant="examination")).json()["summary"]["application"]
        headers = await busy_town.signed_in()
        receipt = (await busy_town.http.get(f"/matters/{application}/receipt", headers=headers)).json()
        items = {name: value for group in receipt["groups"] for name, value in group["items"].items()}
        assert receipt["clause"] == "8(2)"
        assert [group["code"] for group in receipt["groups"]] == [
            "number_and_date",
            "service",
            "documents",
            "issue",
            "accepted_by",
        ]
        assert (items["number"], items["date"], items["document_count"]) == ("2026-000001", "01.06.2026 10:00", 5)
        assert (items["issue_date"], items["employee_names"]) == ("17.06.2026", "ТЕСТОВА ӘЛИЯ")
        for language, title in (("kk", "қолхат"), ("ru", "асписка")):
            pdf = await busy_town.http.get(f"/matters/{application}/receipt/printable?lang={language}", headers=headers)
            assert pdf.headers["content-type"] == "application/pdf"
            assert title in words(pdf.content)
            assert "2026-000001" in words(pdf.content)

    async def test_receipt_names_the_place_of_annex_1_with_address_telephone_and_hours(self, town: Bench) -> None:
        """Externat, clause 8(2): the place where the documents are given; annex 1, row 1."""
        answer = await hand_in(town, EXTERNAT, changes={"school": "externat-school-01"})
        application, headers = answer.json()["summary"]["application"], await town.signed_in()
        receipt = (await town.http.get(f"/matters/{application}/receipt", headers=headers)).json()
        items = {name: value for group in receipt["groups"] for name, value in group["items"].items()}
        assert items["issue_place"]["en"].startswith("TEST")
        assert "Алатау ауданы; Алматы қаласы, Докучаев көшесі, 31 а; 8(727) 276-33-31" in items["issue_place"]["kk"]
        assert "с 1-го по 5-й день недели с 9.00 час. до 18.00 час." in items["issue_place"]["ru"]
        pdf = await town.http.get(f"/matters/{application}/receipt/printable?lang=ru", headers=headers)
        assert "улица Докучаева, 31а; 8(727) 276-33-31" in words(pdf.content)

    async def test_there_is_no_receipt_where_the_text_has_none(self, busy_town: Bench) -> None:
        application = (await hand_in(busy_town, QUEUE)).json()["summary"]["application"]
        answer = await busy_town.http.get(f"/matters/{application}/receipt", headers=await busy_town.signed_in())
        assert answer.status_code == 404

    async def test_result_is_handed_out_once_and_only_when_it_is_there(self, busy_town: Bench) -> None:
        application = (await hand_in(busy_town, FAMILY)).json()["summary"]["application"]
        address, headers = f"/matters/{application}/handing-out", await busy_town.signed_in()
        early = await busy_town.http.post(address, json={"receiver": "ТЕСТОВА"}, headers=headers)
        assert early.status_code == 409
        closed = (await do(busy_town, application, "procedure-3", decision="granted")).json()
        pdf = await busy_town.document(closed["decision"]["act"]["printable"] + "?lang=ru")
        assert "2026-000001" in words(pdf.content)
        first = (await busy_town.http.post(address, json={"receiver": "ТЕСТОВА"}, headers=headers)).json()
        again = (await busy_town.http.post(address, json={"receiver": "ТЕСТОВ"}, headers=headers)).json()
        assert first["handed_out"]["receiver"] == again["handed_out"]["receiver"] == "ТЕСТОВА"


class TestBooking:
    async def book(self, bench: Bench, regulation: str, at: str, name: str = "ТЕСТОВА") -> Any:
        body = {"regulation": regulation, "at": at, "name": name, "phone": "+77010000000", "means": "telephone"}
        return await bench.http.post("/bookings", json=body, headers=await bench.signed_in())

    async def test_where_the_text_has_it(self, town: Bench) -> None:
        booked = await self.book(town, PMP, "2026-06-02T10:00:00+05:00")
        assert booked.status_code == 201, booked.text
        assert (await self.book(town, PMP, "2026-06-02T05:00:00Z")).json() == booked.json()
        taken = await self.book(town, PMP, "2026-06-02T10:00:00+05:00", "ТЕСТОВ")
        assert taken.json()["type"].endswith("time-taken")
        listed = (await town.http.get("/bookings", headers=await town.signed_in())).json()
        assert [booking["at"] for booking in listed] == ["2026-06-02T05:00:00Z"]

    async def test_listed_in_pages(self, town: Bench) -> None:
        for hour in (10, 11, 12):
            await self.book(town, PMP, f"2026-06-02T{hour}:00:00+05:00")
        get = partial(town.http.get, headers=await town.signed_in())
        for path, hours in (("/bookings", [5, 6, 7]), ("/bookings?since=2026-06-02T06:00:00Z", [6, 7])):
            found = await walked(get, path)
            assert [booking["at"] for booking in found] == [f"2026-06-02T0{hour}:00:00Z" for hour in hours]

    @pytest.mark.parametrize(
        ("regulation", "clause"), [(FAMILY, "10"), ("national/preschool-queue-2012", "9(1)"), (DUPLICATE, None)]
    )
    async def test_is_refused_elsewhere_with_the_clause(self, town: Bench, regulation: str, clause: str | None) -> None:
        answer = await self.book(town, regulation, "2026-06-02T10:00:00+05:00")
        assert answer.json()["type"].endswith("booking-not-offered")
        assert answer.json().get("clause") == clause

    @pytest.mark.parametrize("at", ["2026-06-02T13:00:00+05:00", "2026-06-06T10:00:00+05:00"])
    async def test_not_while_the_office_is_closed(self, town: Bench, at: str) -> None:
        assert (await self.book(town, PMP, at)).json()["type"].endswith("time-taken")

    @pytest.mark.parametrize("at", ["2026-05-29T10:00:00+05:00", "2026-06-02T10:05:00+05:00"])
    async def test_not_in_the_past_nor_between_the_quarters(self, town: Bench, at: str) -> None:
        assert (await self.book(town, PMP, at)).json()["faults"][0]["path"] == "/at"


def test_every_act_has_its_implementation() -> None:
    assert set(ACTS) == set(Act)
