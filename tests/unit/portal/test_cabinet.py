"""The cabinet: lists, waiting for a state, the event stream, results, their printable form, and the public check."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from io import BytesIO

import httpx
import pytest
from reportlab.pdfgen.canvas import Canvas
from sqlalchemy import text

from shared.crypto.identity import Identity
from shared.crypto.pades import sign_pdf
from shared.crypto.testing import IIN
from shared.kit.ids import sha256_hex
from tests.unit.portal.acts import ENTRY, act, answered, registered
from tests.unit.portal.bench import Bench
from tests.unit.portal.test_recipients import OTHER

Until = Callable[[Callable[[], bool]], Awaitable[None]]


async def sent(bench: Bench) -> str:
    """A submitted application."""
    application = await bench.draft()
    (await bench.submit(application)).raise_for_status()
    return application


class TestLists:
    async def test_matters_are_paged_newest_first(self, bench: Bench) -> None:
        made = []
        for _ in range(5):
            made.append(await bench.draft(filled=False))
            bench.clock.advance(timedelta(seconds=1))
        found: list[str] = []
        while page := (await bench.call("GET", "/applications", params={"limit": 2, **_before(found)})).json():
            found += [matter["id"] for matter in page]
        assert found == made[::-1]

    async def test_nothing_older_than_asked_for(self, bench: Bench) -> None:
        made = []
        for _ in range(4):
            made.append(await bench.draft(filled=False))
            bench.clock.advance(timedelta(seconds=1))
        for params, expected in (
            ({"oldest": made[2]}, [made[3], made[2]]),
            ({"oldest": made[1], "before": made[3]}, [made[2], made[1]]),
        ):
            answer = await bench.call("GET", "/applications", params=params)
            assert [matter["id"] for matter in answer.json()] == expected

    async def test_matters_by_state(self, bench: Bench) -> None:
        draft, application = await bench.draft(), await sent(bench)
        for state, expected in (("draft", [draft]), ("submitted", [application]), ("granted", [])):
            answer = await bench.call("GET", "/applications", params={"state": state})
            assert [matter["id"] for matter in answer.json()] == expected

    async def test_notices_of_one_matter(self, bench: Bench) -> None:
        first, second = await sent(bench), await sent(bench)
        await registered(bench, first)
        await registered(bench, second)
        answer = await bench.call("GET", "/notices", params={"application": second})
        assert [notice["application"] for notice in answer.json()] == [second]

    async def test_cabinet_reads_by_index(self, bench: Bench) -> None:
        """The cost of a page does not grow with the number of applications."""
        if bench.platform.database.dialect != "sqlite":
            pytest.skip("the plan is asked for in SQLite's words; PostgreSQL has the same indexes")
        async with bench.platform.database.session() as session:
            for table, order in (("applications", "id"), ("notices", "id")):
                query = f"EXPLAIN QUERY PLAN SELECT id FROM {table} WHERE iin = 'x' AND id < 'y' ORDER BY {order} DESC"
                plan = " ".join(str(row) for row in await session.execute(text(query)))
                assert f"INDEX ix_{table}_iin_id" in plan
                assert "TEMP B-TREE" not in plan


class TestWait:
    async def test_answer_comes_with_the_change(self, bench: Bench, until: Until) -> None:
        application = await sent(bench)
        path = f"/applications/{application}"
        waiting = asyncio.create_task(bench.call("GET", path, params={"wait": 30}))
        await until(lambda: application in bench.hosted.changes._events)
        assert not waiting.done()
        await registered(bench, application)
        async with asyncio.timeout(2):
            assert (await waiting).json()["state"] == "registered"

    async def test_state_that_is_another_already_answers_at_once(self, bench: Bench) -> None:
        application = await sent(bench)
        async with asyncio.timeout(2):
            answer = await bench.call("GET", f"/applications/{application}", params={"wait": 30, "since": "draft"})
        assert answer.json()["state"] == "submitted"

    async def test_nothing_new_is_told_when_the_time_is_over(self, bench: Bench) -> None:
        application = await sent(bench)
        answer = await bench.call("GET", f"/applications/{application}", params={"wait": 0.05})
        assert answer.json()["state"] == "submitted"

    async def test_closed_matter_answers_at_once(self, bench: Bench) -> None:
        application = await sent(bench)
        await answered(bench, application)
        async with asyncio.timeout(2):
            answer = await bench.call("GET", f"/applications/{application}", params={"wait": 30, "since": "granted"})
        assert answer.json()["state"] == "granted"

    async def test_with_final_the_changes_on_the_way_are_passed_over(self, bench: Bench, until: Until) -> None:
        application = await sent(bench)
        query = {"wait": 30, "until": "final"}
        waiting = asyncio.create_task(bench.call("GET", f"/applications/{application}", params=query))
        await until(lambda: application in bench.hosted.changes._events)
        await registered(bench, application)
        event = next(iter(bench.hosted.changes._events[application]))
        await until(lambda: not event.is_set())  # it was read again
        assert not waiting.done()
        await answered(bench, application)
        async with asyncio.timeout(2):
            assert (await waiting).json()["state"] == "granted"

    @pytest.mark.parametrize("wanted", ["submitted", "registered"])
    async def test_a_state_that_is_reached_or_passed_answers_at_once(self, bench: Bench, wanted: str) -> None:
        application = await sent(bench)
        await registered(bench, application)
        async with asyncio.timeout(2):
            query = {"wait": 30, "until": wanted}
            answer = await bench.call("GET", f"/applications/{application}", params=query)
        assert answer.json()["state"] == "registered"

    async def test_a_state_that_cannot_be_any_more_answers_at_once(self, bench: Bench) -> None:
        application = await sent(bench)
        await answered(bench, application)
        async with asyncio.timeout(2):
            query = {"wait": 30, "until": "refused"}
            answer = await bench.call("GET", f"/applications/{application}", params=query)
        assert answer.json()["state"] == "granted"

    @pytest.mark.parametrize("unknown", ["done", "", "FINAL"])
    async def test_what_nobody_can_wait_for_is_refused_with_what_there_is(self, bench: Bench, unknown: str) -> None:
        application = await sent(bench)
        answer = await bench.call("GET", f"/applications/{application}", params={"wait": 30, "until": unknown})
        assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY
        (fault,) = answer.json()["faults"]
        assert fault["path"] == "/until"
        assert "change, final, draft, offered, submitted" in fault["message"]


class TestEvents:
    async def test_stream_tells_every_mark_and_ends(self, bench: Bench) -> None:
        application = await sent(bench)
        await registered(bench, application)
        await answered(bench, application)
        answer = await bench.call("GET", f"/applications/{application}/events")
        assert answer.headers["content-type"].startswith("text/event-stream")
        names = [line.removeprefix("event: ") for line in answer.text.splitlines() if line.startswith("event: ")]
        assert names == ["created", "submitted", "delivered", "registered", "in_review", "answered"]
        after = {"last-event-id": "4"}
        answer = await bench.call("GET", f"/applications/{application}/events", headers=after)
        assert answer.text.count("event: ") == 2
        seen = {"last-event-id": "6"}
        answer = await bench.call("GET", f"/applications/{application}/events", headers=seen)
        assert answer.status_code == httpx.codes.NO_CONTENT

    async def test_stream_ends_when_the_draft_is_given_up(self, bench: Bench, until: Until) -> None:
        application = await bench.draft()
        watching = asyncio.create_task(bench.call("GET", f"/applications/{application}/events"))
        await until(lambda: application in bench.hosted.changes._events)
        await bench.call("DELETE", f"/applications/{application}")
        async with asyncio.timeout(2):
            assert (await watching).text.count("event: ") == 1

    async def test_streams_and_waiters_share_their_readings(self, bench: Bench, until: Until) -> None:
        application, changes = await bench.draft(), bench.hosted.changes
        path = f"/applications/{application}"
        watching = [
            *[asyncio.create_task(bench.call("GET", f"{path}/events")) for _ in range(3)],
            asyncio.create_task(bench.call("GET", f"{path}?wait=30&until=final")),
        ]
        await until(lambda: changes.readers == len(watching))
        assert [shared.users for shared in changes._readings.values()] == [len(watching)]
        await bench.call("DELETE", path)
        async with asyncio.timeout(5):
            await asyncio.gather(*watching)


class TestResult:
    async def test_document_signature_and_report(self, bench: Bench) -> None:
        application = await sent(bench)
        assert (await bench.call("GET", f"/applications/{application}/result")).status_code == httpx.codes.NOT_FOUND
        signed = act(bench, application)
        await answered(bench, application, document=signed)
        result = (await bench.call("GET", f"/applications/{application}/result")).json()
        assert (result["granted"], result["document"]["queue"]["number"]) == (True, 7)
        assert result["report"]["indication"] == "passed"
        document = await bench.call("GET", result["links"]["document"])
        assert document.text == signed.content
        assert sha256_hex(document.content) == result["sha256"]
        signature = await bench.call("GET", result["links"]["signature"])
        assert signature.headers["content-type"] == "application/pkcs7-signature"
        assert signature.content[:1] == b"\x30"

    async def test_printable_form_is_fetched_verified_and_kept(self, bench: Bench) -> None:
        application = await _granted(bench)
        bench.provider["kk"] = printable(bench, bench.pki.officer())
        path = f"/applications/{application}/result.pdf"
        for _ in range(2):
            answer = await bench.call("GET", path)
            assert answer.content == bench.provider["kk"]
            assert answer.headers["content-type"] == "application/pdf"
        assert sum("printable" in path for path in bench.asked) == 1

    async def test_provider_silent_is_503(self, bench: Bench) -> None:
        application = await _granted(bench)
        for answer_of_provider in (httpx.ConnectError("silent"), b""):
            bench.provider["ru"] = answer_of_provider
            answer = await bench.call("GET", f"/applications/{application}/result.pdf?lang=ru")
            assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE
            assert answer.json()["retryable"] is True

    @pytest.mark.parametrize("forger", ["person", "unknown", "tampered", "unsigned", "revoked"])
    async def test_printable_form_that_is_not_the_providers_is_not_passed_on(self, bench: Bench, forger: str) -> None:
        application = await _granted(bench)
        officer = bench.pki.officer()
        good = printable(bench, officer)
        if forger == "revoked":
            bench.pki.revoke(officer.certificate)
            bench.clock.advance(timedelta(minutes=1))
        bench.provider["kk"] = {
            "person": lambda: printable(bench, bench.pki.person()),
            "unknown": lambda: printable(bench, bench.pki.unknown_issuer()),
            "tampered": lambda: good + b"\n% something added",
            "unsigned": lambda: b"%PDF-1.4 nothing",
            "revoked": lambda: good,
        }[forger]()
        answer = await bench.call("GET", f"/applications/{application}/result.pdf")
        assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE
        bench.provider["kk"] = printable(bench, bench.pki.officer())
        await bench.platform.directory.refresh()
        assert (await bench.call("GET", f"/applications/{application}/result.pdf")).is_success


class TestPublicCheck:
    async def test_page_shows_requisites_without_personal_data(self, bench: Bench) -> None:
        application = await _granted(bench)
        digest = (await bench.call("GET", f"/applications/{application}/result")).json()["sha256"]
        for reference, language, verdict in (
            (digest, "kk", "Қолтаңба расталды"),
            (digest.upper(), "ru", "Подпись подтверждена"),
            (application, "en", "The signature is confirmed"),
        ):
            page = await bench.http.get(f"/verify/{reference}", headers={"accept-language": language})
            assert page.headers["content-type"].startswith("text/html")
            assert verdict in page.text
            assert ENTRY in page.text
            assert IIN not in page.text
            assert "ТЕСТОВА" not in page.text

    async def test_act_issued_elsewhere_is_asked_of_the_provider(self, bench: Bench) -> None:
        await bench.platform.directory.ensure(())
        signed = act(bench, "018f0000-0000-7000-8000-000000000000")
        bench.provider["act"] = signed.model_dump_json().encode()
        digest = sha256_hex(signed.content.encode())
        page = await bench.http.get(f"/verify/{digest}", headers={"accept-language": "en"})
        assert (page.status_code, "The signature is confirmed" in page.text) == (200, True)
        assert "ТЕСТОВА" not in page.text
        assert f"/documents/{digest}" in bench.asked

    @pytest.mark.parametrize("answer", ["another", "forged", "tampered", "rubbish", "silent"])
    async def test_act_that_does_not_prove_itself_is_not_shown(self, bench: Bench, answer: str) -> None:
        await bench.platform.directory.ensure(())
        application = "018f0000-0000-7000-8000-000000000000"
        signed = act(bench, application)
        forged = act(bench, application, bench.pki.person())
        tampered = signed.model_copy(update={"content": signed.content.replace("7", "8")})
        answers: dict[str, bytes | Exception] = {
            "another": act(bench, application, kind="refusal").model_dump_json().encode(),
            "forged": forged.model_dump_json().encode(),
            "tampered": tampered.model_dump_json().encode(),
            "rubbish": b"<html>",
            "silent": httpx.ConnectError("silent"),
        }
        bench.provider["act"] = answers[answer]
        digest = sha256_hex(signed.content.encode())
        assert (await bench.http.get(f"/verify/{digest}")).status_code == httpx.codes.SERVICE_UNAVAILABLE

    @pytest.mark.parametrize("reference", ["0" * 64, "nonsense", "018f0000-0000-7000-8000-000000000000"])
    async def test_unknown_act_is_404(self, bench: Bench, reference: str) -> None:
        assert (await bench.http.get(f"/verify/{reference}")).status_code == httpx.codes.NOT_FOUND


def printable(bench: Bench, signer: Identity) -> bytes:
    """A signed one-page PDF."""
    page = BytesIO()
    canvas = Canvas(page)
    canvas.drawString(10, 10, "TEST")
    canvas.save()
    at = bench.clock.now()
    return sign_pdf(page.getvalue(), signer.key, signer.certificate, bench.pki.chain, at, "TEST")


async def _granted(bench: Bench) -> str:
    application = await sent(bench)
    await answered(bench, application)
    return application


def _before(found: list[str]) -> dict[str, str]:
    return {"before": found[-1]} if found else {}


class TestQueuePlace:
    async def test_place_moves_and_the_number_stays(self, bench: Bench) -> None:
        application = await sent(bench)
        await answered(bench, application)
        links = (await bench.state(application))["links"]
        for current in (5, 4):
            place = {"number": 7, "place": 5, "current_place": current, "placed_at": "2026-06-02T09:00:00Z"}
            bench.place = httpx.Response(200, json=place)
            shown = (await bench.call("GET", links["queue-place"])).json()
            assert (shown["number"], shown["current_place"]) == (7, current)
        assert f"/queue-places/{application}" in bench.asked

    async def test_what_stands_on_no_queue(self, bench: Bench) -> None:
        application = await sent(bench)
        assert "queue-place" not in (await bench.state(application))["links"]
        answer = await bench.call("GET", f"/applications/{application}/queue-place")
        assert answer.status_code == httpx.codes.NOT_FOUND

    @pytest.mark.parametrize(
        "place",
        [
            httpx.ConnectError("silent"),
            httpx.Response(500),
            httpx.Response(200, content=b"<html>"),
            httpx.Response(200, json=[]),
        ],
    )
    async def test_silent_gateway(self, bench: Bench, place: httpx.Response | Exception) -> None:
        application = await sent(bench)
        bench.place = place
        answer = await bench.call("GET", f"/applications/{application}/queue-place")
        assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE

    async def test_place_of_somebody_else(self, bench: Bench) -> None:
        application = await sent(bench)
        bench.headers = await bench.enter(OTHER)
        answer = await bench.call("GET", f"/applications/{application}/queue-place")
        assert answer.status_code == httpx.codes.NOT_FOUND
        assert f"/queue-places/{application}" not in bench.asked
