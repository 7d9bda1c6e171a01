"""The standard of 2012: places by voucher or a number on the queue, the queue that moves, complaints, quality."""

import base64
from datetime import date, datetime, timedelta
from functools import partial
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import orjson
import pytest
from cryptography.hazmat.primitives.serialization.pkcs7 import load_der_pkcs7_certificates
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.reader import PdfFileReader
from pypdf import PdfReader

from shared.kit.ids import sha256_base64url, sha256_hex
from shared.messages.application import NoticeIssued, QueuePlacementMade, QueuePlaceReleased
from shared.messages.types import MessageType
from tests.factories.pages import walked
from tests.unit.provider.bench import Bench
from tests.unit.provider.conftest import MONDAY
from tests.unit.provider.counter import do, hand_in, journal, shown
from tests.unit.provider.test_stages import from_portal

SERVICE, OFFICE = "national/preschool-queue-2012", "office"


def words(pdf: bytes) -> str:
    """The text of the pages, in one line."""
    return " ".join("".join(page.extract_text() + "\n" for page in PdfReader(BytesIO(pdf)).pages).split())


def signers(signature: str) -> list[str]:
    """The IINs of those who signed: of the certificates in the CMS that are of people."""
    certificates = load_der_pkcs7_certificates(base64.b64decode(signature))
    named = [c.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER) for c in certificates]
    return [str(found[0].value).removeprefix("IIN") for found in named if found]


def pdf_signers(pdf: bytes) -> list[str]:
    """The IINs of those who signed the pages."""
    embedded = PdfFileReader(BytesIO(pdf)).embedded_signatures
    return [str(one.signer_cert.subject.native["serial_number"]).removeprefix("IIN") for one in embedded]


async def apply(bench: Bench, kindergarten: str = "1", priority: str | None = None) -> str:
    """A child is brought to the counter; the application."""
    changes = {"kindergarten": kindergarten, **({"priority_category": priority} if priority else {})}
    answer = await hand_in(bench, SERVICE, changes=changes)
    assert answer.status_code == 201, answer.text
    bench.tick()
    return str(answer.json()["summary"]["application"])


async def place(bench: Bench, application: str, number: int) -> None:
    """The regional gateway gives the number on the queue."""
    requests = await bench.sent(MessageType.QUEUE_PLACEMENT_REQUESTED)
    request = next(message for message in requests if message.subject == application)
    made = QueuePlacementMade(queue="preschool_2012", number=number, place=number, placed_at=bench.pki.clock.now())
    await bench.deliver(
        MessageType.QUEUE_PLACEMENT_MADE,
        application,
        made,
        request_digest=sha256_base64url(request.encode()),
        regulation=SERVICE,
    )
    bench.tick()


async def queued(bench: Bench, number: int, kindergarten: str = "1", priority: str | None = None) -> str:
    """A child that waits for a place."""
    application = await apply(bench, kindergarten, priority)
    await place(bench, application, number)
    return application


async def get(bench: Bench, address: str) -> Any:
    answer = await bench.http.get(address, headers=await bench.signed_in())
    assert answer.status_code == httpx.codes.OK, answer.text
    return answer.json()


async def post(bench: Bench, address: str, login: str = "aliya", **body: Any) -> httpx.Response:
    answer = await bench.http.post(address, json=body, headers=await bench.signed_in(login))
    bench.tick()
    return answer


async def act_of(bench: Bench, application: str) -> dict[str, Any]:
    matter = await shown(bench, application)
    found: dict[str, Any] = orjson.loads(matter["decision"]["act"]["content"])
    return found


async def waiting(bench: Bench) -> list[tuple[int, bool]]:
    return [(child["number"], child["priority"]) for child in await get(bench, "/waiting-children")]


