"""The procedure task by task: who does what, in which order, by when; and what becomes overdue."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from shared.messages.application import NoticeIssued
from shared.messages.control import JournalEvent, JournalRecorded
from shared.messages.types import MessageType
from tests.unit.provider.answers import answer_all
from tests.unit.provider.applications import assigned
from tests.unit.provider.bench import Bench

APP = "application-1"
MONDAY = datetime(2026, 6, 1, 5, 0, tzinfo=UTC)
"""Ten in the morning in Almaty."""
IN_ORDER = ["procedure-1", "procedure-2", "procedure-3", "procedure-4"]


async def events(bench: Bench, kind: str) -> list[JournalEvent]:
    """The journaled events of that kind."""
    recorded = await bench.sent(MessageType.JOURNAL_RECORDED)
    found = [event for message in recorded for event in JournalRecorded.model_validate(message.data).events]
    return [event for event in found if event.kind == kind]


async def do(bench: Bench, login: str, task: str, **body: Any) -> httpx.Response:
    address = f"/matters/{APP}/tasks/{task}/done"
    answer = await bench.http.post(address, json=body, headers=await bench.signed_in(login))
    bench.pki.clock.advance(timedelta(milliseconds=1))  # so that the journal's messages have an order
    return answer


@pytest.fixture
async def working(manual: Bench) -> Bench:
    """An application that waits for the first of its tasks, on a Monday morning."""
    manual.turn_clock(MONDAY)
    await manual.deliver(MessageType.APPLICATION_ASSIGNED, APP, assigned(manual.pki, APP))
    return manual


class TestAutopilot:
    async def test_does_every_task_in_one_go_and_journals_each_with_its_role_and_term(self, bench: Bench) -> None:
        bench.turn_clock(MONDAY)
        bench.registry = False
        await bench.deliver(MessageType.APPLICATION_ASSIGNED, APP, assigned(bench.pki, APP))
        bench.tick()
        await answer_all(bench, APP)
        bench.tick()
        await bench.place(APP)
        done = await events(bench, "task")
        assert [event.step for event in done] == IN_ORDER
        assert [event.role for event in done] == ["responsible_person", "head", "specialist", "specialist"]
        assert [event.clause for event in done] == ["9(1)", "9(2)", "9(3)", "9(4)"]
        # The third is done when the registry has answered, a millisecond after the others, and the fourth begins then.
        tick = timedelta(milliseconds=1)
        assert [event.started_at for event in done] == [MONDAY] * 3 + [MONDAY + tick]
        terms = [event.due_at - event.started_at for event in done if event.due_at and event.started_at]
        assert terms == [timedelta(minutes=m) for m in (10, 10, 5, 10)]
        assert [event.at - MONDAY for event in done] == [timedelta(0)] * 2 + [tick, 2 * tick]

    async def test_gives_every_application_a_number_in_the_register_without_gaps(self, bench: Bench) -> None:
        for number in range(3):
            name = f"application-{number}"
            await bench.deliver(MessageType.APPLICATION_ASSIGNED, name, assigned(bench.pki, name))
        page = await bench.http.get("/register?year=2026&limit=2", headers=await bench.signed_in())
        entries = page.json()
        assert [entry["register_number"] for entry in entries] == ["2026-000001", "2026-000002"]
        rest = await bench.http.get(page.links["next"]["url"], headers=await bench.signed_in())
        assert [entry["application"] for entry in rest.json()] == ["application-2"]


class TestByHand:
    async def test_each_role_does_its_task_and_sees_only_its_own(self, working: Bench) -> None:
        seen = {}
        for login in ("dana", "gulnar", "aliya"):
            answer = await working.http.get("/tasks", headers=await working.signed_in(login))
            seen[login] = [task["task"] for task in answer.json()]
        assert seen == {"dana": ["procedure-1"], "gulnar": [], "aliya": []}

        assert (await do(working, "dana", "procedure-1")).json()["register_number"] == "2026-000001"
        working.pki.clock.advance(timedelta(minutes=3))
        assert (await do(working, "gulnar", "procedure-2", executor="aliya")).json()["executor"] == "aliya"
        assert (await do(working, "aliya", "procedure-3", decision="granted")).status_code == 200
        waiting = (await do(working, "aliya", "procedure-4")).json()
        assert (waiting["summary"]["state"], waiting["tasks"][-1]["state"]) == ("placing", "waiting")
        await working.place(APP)
        shown = (await working.http.get(f"/matters/{APP}", headers=await working.signed_in("aliya"))).json()
        assert shown["summary"]["state"] == "granted"
        assert [(task["task"], task["state"], task["done_by"]) for task in shown["tasks"]] == [
            ("procedure-1", "done", "dana"),
            ("procedure-2", "done", "gulnar"),
            ("procedure-3", "done", "aliya"),
            ("procedure-4", "done", "aliya"),
        ]
        assert [event.step for event in await events(working, "task")] == IN_ORDER
        assert await working.steps() == [("condition-3", True)]

    async def test_a_task_begins_when_the_one_before_it_is_done(self, working: Bench) -> None:
        working.pki.clock.advance(timedelta(minutes=4))
        shown = (await do(working, "dana", "procedure-1")).json()
        second = shown["tasks"][1]
        assert second["started_at"] == "2026-06-01T05:04:00Z"
        assert second["due_at"] == "2026-06-01T05:14:00Z"

    @pytest.mark.parametrize(
        ("login", "task", "code", "named"),
        [
            ("aliya", "procedure-1", "wrong-role", {"role": "responsible_person", "clause": "9(1)"}),
            ("gulnar", "procedure-2", "wrong-order", {"due": "procedure-1"}),
            ("aliya", "procedure-9", "not-found", {}),
            ("stranger", "procedure-1", "not-found", {}),
        ],
    )
    async def test_out_of_turn(self, working: Bench, login: str, task: str, code: str, named: dict[str, str]) -> None:
        answer = await do(working, login, task)
        assert answer.json()["type"].endswith(code)
        assert named.items() <= answer.json().items()
        assert await events(working, "task") == []

    async def test_what_was_assigned_to_somebody_is_theirs(self, working: Bench) -> None:
        await do(working, "dana", "procedure-1")
        await do(working, "gulnar", "procedure-2", executor="marat")
        answer = await do(working, "aliya", "procedure-3", decision="granted")
        assert (answer.status_code, answer.json()["executor"]) == (403, "marat")
        assert answer.json()["type"].endswith("not-executor")
        assert (await do(working, "marat", "procedure-3", decision="granted")).status_code == 200

    @pytest.mark.parametrize("executor", ["nobody", "stranger"])
    async def test_only_somebody_of_the_organisation_is_assigned(self, working: Bench, executor: str) -> None:
        await do(working, "dana", "procedure-1")
        answer = await do(working, "gulnar", "procedure-2", executor=executor)
        assert (answer.status_code, answer.json()["faults"][0]["path"]) == (422, "/executor")

    async def test_the_decision_falls_where_the_text_examines(self, working: Bench) -> None:
        await do(working, "dana", "procedure-1")
        await do(working, "gulnar", "procedure-2")
        answer = await do(working, "aliya", "procedure-3")
        assert (answer.status_code, answer.json()["clause"]) == (422, "9(3)")
        refused = await do(working, "aliya", "procedure-3", decision="refused", grounds=["document-violations"])
        assert refused.status_code == 200
        # Placing on the queue is left out, but the refusal still has to be formalised, signed and issued.
        assert refused.json()["summary"]["task"] == "procedure-4"
        closed = (await do(working, "aliya", "procedure-4")).json()
        assert closed["summary"]["state"] == "refused"
        assert await working.steps() == [("condition-3", False), ("process-7", None)]

    async def test_the_same_again_changes_nothing(self, working: Bench) -> None:
        first = await do(working, "dana", "procedure-1")
        again = await do(working, "dana", "procedure-1")
        assert again.json() == first.json()
        assert [event.step for event in await events(working, "task")] == ["procedure-1"]


class TestOverdue:
    async def test_is_marked_journaled_and_listed_once(self, working: Bench) -> None:
        assert await working.look() == 0
        working.pki.clock.advance(timedelta(minutes=10))
        assert await working.look() == 1
        assert await working.look() == 0
        marks = [event for event in await events(working, "mark") if event.step == "overdue"]
        assert [(event.detail, event.due_at) for event in marks] == [("procedure-1", MONDAY + timedelta(minutes=10))]
        headers = await working.signed_in("dana")
        late = (await working.http.get("/tasks?overdue=true", headers=headers)).json()
        assert [task["overdue_at"] for task in late] == ["2026-06-01T05:10:00Z"]
        assert (await working.http.get("/tasks?overdue=false", headers=headers)).json() == []
        assert (await do(working, "dana", "procedure-1")).json()["tasks"][0]["overdue_at"] is not None

    async def test_the_application_has_a_term_of_its_own(self, working: Bench) -> None:
        headers = await working.signed_in()
        assert (await working.http.get("/matters?overdue=true", headers=headers)).json() == []
        working.pki.clock.advance(timedelta(minutes=35))
        await working.look()
        (late,) = (await working.http.get("/matters?overdue=true", headers=headers)).json()
        assert (late["due_at"], late["overdue_at"]) == ("2026-06-01T05:35:00Z", "2026-06-01T05:35:00Z")
        marks = [event.detail for event in await events(working, "mark") if event.step == "overdue"]
        assert marks == ["procedure-1", "application"]

    async def test_after_hours_the_terms_begin_on_the_next_working_day(self, manual: Bench) -> None:
        manual.turn_clock(datetime(2026, 6, 5, 15, 0, tzinfo=UTC))  # Friday, 20:00 in Almaty
        await manual.deliver(MessageType.APPLICATION_ASSIGNED, APP, assigned(manual.pki, APP))
        headers = await manual.signed_in()
        shown = (await manual.http.get(f"/matters/{APP}", headers=headers)).json()
        # A portal takes requests round the clock; the people of the provider begin on Monday at nine.
        assert shown["tasks"][0]["due_at"] == "2026-06-08T04:10:00Z"


class TestExtension:
    async def test_is_refused_where_the_text_has_none(self, working: Bench) -> None:
        headers = await working.signed_in("dana")
        answer = await working.http.post(f"/matters/{APP}/extension", json={"reason": "сұрау"}, headers=headers)
        assert (answer.status_code, answer.json()["type"].rsplit(":", 1)[-1]) == (409, "no-extension")
        assert [NoticeIssued.model_validate(m.data) for m in await working.sent(MessageType.NOTICE_ISSUED)] == []
