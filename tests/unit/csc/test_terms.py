"""Terms at the centre: of its steps, the result, the wait and the service of a visit; what has passed is noted."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.messages.control import JournalEvent
from shared.messages.types import MessageType
from tests.unit.csc.answers import answer, decide, obtained, register, requests, submitted
from tests.unit.csc.bench import Bench
from tests.unit.csc.forms import DUPLICATE, QUEUE, duplicate_form, queue_form
from tests.unit.csc.short_form import ORALMAN, accepted, answered, complete, form_for, received

STANDARD = "national/preschool-queue-2012"
TO_APPLICANT = {"who": "applicant", "identity_document": "N 000000001"}


async def overdue(bench: Bench, matter: str) -> list[str | None]:
    """What was journaled as overdue."""
    events: list[JournalEvent] = await bench.events(matter)
    return [event.detail for event in events if (event.kind, event.step) == ("mark", "overdue")]


async def called(
    bench: Bench, waits: timedelta, service: str | None = None, centre: str = "taldykorgan"
) -> dict[str, Any]:
    """A visitor who came, waited so long and was called by the operator who is signed in."""
    body = {"centre": centre, **({"service": service} if service else {})}
    answer = await bench.call("POST", "/queue/walk-ins", json=body)
    assert answer.status_code == 201, answer.text
    bench.clock.advance(waits)
    return await bench.done("POST", "/queue/next")


class TestSteps:
    async def test_what_is_handed_over_too_late(self, bench: Bench) -> None:
        matter = await accepted(bench)
        await bench.turn(hours=3)
        assert await overdue(bench, matter) == []
        await bench.turn(seconds=1)
        state = await bench.state(matter)
        assert state["open_step"]["overdue_at"] is not None
        assert await overdue(bench, matter) == ["step-2"]
        await bench.turn(minutes=10)
        assert await overdue(bench, matter) == ["step-2"]  # once
        listed = [line["id"] for line in await bench.done_list("/matters", overdue="true")]
        assert listed == [matter]
        handed = await bench.done("POST", f"/matters/{matter}/hand-over")
        assert handed["step_overdue"] is True
        event = next(event for event in await bench.events(matter) if event.step == "step-2")
        assert event.due_at is not None
        assert event.due_at < event.at

    async def test_a_courier_who_is_late_is_noted_once_more(self, bench: Bench) -> None:
        matter = await accepted(bench, at="branch")
        await bench.turn(hours=3, seconds=1)
        await bench.done("POST", f"/matters/{matter}/hand-over")
        await bench.turn(days=3)
        assert await overdue(bench, matter) == ["step-2", "step-2"]

    async def test_nothing_is_late_while_the_provider_works(self, bench: Bench) -> None:
        matter = await accepted(bench)
        await bench.done("POST", f"/matters/{matter}/hand-over")
        await bench.turn(days=1)
        assert await overdue(bench, matter) == []

    async def test_a_result_that_does_not_come(self, bench: Bench) -> None:
        matter = await accepted(bench)
        state = await bench.done("POST", f"/matters/{matter}/hand-over")
        await bench.turn(days=8)
        bench.headers = await bench.sign_in("ainur")
        assert (await bench.state(matter))["overdue_at"] is not None
        assert await overdue(bench, matter) == ["result"]
        status = (await bench.http.get(f"/status/{state['number']}")).json()
        assert (status["overdue"], status["due_at"]) == (True, state["due_at"])

    async def test_a_result_that_is_not_collected_from_the_provider(self, bench: Bench) -> None:
        matter = await answered(bench)
        await bench.turn(hours=3)
        await bench.turn(minutes=1)
        assert await overdue(bench, matter) == ["step-4"]

    async def test_diagram_1_has_only_the_term_of_the_result(self, bench: Bench) -> None:
        matter = await submitted(bench, duplicate_form(), DUPLICATE)
        assert (await bench.state(matter))["due_at"].startswith(
            "2026-07-02T19:00"
        )  # thirty days, to the end of the day
        await bench.turn(days=31)
        assert await overdue(bench, matter) == ["result"]

    async def test_the_thirty_days_run_from_saturday_evening(self, bench: Bench) -> None:
        """Clause 10(1) of the duplicates: from when the documents are handed in, not from when the school opens."""
        bench.clock.set(datetime.fromisoformat("2026-06-06T19:00:00+05:00"))
        bench.directory.crl = bench.pki.crl()
        bench.headers = await bench.sign_in()
        matter = await submitted(bench, duplicate_form(), DUPLICATE)
        assert (await bench.state(matter))["due_at"].startswith("2026-07-06T19:00")
        (sent,) = await bench.sent(MessageType.APPLICATION_SUBMITTED)
        assert sent.data["submitted_at"].startswith("2026-06-06T14:")


class TestDates:
    async def test_the_days_of_acceptance_and_issue_are_not_counted(self, bench: Bench) -> None:
        """004, clause 7: three working days from the application; accepted on Tuesday, the fourth day is Monday."""
        bench.headers = await bench.sign_in("ainur")
        form = form_for(bench.regulations[STANDARD])
        opened = await bench.done("POST", "/matters", json={"service": STANDARD})
        matter = opened["id"]
        await bench.done("PUT", f"/matters/{matter}/form", json=form)
        await obtained_of_any_child(bench, matter)
        await complete(bench, matter)
        state = await bench.done("POST", f"/matters/{matter}/accept")
        receipt = await bench.done("GET", f"/matters/{matter}/acceptance-receipt")
        items = {name: value for group in receipt["groups"] for name, value in group["items"].items()}
        assert items["issue_date"] == "08.06.2026"
        assert len(receipt["groups"]) == 6
        assert (state["state"], state["open_step"]["due_at"]) == ("accepted", None)
        steps = [step for step, _ in await bench.steps(matter)]
        assert steps == ["submission", "registry-data", "acceptance"]

    async def test_what_the_registries_do_not_have_is_handed_in_on_paper(self, bench: Bench) -> None:
        """004, clause 11 lists the documents and takes their data from registries; clause 16 names no other refusal."""
        bench.headers = await bench.sign_in("ainur")
        matter = (await bench.done("POST", "/matters", json={"service": STANDARD}))["id"]
        await bench.done("PUT", f"/matters/{matter}/form", json=form_for(bench.regulations[STANDARD]))
        await bench.done("POST", f"/matters/{matter}/registry-queries")
        for request in (await requests(bench, matter)).values():
            await answer(bench, request, absent=True)
        state = await bench.state(matter)
        assert state["state"] == "completing"
        missing = {item["document"] for item in state["missing"]}
        assert missing == {"identity_document", "birth_certificate", "address_data"}
        refused = await bench.done("POST", f"/matters/{matter}/refuse-acceptance")
        assert {item["document"] for item in refused["closing"]["missing"]} == missing
        assert (await bench.verdict(matter, STANDARD)).verdict == "conformant"

    async def test_a_result_nobody_comes_for_goes_back_after_a_month(self, bench: Bench) -> None:
        bench.headers = await bench.sign_in("ainur")
        opened = await bench.done("POST", "/matters", json={"service": STANDARD})
        matter = opened["id"]
        await bench.done("PUT", f"/matters/{matter}/form", json=form_for(bench.regulations[STANDARD]))
        await obtained_of_any_child(bench, matter)
        await complete(bench, matter)
        await bench.done("POST", f"/matters/{matter}/accept")
        await bench.done("POST", f"/matters/{matter}/hand-over")
        await register(bench, matter)
        await decide(bench, matter)
        state = await bench.done("POST", f"/matters/{matter}/collect")
        assert state["kept_until"].startswith("2026-07-08")  # a month from the day named in the receipt
        await bench.turn(days=40)
        bench.headers = await bench.sign_in("ainur")
        assert (await bench.state(matter))["state"] == "returned"
        assert (await bench.steps(matter))[-1][0] == "return-uncollected"
        assert len(await bench.sent(MessageType.RESULT_RETURNED)) == 1


async def obtained_of_any_child(bench: Bench, matter: str) -> None:
    """The registries know everybody the form names."""
    await obtained(bench, matter)
    state = await bench.state(matter)
    assert state["state"] == "completing", state


class TestVisits:
    async def test_a_visitor_who_waited_too_long(self, bench: Bench) -> None:
        bench.headers = await bench.sign_in("ainur")
        visit = await called(bench, timedelta(minutes=21), STANDARD)
        assert datetime.fromisoformat(visit["wait_due_at"]) < datetime.fromisoformat(visit["called_at"])
        opened = await bench.done("POST", "/matters", json={"service": STANDARD, "visit": visit["id"]})
        assert await overdue(bench, opened["id"]) == ["waiting"]
        await bench.turn(minutes=1)
        assert await overdue(bench, opened["id"]) == ["waiting"]
        (late,) = await bench.done_list("/queue/visits", overdue="true")
        assert (late["id"], late["matter"]) == (visit["id"], opened["id"])

    async def test_a_visitor_who_still_waits_is_noted_on_the_way(self, bench: Bench) -> None:
        bench.headers = await bench.sign_in("ainur")
        await bench.call("POST", "/queue/walk-ins", json={"centre": "taldykorgan", "service": STANDARD})
        await bench.turn(minutes=19)
        assert await bench.done_list("/queue/visits", overdue="true") == []
        await bench.turn(minutes=2)
        (late,) = await bench.done_list("/queue/visits", overdue="true")
        assert late["state"] == "waiting"

    async def test_a_service_that_takes_too_long(self, bench: Bench) -> None:
        bench.headers = await bench.sign_in("ainur")
        visit = await called(bench, timedelta(minutes=5))
        opened = await bench.done("POST", "/matters", json={"service": STANDARD, "visit": visit["id"]})
        await bench.turn(minutes=20)
        assert await overdue(bench, opened["id"]) == []
        await bench.turn(minutes=1)
        assert await overdue(bench, opened["id"]) == ["service"]
        ended = await bench.done("POST", f"/queue/visits/{visit['id']}/finish")
        assert (ended["state"], ended["wait_overdue_at"]) == ("served", None)
        assert ended["service_overdue_at"] is not None
        assert await overdue(bench, opened["id"]) == ["service"]

    async def test_within_the_terms_nothing_is_noted(self, bench: Bench) -> None:
        bench.headers = await bench.sign_in("ainur")
        visit = await called(bench, timedelta(minutes=20), STANDARD)
        opened = await bench.done("POST", "/matters", json={"service": STANDARD, "visit": visit["id"]})
        bench.clock.advance(timedelta(minutes=20))
        await bench.done("POST", f"/queue/visits/{visit['id']}/finish")
        await bench.turn(hours=1)
        assert await overdue(bench, opened["id"]) == []
        assert await bench.done_list("/queue/visits", overdue="true") == []

    async def test_about_a_duplicate_nobody_waits_longer_than_a_quarter_of_an_hour(self, bench: Bench) -> None:
        """Almaty city, duplicates, clause 10(2) and (3)."""
        await bench.call("POST", "/queue/walk-ins", json={"centre": "almaly", "service": DUPLICATE})
        await bench.turn(minutes=15)
        assert await bench.done_list("/queue/visits", overdue="true") == []
        await bench.turn(minutes=1)
        (late,) = await bench.done_list("/queue/visits", overdue="true")
        assert late["state"] == "waiting"

    async def test_a_service_without_such_terms(self, bench: Bench) -> None:
        bench.headers = await bench.sign_in("ainur")
        visit = await called(bench, timedelta(hours=2), ORALMAN)
        assert (visit["wait_due_at"], visit["service_due_at"]) == (None, None)

    async def test_whoever_does_not_come_when_called(self, bench: Bench) -> None:
        bench.headers = await bench.sign_in("ainur")
        visit = await called(bench, timedelta(minutes=1))
        other = await called(bench, timedelta(minutes=1))
        assert (await bench.done("POST", f"/queue/visits/{visit['id']}/no-show"))["state"] == "no_show"
        for path in ("no-show", "finish"):
            assert (await bench.call("POST", f"/queue/visits/{visit['id']}/{path}")).status_code == 409
        body = {"service": ORALMAN, "visit": visit["id"]}
        assert (await bench.call("POST", "/matters", json=body)).status_code == 409
        await bench.done("POST", "/matters", json={**body, "visit": other["id"]})
        assert (await bench.call("POST", f"/queue/visits/{other['id']}/no-show")).status_code == 409

    async def test_a_visit_is_of_one_centre_and_one_matter(self, bench: Bench) -> None:
        bench.headers = await bench.sign_in("ainur")
        visit = await called(bench, timedelta(minutes=1))
        body = {"service": ORALMAN, "visit": visit["id"]}
        await bench.done("POST", "/matters", json=body)
        assert (await bench.call("POST", "/matters", json=body)).status_code == 409
        bench.headers = await bench.sign_in("daulet")
        assert (await bench.call("POST", "/matters", json=body)).status_code == 404
        assert (await bench.call("POST", f"/queue/visits/{visit['id']}/finish")).status_code == 404
        unknown = {**body, "visit": "01890000-0000-7000-8000-000000000000"}
        assert (await bench.call("POST", "/matters", json=unknown)).status_code == 404

    @pytest.mark.parametrize(("minutes", "late"), [(20, []), (21, ["service"])])
    async def test_the_term_of_handing_out_runs_from_the_call(
        self, bench: Bench, minutes: int, late: list[str]
    ) -> None:
        matter = await answered(bench)
        await bench.done("POST", f"/matters/{matter}/collect")
        visit = await called(bench, timedelta(0))
        bench.clock.advance(timedelta(minutes=minutes))
        body = {**TO_APPLICANT, "visit": visit["id"]}
        await bench.done("POST", f"/matters/{matter}/hand-out", json=body)
        assert await overdue(bench, matter) == late
        event = next(event for event in await bench.events(matter) if event.step == "step-5")
        assert event.started_at == datetime.fromisoformat(visit["called_at"])

    async def test_the_acceptance_begins_with_the_call(self, bench: Bench) -> None:
        bench.headers = await bench.sign_in("ainur")
        visit = await called(bench, timedelta(minutes=1))
        bench.clock.advance(timedelta(minutes=5))
        matter = await received(bench, visit=visit["id"])
        since = (await bench.state(matter))["open_step"]["since"]
        assert datetime.fromisoformat(since) == datetime.fromisoformat(visit["called_at"])


class TestBooking:
    async def test_there_is_none_for_the_2012_standard(self, bench: Bench) -> None:
        query = {"centre": "taldykorgan", "day": "2026-06-03", "service": STANDARD}
        answer = await bench.http.get("/queue/slots", params=query)
        assert (answer.status_code, answer.json()["type"].split(":")[-1]) == (409, "not-bookable")
        assert answer.json()["clause"] == "9(2)"
        body = {"centre": "taldykorgan", "starts_at": "2026-06-03T10:00:00+05:00", "visitor": "******300***"}
        assert (await bench.book("POST", "/bookings", json={**body, "service": STANDARD})).status_code == 409
        assert (await bench.book("POST", "/bookings", json={**body, "service": ORALMAN})).status_code == 201

    async def test_the_hours_are_those_of_the_service(self, bench: Bench) -> None:
        async def last_slot(**query: str) -> str:
            answer = await bench.http.get("/queue/slots", params={"day": "2026-06-03", **query})
            return str(answer.json()[-1]["ends_at"])

        assert await last_slot(centre="taldykorgan") == "2026-06-03T18:00:00+05:00"
        assert await last_slot(centre="taldykorgan", service=QUEUE) == "2026-06-03T20:00:00+05:00"

    async def test_a_mobile_centre_takes_visitors_where_it_stops(self, bench: Bench) -> None:
        bench.headers = await bench.sign_in("marzhan")
        body = {"centre": "eskeldi-mobile"}
        assert (await bench.call("POST", "/queue/walk-ins", json=body)).status_code == 201  # Tuesday, 14:00
        bench.clock.advance(timedelta(days=1))
        bench.headers = await bench.sign_in("marzhan")
        closed = await bench.call("POST", "/queue/walk-ins", json=body)
        assert (closed.status_code, closed.json()["opens_at"]) == (409, "2026-06-04T04:00:00.000Z")
        listed = (await bench.http.get("/centres")).json()
        mobile = next(centre for centre in listed if centre["kind"] == "mobile_centre")
        assert [stop["day"] for stop in mobile["stops"]] == ["tue", "thu"]


async def test_a_visit_of_diagram_1_has_no_term_either(bench: Bench) -> None:
    matter = await bench.entered(queue_form())
    assert (await bench.state(matter))["open_step"] is None