class TestPlaces:
    async def test_voucher_if_there_is_a_place(self, town: Bench) -> None:
        application = await apply(town)
        act = await act_of(town, application)
        assert (act["kind"], act["values"]["kindergarten"]["ru"]) == ("voucher", "ТЕСТ № 1, улица Нет")
        assert act["valid_until"] == "2026-06-06T19:00:00.000Z"  # five days: to the end of 6 June in Almaty
        assert await town.sent(MessageType.QUEUE_PLACEMENT_REQUESTED) == []
        first, second = await get(town, "/kindergartens")
        assert (first["taken"], first["free"], second["free"]) == (1, 0, 1)
        pdf = words(
            (await town.document(f"{(await shown(town, application))['decision']['act']['printable']}")).content
        )
        assert "Жолдама мектепке дейінгі ұйымға берілген күннен бастап 5 күн ішінде" in pdf
        assert "М.О." in pdf

    async def test_number_on_the_queue_if_there_is_none(self, town: Bench) -> None:
        await apply(town)
        application = await apply(town)
        assert (await shown(town, application))["summary"]["state"] == "placing"
        await place(town, application, 1)
        act = await act_of(town, application)
        assert (act["kind"], act["queue"]["number"]) == ("queue_notice", 1)
        assert await waiting(town) == [(1, False)]

    @pytest.mark.parametrize("number", ["77", "01", "1 ", "№ 1", "first", ""])
    async def test_a_number_that_no_kindergarten_has_is_a_fault_of_the_form(self, town: Bench, number: str) -> None:
        """004, annex 6: a place in the kindergarten that is named, so there has to be one."""
        answer = await hand_in(town, SERVICE, changes={"kindergarten": number})
        assert answer.status_code == 422
        assert [fault["path"].rpartition("/")[2] for fault in answer.json()["faults"]] == ["kindergarten"]
        assert [k["taken"] for k in await get(town, "/kindergartens")] == [0, 0]

    async def test_from_another_system_it_is_rejected(self, town: Bench) -> None:
        await from_portal(town, SERVICE, "default", kindergarten="77")
        assert await town.dead_letters() == ["document"]

    async def test_a_full_one_is_a_queue_for_that_one(self, town: Bench) -> None:
        """004, annex 6: nobody is sent to another kindergarten in silence, though it has a place."""
        await apply(town, "1")
        await queued(town, 1, "1")
        assert [(k["taken"], k["free"]) for k in await get(town, "/kindergartens")] == [(1, 0), (0, 1)]
        assert (await act_of(town, await apply(town, "2")))["values"]["kindergarten"]["en"].startswith("TEST No 2")

    async def test_the_notice_is_signed_by_the_specialist_and_the_voucher_by_the_head(self, town: Bench) -> None:
        """004, annexes 4 and 5: the head signs the voucher, which bears the seal; a specialist signs the notice."""
        first = await apply(town)
        second = await queued(town, 1)
        for application, iin, sealed in ((first, "790411431003", True), (second, "850615400026", False)):
            act = (await shown(town, application))["decision"]["act"]
            (signer,) = signers(act["signature"])
            content = orjson.loads(act["content"])
            assert signer == iin, content["kind"]
            pdf = await town.document(act["printable"])
            assert pdf_signers(pdf.content) == [iin]
            assert ("М.О." in words(pdf.content)) == sealed
        assert content["signed_by"]["name"] == "ТЕСТОВА ӘЛИЯ"
        tasks = [event.step for event in await journal(town, second) if event.kind == "task"]
        assert tasks == ["procedure-1", "procedure-2", "procedure-3"]

    async def test_an_officer_may_decide_for_the_queue(self, busy_town: Bench) -> None:
        application = await apply(busy_town)
        answer = await do(busy_town, application, "procedure-2", decision="granted", result="queue_notice")
        assert answer.json()["summary"]["state"] == "placing"
        assert (await get(busy_town, "/kindergartens"))[0]["taken"] == 0


