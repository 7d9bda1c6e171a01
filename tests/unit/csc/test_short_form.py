"""The five steps of the State Corporation: accept, hand over, the provider's procedure, collect, hand out."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.messages.types import MessageType
from shared.regulations.conformance import conformance, step_events
from tests.factories.journals import as_kept
from tests.unit.csc.answers import decide, register
from tests.unit.csc.bench import Bench
from tests.unit.csc.forms import QUEUE, queue_form
from tests.unit.csc.short_form import ORALMAN, accepted, answered, complete, form_for, received, sent

CERTIFICATE = "almaty-oblast/targeted-assistance-certificate"
SOCIAL_ASSISTANCE = "almaty-oblast/targeted-social-assistance"
STANDARD = "national/preschool-queue-2012"
TO_APPLICANT = {"who": "applicant", "identity_document": "N 000000001"}


def term(state: dict[str, Any]) -> timedelta:
    """How long the open step may take."""
    step = state["open_step"]
    return datetime.fromisoformat(step["due_at"]) - datetime.fromisoformat(step["since"])


class TestAcceptance:
    async def test_the_package_is_accepted_against_a_receipt(self, bench: Bench) -> None:
        matter = await received(bench)
        state = await bench.state(matter)
        assert (state["state"], state["open_step"]["step"], term(state)) == (
            "entering",
            "step-1",
            timedelta(minutes=20),
        )
        await complete(bench, matter)
        state = await bench.done("POST", f"/matters/{matter}/accept")
        assert (state["state"], state["open_step"]["step"]) == ("accepted", "step-2")
        receipt = await bench.done("GET", f"/matters/{matter}/acceptance-receipt")
        items = {name for group in receipt["groups"] for name in group["items"]}
        assert {"number", "document_names", "issue_date", "employee_names"} <= items
        assert await bench.steps(matter) == [("step-0", None), ("step-1", True)]
        assert await bench.sent(MessageType.APPLICATION_SUBMITTED) == []
        again = await bench.done("POST", f"/matters/{matter}/accept")
        assert again["number"] == state["number"]

    async def test_an_incomplete_package_is_refused_with_a_receipt(self, bench: Bench) -> None:
        matter = await received(bench)
        refused = await bench.call("POST", f"/matters/{matter}/accept")
        assert refused.status_code == 409
        assert {item["document"] for item in refused.json()["missing"]} >= {"application", "identity_document"}
        await bench.paper(matter, "application")
        state = await bench.done("POST", f"/matters/{matter}/refuse-acceptance")
        assert (state["state"], state["open_step"]) == ("acceptance_refused", None)
        assert await bench.steps(matter) == [("step-0", None), ("step-1", False), ("refuse-acceptance", None)]
        assert (await bench.verdict(matter, ORALMAN)).verdict == "conformant"
        receipt = await bench.done("GET", f"/matters/{matter}/refusal-receipt")
        missing = next(g["items"]["missing_documents"] for g in receipt["groups"] if "missing_documents" in g["items"])
        assert len(missing) == len(state["closing"]["missing"]) > 0
        for path in ("accept", "hand-over", "collect"):
            assert (await bench.call("POST", f"/matters/{matter}/{path}")).status_code == 409

    async def test_a_complete_package_is_not_refused(self, bench: Bench) -> None:
        matter = await received(bench)
        await complete(bench, matter)
        refused = await bench.call("POST", f"/matters/{matter}/refuse-acceptance")
        assert refused.json()["type"].endswith("package-complete")

    async def test_diagram_1_accepts_by_sending(self, bench: Bench) -> None:
        matter = await bench.entered(queue_form())
        for path in ("accept", "hand-over", "collect"):
            answer = await bench.call("POST", f"/matters/{matter}/{path}")
            assert (answer.status_code, answer.json()["type"].split(":")[-1]) == (409, "wrong-course")
        other = await received(bench)
        answer = await bench.call("POST", f"/matters/{other}/submit")
        assert (answer.status_code, answer.json()["type"].split(":")[-1]) == (409, "wrong-course")


class TestTheWay:
    async def test_to_the_provider_and_back(self, bench: Bench) -> None:
        matter = await accepted(bench)
        assert term(await bench.state(matter)) == timedelta(hours=3)
        state = await bench.done("POST", f"/matters/{matter}/hand-over")
        assert (state["state"], state["open_step"]) == ("submitted", None)
        (message,) = await bench.sent(MessageType.APPLICATION_SUBMITTED)
        assert (message.data["channel"], len(message.data["attachments"])) == ("csc", len(state["documents"]))
        await bench.done("POST", f"/matters/{matter}/hand-over")
        assert len(await bench.sent(MessageType.APPLICATION_SUBMITTED)) == 1
        await register(bench, matter)
        await decide(bench, matter)
        state = await bench.state(matter)
        assert (state["state"], state["open_step"]["step"]) == ("answered", "step-4")
        early = await bench.call("POST", f"/matters/{matter}/hand-out", json=TO_APPLICANT)
        assert early.status_code == 409
        state = await bench.done("POST", f"/matters/{matter}/collect")
        assert (state["state"], state["kept_until"]) == ("ready", None)  # the text sets no time of storage
        await bench.done("POST", f"/matters/{matter}/hand-out", json=TO_APPLICANT)
        assert [step for step, _ in await bench.steps(matter)] == ["step-0", "step-1", "step-2", "step-4", "step-5"]
        events = await bench.events(matter)
        procedure = await bench.journal_as_if_elsewhere(matter, ORALMAN, "step-3")
        place = next(n for n, event in enumerate(events) if event.step == "step-4")
        steps = step_events(as_kept([*events[:place], procedure, *events[place:]]))
        steps = [step.model_copy(update={"time": bench.clock.now()}) for step in steps]
        assert conformance(bench.regulations[ORALMAN], "csc", steps).verdict == "conformant"
        assert {event.variant for event in events if event.kind == "step"} == {"default"}

    async def test_a_restart_in_between_forgets_nothing(self, bench: Bench) -> None:
        matter = await accepted(bench)
        await bench.restart()
        bench.headers = await bench.sign_in("ainur")
        await bench.done("POST", f"/matters/{matter}/hand-over")
        await decide(bench, matter)
        await bench.restart()
        bench.headers = await bench.sign_in("ainur")
        assert (await bench.done("POST", f"/matters/{matter}/collect"))["state"] == "ready"
        assert (await bench.done("POST", f"/matters/{matter}/collect"))["state"] == "ready"
        assert [step for step, _ in await bench.steps(matter)].count("step-4") == 1

    async def test_a_refusal_is_collected_and_handed_out_without_steps(self, bench: Bench) -> None:
        matter = await answered(bench, granted=False)
        assert (await bench.done("POST", f"/matters/{matter}/collect"))["state"] == "refused"
        await bench.done("POST", f"/matters/{matter}/hand-out", json=TO_APPLICANT)
        assert [step for step, _ in await bench.steps(matter)] == ["step-0", "step-1", "step-2"]
        marks = [event.step for event in await bench.events(matter) if event.kind == "mark"]
        assert marks[-2:] == ["collected", "handed_out"]

    async def test_answers_before_the_registration(self, bench: Bench) -> None:
        matter = await sent(bench)
        await decide(bench, matter)
        await register(bench, matter)
        assert (await bench.state(matter))["state"] == "answered"


class TestCouriers:
    async def test_bring_the_package_and_the_result_of_a_branch(self, bench: Bench) -> None:
        matter = await accepted(bench, at="branch")
        state = await bench.state(matter)
        assert state["variant"] == "csc-district-branch"
        # Tuesday 14:00: three hours, then two working days of the courier.
        assert state["open_step"]["stage_due_at"].startswith("2026-06-02T12:00")
        assert state["open_step"]["due_at"].startswith("2026-06-04T13:00")
        assert (await bench.call("POST", f"/matters/{matter}/courier-delivery")).status_code == 409
        state = await bench.done("POST", f"/matters/{matter}/hand-over")
        assert state["state"] == "package_with_courier"
        assert state["open_step"]["stage_due_at"].startswith("2026-06-04T13:00")
        assert await bench.sent(MessageType.APPLICATION_SUBMITTED) == []
        assert (await bench.done("POST", f"/matters/{matter}/courier-delivery"))["state"] == "submitted"
        await register(bench, matter)
        await decide(bench, matter)
        assert (await bench.call("POST", f"/matters/{matter}/courier-arrival")).status_code == 409
        assert (await bench.done("POST", f"/matters/{matter}/collect"))["state"] == "result_with_courier"
        assert (await bench.done("POST", f"/matters/{matter}/courier-arrival"))["state"] == "ready"
        assert [step for step, _ in await bench.steps(matter)][-2:] == ["step-2", "step-4"]
        assert {event.variant for event in await bench.events(matter) if event.kind == "step"} == {
            "csc-district-branch"
        }

    async def test_make_the_result_later(self, bench: Bench) -> None:
        due = [
            datetime.fromisoformat((await bench.state(await accepted(bench, at=at)))["due_at"]).date()
            for at in ("csc", "branch")
        ]
        # Tuesday 17:00 and four working days, signed and collected on Tuesday. The courier is there on Thursday at
        # closing time, so the four working days begin on Friday, the three of the other courier on the Friday after.
        assert [f"{day:%m-%d}" for day in due] == ["06-09", "06-17"]

    @pytest.mark.parametrize("at", ["csc", "mobile"])
    async def test_go_to_no_other_centre(self, bench: Bench, at: str) -> None:
        if at == "mobile":
            bench.clock.advance(timedelta(days=2))  # to a day on which it stops somewhere
        matter = await sent(bench, at=at)
        assert (await bench.state(matter))["state"] == "submitted"


class TestChannels:
    async def test_a_service_without_centres_is_refused_with_the_clause(self, bench: Bench) -> None:
        answer = await bench.call("POST", "/matters", json={"service": "almaty-oblast/employment-referral"})
        problem = answer.json()
        assert (answer.status_code, problem["type"].split(":")[-1]) == (409, "channel-not-offered")
        assert problem["clause"]
        assert {channel["channel"] for channel in problem["channels"]} == {"office", "portal"}

    async def test_a_centre_is_for_those_who_live_where_it_serves(self, bench: Bench) -> None:
        form = form_for(bench.regulations[STANDARD])
        bench.headers = await bench.sign_in("ainur")
        opened = await bench.done("POST", "/matters", json={"service": STANDARD})
        path = f"/matters/{opened['id']}/form"
        answer = await bench.call("PUT", path, json={**form, "residence": "almaty"})
        assert (answer.status_code, answer.json()["type"].split(":")[-1]) == (409, "channel-restricted")
        assert [restriction["clause"] for restriction in answer.json()["restrictions"]] == ["10(1)"]
        assert (await bench.state(opened["id"]))["form"] is None
        await bench.done("PUT", path, json={**form, "residence": "settlement"})

    async def test_a_centre_renders_the_channel_of_its_kind(self, bench: Bench) -> None:
        bench.headers = await bench.sign_in("nurlan")
        answer = await bench.call("POST", "/matters", json={"service": QUEUE})
        assert (answer.status_code, answer.json()["type"].split(":")[-1]) == (409, "channel-not-offered")
        assert ORALMAN in {item["id"] for item in (await bench.http.get("/services")).json()}
        employment = (await bench.http.get("/services", params={"channel": "employment_centre"})).json()
        assert [item["id"] for item in employment] == [CERTIFICATE]

    async def test_where_people_of_the_provider_take_the_documents_no_centre_does(self, bench: Bench) -> None:
        bench.headers = await bench.sign_in("nurlan")
        answer = await bench.call("POST", "/matters", json={"service": SOCIAL_ASSISTANCE})
        assert (answer.status_code, answer.json()["clause"]) == (409, "1(1)")


class TestEmploymentCentre:
    async def test_takes_documents_as_the_state_corporation_does(self, bench: Bench) -> None:
        matter = await answered(bench, CERTIFICATE, "employment_centre")
        await bench.done("POST", f"/matters/{matter}/collect")
        await bench.done("POST", f"/matters/{matter}/hand-out", json=TO_APPLICANT)
        events = await bench.events(matter)
        assert {event.channel for event in events} == {"employment_centre"}
        (message,) = await bench.sent(MessageType.APPLICATION_SUBMITTED)
        document = json.loads(message.data["document"]["content"])
        assert document["channel"] == "employment_centre"
        assert document["operator"]["centre"]["kind"] == "employment_centre"
        assert await bench.deviations(matter, CERTIFICATE, "employment_centre") == ["missing-step"]  # the provider's

    async def test_refuses_on_a_form_of_its_own(self, bench: Bench) -> None:
        annexes = []
        for at in ("csc", "employment_centre"):
            matter = await received(bench, CERTIFICATE, at)
            await bench.done("POST", f"/matters/{matter}/refuse-acceptance")
            receipt = await bench.done("GET", f"/matters/{matter}/refusal-receipt")
            annexes.append(receipt["annex"]["en"])
        assert annexes[0] != annexes[1]