class TestQueue:
    async def test_first_priority_goes_first_and_the_queue_moves(self, town: Bench) -> None:
        await apply(town)
        ordinary = await queued(town, 1)
        favoured = await queued(town, 2, priority="orphan")
        assert await waiting(town) == [(2, True), (1, False)]
        assert (await post(town, "/kindergartens/first/places", count=1)).status_code == 204
        assert await waiting(town) == [(1, False)]
        (released,) = [
            QueuePlaceReleased.model_validate(m.data) for m in await town.sent(MessageType.QUEUE_PLACE_RELEASED)
        ]
        assert (released.number, released.reason) == (2, "voucher")
        notices = (await shown(town, favoured))["notices"]
        assert [notice["kind"] for notice in notices] == ["voucher"]
        assert notices[0]["until"] == "2026-06-06T19:00:00.000Z"
        # What was given before stays what it was.
        assert (await act_of(town, favoured))["kind"] == "queue_notice"
        marks = [e.step for e in await journal(town, favoured) if e.kind == "mark"]
        assert [mark for mark in marks if not mark.startswith("regist")] == ["voucher_issued"]
        await post(town, "/kindergartens/first/places", count=1)
        assert await waiting(town) == []
        assert (await shown(town, ordinary))["notices"][0]["kind"] == "voucher"

    async def test_a_place_elsewhere_is_not_for_who_waits_for_this_one(self, town: Bench) -> None:
        await apply(town)
        await queued(town, 1)
        await post(town, "/kindergartens/second/places", count=1)
        assert await waiting(town) == [(1, False)]

    async def test_through_the_portal_the_voucher_comes_as_a_signed_notice_that_can_be_printed(
        self, town: Bench
    ) -> None:
        await apply(town)
        await from_portal(town, SERVICE, "default")
        await place(town, "application-1", 1)
        await post(town, "/kindergartens/first/places", count=1)
        (message,) = await town.sent(MessageType.NOTICE_ISSUED)
        notice = NoticeIssued.model_validate(message.data)
        assert notice.document is not None
        voucher = orjson.loads(notice.document.content)
        assert (notice.kind, voucher["kind"], voucher["application"]) == ("voucher", "voucher", "application-1")
        sha256 = sha256_hex(notice.document.content.encode())
        pdf = words((await town.document(f"/documents/{sha256}/printable?lang=ru")).content)
        assert "Направление (путёвка) для приёма ребёнка" in pdf

    async def test_who_becomes_too_old_leaves_the_queue_by_the_clock(self, town: Bench) -> None:
        await post(town, f"/vouchers/{await apply(town)}/handing-in")
        application = await queued(town, 1)
        other = await queued(town, 2)
        birthday = date.fromisoformat((await shown(town, application))["document"]["form"]["child"]["birth_date"])
        seventh = datetime(birthday.year + 7, birthday.month, birthday.day, tzinfo=ZoneInfo("Asia/Almaty"))
        town.turn_clock(seventh - timedelta(minutes=1))
        await town.look()
        assert await town.sent(MessageType.QUEUE_PLACE_RELEASED) == []
        assert [number for number, _ in await waiting(town)] == [1, 2]
        town.turn_clock(seventh)
        await town.look()
        await town.look()
        released = [
            QueuePlaceReleased.model_validate(m.data) for m in await town.sent(MessageType.QUEUE_PLACE_RELEASED)
        ]
        assert {(place.number, place.reason) for place in released} == {(1, "grown_up"), (2, "grown_up")}
        assert len(released) == 2
        assert await waiting(town) == []
        for child in (application, other):
            assert [notice["kind"] for notice in (await shown(town, child))["notices"]] == ["grown_up"]
            marks = [(e.step, e.clause) for e in await journal(town, child) if e.kind == "mark"]
            assert [mark for mark in marks if not mark[0].startswith("regist")] == [("grown_up", "1")]
        await post(town, "/kindergartens/first/places", count=1)
        assert (await get(town, "/kindergartens"))[0]["taken"] == 1

    async def test_who_gives_the_place_up_is_passed_over(self, town: Bench) -> None:
        await apply(town)
        application = await queued(town, 1)
        address, headers = f"/waiting-children/{application}", await town.signed_in()
        assert (await town.http.delete(address, headers=headers)).status_code == 204
        assert (await town.http.delete(address, headers=headers)).status_code == 204
        assert await waiting(town) == []
        (message,) = await town.sent(MessageType.QUEUE_PLACE_RELEASED)
        assert message.data["reason"] == "withdrawn"
        stranger = await town.signed_in("stranger")
        assert (await town.http.delete(address, headers=stranger)).status_code == 404


class TestVoucher:
    async def test_is_worth_nothing_after_five_days_and_the_place_goes_to_the_next(self, town: Bench) -> None:
        first = await apply(town)
        following = await queued(town, 1)
        town.turn_clock(MONDAY + timedelta(days=5, hours=13, minutes=59))
        await town.look()
        assert await waiting(town) == [(1, False)]
        town.turn_clock(MONDAY + timedelta(days=5, hours=14))
        await town.look()
        assert await waiting(town) == []
        marks = [e.step for e in await journal(town, first) if e.kind == "mark"]
        assert [mark for mark in marks if not mark.startswith("regist")] == ["voucher_expired"]
        assert (await shown(town, following))["notices"][0]["kind"] == "voucher"
        assert (await get(town, "/kindergartens"))[0]["taken"] == 1
        late = await post(town, f"/vouchers/{first}/handing-in")
        assert (late.status_code, late.json()["state"]) == (409, "expired")

    async def test_handed_in_it_keeps_the_place(self, town: Bench) -> None:
        application = await apply(town)
        assert (await post(town, f"/vouchers/{application}/handing-in")).json()["state"] == "handed_in"
        assert (await post(town, f"/vouchers/{application}/handing-in")).status_code == 200
        town.turn_clock(MONDAY + timedelta(days=30))
        await town.look()
        assert (await get(town, "/kindergartens"))[0]["taken"] == 1
        assert (await post(town, f"/vouchers/{application}/handing-in", "stranger")).status_code == 404


COMPLAINT: dict[str, Any] = {
    "regulation": SERVICE,
    "level": "rude_official",
    "surname": "ТЕСТОВА",
    "given_name": "ҚЫЗҒАЛДАҚ",
    "postal_address": "Сынақ қаласы, Жоқ көшесі, 5",
    "written_on": "2026-06-01",
    "signed": True,
    "about": "ТЕСТОВ БАСҚА",
    "position": "маман",
    "reasons": "дөрекі қызмет көрсетті",
    "demands": "жауап беру",
}


class TestComplaints:
    async def test_is_taken_against_a_slip_and_answered_by_the_head_in_writing(self, town: Bench) -> None:
        taken = (await post(town, "/complaints", "keyless", **COMPLAINT)).json()
        assert taken["slip"] == {
            "number": "2026-000001",
            "accepted_at": "2026-06-01T05:00:00.000Z",
            "accepted_by": "ТЕСТОВ",
            "clause": "25",
        }
        address, headers = f"/complaints/{taken['id']}", await town.signed_in()
        slip = await town.http.get(f"{address}/slip/printable?lang=ru", headers=headers)
        assert "01.06.2026 10:00" in words(slip.content)
        assert (await town.http.get(f"{address}/answer/printable", headers=headers)).status_code == 404
        refused = await post(town, f"{address}/answer", "idle", text="жауап", justified=True)
        assert refused.json()["type"].endswith("wrong-role")
        answered = (await post(town, f"{address}/answer", text="Кешірім сұраймыз", justified=True)).json()
        assert (answered["answer"]["sent_by"], answered["answer"]["justified"]) == ("post", True)
        pdf = words((await town.http.get(f"{address}/answer/printable?lang=kk", headers=headers)).content)
        assert "Кешірім сұраймыз" in pdf
        assert "сотқа жүгінуге құқығы бар" in pdf
        assert "Жоқ көшесі, 5" in pdf
        other = await post(town, f"{address}/answer", text="басқа", justified=False)
        assert other.status_code == 409
        assert [found["id"] for found in await get(town, "/complaints")] == [taken["id"]]
        stranger = await town.http.get(f"{address}/slip/printable", headers=await town.signed_in("stranger"))
        assert stranger.status_code == 404

    @pytest.mark.parametrize("missing", ["surname", "postal_address", "written_on", "about", "reasons", "demands"])
    async def test_without_what_the_text_requires_it_is_not_taken(self, town: Bench, missing: str) -> None:
        body = {name: value for name, value in COMPLAINT.items() if name != missing}
        answer = await post(town, "/complaints", **body)
        assert [fault["path"] for fault in answer.json()["faults"]] == [f"/{missing}"]

    async def test_without_a_signature_it_is_not_taken(self, town: Bench) -> None:
        answer = await post(town, "/complaints", **(COMPLAINT | {"signed": False}))
        assert (answer.status_code, answer.json()["faults"][0]["path"]) == (422, "/signed")

    @pytest.mark.parametrize(
        "changes", [{"regulation": "karaganda/rehabilitation"}, {"level": "president"}, {"regulation": "no/such"}]
    )
    async def test_where_the_text_has_none(self, town: Bench, changes: dict[str, str]) -> None:
        answer = await post(town, "/complaints", **(COMPLAINT | changes))
        code = "not-found" if "no/such" in changes.values() else "complaint-not-provided"
        assert answer.json()["type"].endswith(code)


class TestQuality:
    async def test_is_measured_from_what_happened(self, busy_town: Bench) -> None:
        in_time, late = await apply(busy_town, "1"), await apply(busy_town, "2")
        for application in (in_time, late):
            await do(busy_town, application, "procedure-2", decision="granted")
        await do(busy_town, in_time, "procedure-3")
        busy_town.turn_clock(MONDAY + timedelta(days=4))
        await busy_town.look()
        await do(busy_town, late, "procedure-3")
        await post(busy_town, "/complaints", **COMPLAINT)
        rows = {row["code"]: row for row in await get(busy_town, f"/quality?regulation={SERVICE}&year=2026")}
        assert {code: row["value"] for code, row in rows.items()} == {
            "timeliness": 50.0,
            "tasks_in_time": 100.0,
            "granted": 100.0,
            "electronic": 0.0,
            "complaints": 50.0,
            "justified_complaints": 0.0,
        }
        assert (rows["timeliness"]["counted"], rows["timeliness"]["of"], rows["timeliness"]["norm"]) == (1, 2, None)
        empty = await get(busy_town, f"/quality?regulation={SERVICE}&year=2025")
        assert {row["value"] for row in empty} == {None}


class TestPages:
    async def test_of_the_queue_each_place_is_told_as_it_is(self, town: Bench) -> None:
        await apply(town)
        for number, priority in ((1, None), (2, None), (3, "orphan"), (4, None)):
            await queued(town, number, priority=priority)
        whole = await get(town, "/waiting-children")
        headers = await town.signed_in()
        assert await walked(partial(town.http.get, headers=headers), "/waiting-children") == whole
        assert [child["place"] for child in whole] == [1, 2, 3, 4]
        # Who gives the place up while somebody turns the pages hides nobody.
        first = whole[0]["application"]
        await town.http.delete(f"/waiting-children/{first}", headers=headers)
        rest = await get(town, f"/waiting-children?after={first}")
        assert [(child["number"], child["place"]) for child in rest] == [
            (child["number"], place) for place, child in enumerate(whole[1:], 1)
        ]

    async def test_of_complaints(self, town: Bench) -> None:
        taken = [(await post(town, "/complaints", **COMPLAINT)).json()["id"] for _ in range(3)]
        found = await walked(partial(town.http.get, headers=await town.signed_in()), "/complaints")
        assert [complaint["id"] for complaint in found] == taken[::-1]
