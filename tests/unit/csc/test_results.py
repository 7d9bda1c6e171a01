"""Processes 7 to 9 as the centre sees them: registered, answered, handed out, or kept and given to the provider."""

from datetime import datetime
from typing import Any

import pytest

from shared.kit.ids import sha256_base64url, sha256_hex
from shared.messages.application import ReviewStarted
from shared.messages.control import MessageRejected
from shared.messages.systems import System
from shared.messages.types import MessageType
from tests.factories.extracts import CARD
from tests.unit.csc.answers import ENTRY, answer, decide, obtained, power, register, requests, submitted
from tests.unit.csc.bench import Bench
from tests.unit.csc.forms import (
    APPLICANT,
    ATTORNEY,
    DUPLICATE,
    OTHER_CERTIFICATION,
    QUEUE,
    duplicate_form,
    queue_form,
    represented,
)
from tests.unit.csc.short_form import sent

TO_APPLICANT = {"who": "applicant", "identity_document": CARD}
TO_REPRESENTATIVE = {"who": "representative", "identity_document": "N00000001"}


async def ready(bench: Bench, **form: Any) -> str:
    """A matter whose result is at the centre."""
    matter = await submitted(bench, queue_form(**form), QUEUE)
    await register(bench, matter)
    await decide(bench, matter)
    return matter


class TestAnswers:
    async def test_registered_reviewed_and_answered(self, bench: Bench) -> None:
        matter = await submitted(bench, queue_form(), QUEUE)
        await register(bench, matter)
        assert (await bench.state(matter))["state"] == "registered"
        await bench.deliver(MessageType.REVIEW_STARTED, matter, ReviewStarted(started_at=bench.clock.now()))
        assert (await bench.state(matter))["state"] == "in_review"
        content = await decide(bench, matter)
        view = await bench.state(matter)
        assert (view["state"], view["decision"], view["entry_number"]) == ("ready", "granted", ENTRY)
        result = await bench.done("GET", f"/matters/{matter}/result")
        assert (result["content"], result["sha256"]) == (content, sha256_hex(content.encode()))
        marks = [event.step for event in await bench.events(matter) if event.kind == "mark"]
        assert marks == ["delivered", "registered", "in_review", "answered"]

    async def test_out_of_order_and_twice(self, bench: Bench) -> None:
        matter = await submitted(bench, queue_form(), QUEUE)
        await decide(bench, matter)
        await register(bench, matter)
        await decide(bench, matter, granted=False)
        view = await bench.state(matter)
        assert (view["state"], view["entry_number"]) == ("ready", ENTRY)

    async def test_bound_to_another_request(self, bench: Bench) -> None:
        matter = await submitted(bench, queue_form(), QUEUE)
        await decide(bench, matter, requestdigest=sha256_base64url(b"x"))
        assert await bench.dead_letters() == ["request-digest"]
        assert (await bench.state(matter))["state"] == "submitted"

    async def test_not_signed_by_the_provider_it_names(self, bench: Bench) -> None:
        matter = await submitted(bench, queue_form(), QUEUE)
        await decide(bench, matter, signer=bench.pki.officer(bin="110740000929"))
        await decide(bench, matter, signer=bench.pki.revoked_person())
        assert await bench.dead_letters() == ["document-signature"] * 2
        assert (await bench.state(matter))["state"] == "submitted"

    async def test_a_request_that_is_not_taken_is_rejected_not_refused(self, bench: Bench) -> None:
        matter = await submitted(bench, queue_form(), QUEUE)
        (message,) = await bench.sent(MessageType.APPLICATION_SUBMITTED)
        for digest, state in ((b"tampered", "submitted"), (message.encode(), "rejected")):
            rejection = MessageRejected(
                message_id=message.id, digest=sha256_base64url(digest), reason="unknown-regulation", report={}
            )
            await bench.deliver(MessageType.MESSAGE_REJECTED, matter, rejection)
            assert (await bench.state(matter))["state"] == state

    async def test_there_is_no_result_before_it_came(self, bench: Bench) -> None:
        matter = await submitted(bench, queue_form(), QUEUE)
        for path in ("result", "result/document", "result/signature.p7s", "result.pdf"):
            assert (await bench.call("GET", f"/matters/{matter}/{path}")).status_code == 404
        answer_ = await bench.call("POST", f"/matters/{matter}/hand-out", json=TO_APPLICANT)
        assert answer_.status_code == 409

    async def test_a_printed_form_that_is_not_the_providers_is_not_passed_on(self, bench: Bench) -> None:
        matter = await ready(bench)
        assert (await bench.call("GET", f"/matters/{matter}/result.pdf")).status_code == 503
        bench.printed = b"%PDF-1.4 forged"
        assert (await bench.call("GET", f"/matters/{matter}/result.pdf")).status_code == 503


class TestHandingOut:
    async def test_with_time_operator_and_identity(self, bench: Bench) -> None:
        matter = await ready(bench)
        view = await bench.done("POST", f"/matters/{matter}/hand-out", json=TO_APPLICANT)
        assert view["state"] == "handed_out"
        assert view["handing_out"] == {
            "who": "applicant",
            "iin": APPLICANT,
            "identity_document": CARD,
            "at": "2026-06-02T09:00:00.000Z",
            "operator": "aigerim",
        }
        assert (await bench.steps(matter))[-1] == ("process-9", None)
        again = await bench.call("POST", f"/matters/{matter}/hand-out", json=TO_APPLICANT)
        assert again.status_code == 409

    @pytest.mark.parametrize(
        ("at", "opens_at"),
        [
            ("2026-06-02T15:00:00+00:00", "2026-06-03T04:00:00.000Z"),
            ("2026-06-06T15:00:00+00:00", "2026-06-08T04:00:00.000Z"),
        ],
        ids=["evening", "Saturday evening"],
    )
    async def test_not_while_the_centre_is_closed(self, bench: Bench, at: str, opens_at: str) -> None:
        matter = await ready(bench)
        bench.clock.set(datetime.fromisoformat(at), freeze=True)
        bench.headers = {}
        refused = await bench.call("POST", f"/matters/{matter}/hand-out", json=TO_APPLICANT)
        assert (refused.status_code, refused.json()["type"]) == (409, "urn:egov:problem:outside-hours")
        assert (refused.json()["clause"], refused.json()["opens_at"]) == ("10", opens_at)
        assert (await bench.state(matter))["state"] == "ready"
        bench.clock.set(datetime.fromisoformat(opens_at), freeze=True)
        bench.headers = {}
        assert (await bench.done("POST", f"/matters/{matter}/hand-out", json=TO_APPLICANT))["state"] == "handed_out"

    async def test_against_a_document_the_registry_knows(self, bench: Bench) -> None:
        matter = await ready(bench)
        other = {**TO_APPLICANT, "identity_document": "999999999"}
        assert (await bench.call("POST", f"/matters/{matter}/hand-out", json=other)).status_code == 422
        assert (await bench.state(matter))["state"] == "ready"

    async def test_to_the_representative(self, bench: Bench) -> None:
        matter = await ready(bench, **represented())
        view = await bench.done("POST", f"/matters/{matter}/hand-out", json=TO_REPRESENTATIVE)
        assert view["handing_out"]["iin"] == ATTORNEY

    async def test_to_the_representative_with_a_paper_power_of_attorney(self, bench: Bench) -> None:
        matter = await ready(bench, **represented(OTHER_CERTIFICATION))
        await bench.done("POST", f"/matters/{matter}/hand-out", json=TO_REPRESENTATIVE)

    async def test_not_to_a_representative_who_may_only_apply(self, bench: Bench) -> None:
        matter = await bench.entered(queue_form(**represented()))
        apply_only = power(powers=power()["powers"][:1])
        await obtained(bench, matter, power_of_attorney={"powers_of_attorney": [apply_only]})
        await bench.done("POST", f"/matters/{matter}/submit")
        await decide(bench, matter)
        refused = await bench.call("POST", f"/matters/{matter}/hand-out", json=TO_REPRESENTATIVE)
        assert refused.status_code == 409
        assert refused.json()["type"].endswith("not-entitled")
        await bench.done("POST", f"/matters/{matter}/hand-out", json=TO_APPLICANT)

    async def test_not_to_a_representative_nobody_named(self, bench: Bench) -> None:
        matter = await ready(bench)
        refused = await bench.call("POST", f"/matters/{matter}/hand-out", json=TO_REPRESENTATIVE)
        assert refused.status_code == 409

    async def test_a_refusal_is_handed_out_without_a_step_of_its_own(self, bench: Bench) -> None:
        matter = await submitted(bench, queue_form(), QUEUE)
        await decide(bench, matter, granted=False)
        assert (await bench.state(matter))["state"] == "refused"
        await bench.done("POST", f"/matters/{matter}/hand-out", json=TO_APPLICANT)
        assert (await bench.steps(matter))[-1] == ("process-6", None)
        assert (await bench.events(matter))[-1].step == "handed_out"


class TestUncollected:
    async def test_is_kept_one_month_then_goes_to_the_provider(self, bench: Bench) -> None:
        matter = await ready(bench)
        bench.headers = {}
        await bench.turn(days=30, minutes=30)
        assert (await bench.state(matter))["state"] == "ready"
        await bench.turn(minutes=5)
        view = await bench.state(matter)
        assert view["state"] == "returned"
        (message,) = await bench.sent(MessageType.RESULT_RETURNED)
        act = await bench.done("GET", f"/matters/{matter}/result")
        assert message.destination is System.REGIONAL_GATEWAY
        assert message.data["document_sha256"] == act["sha256"]
        assert (await bench.steps(matter))[-1] == ("return-uncollected", None)
        refused = await bench.call("POST", f"/matters/{matter}/hand-out", json=TO_APPLICANT)
        assert refused.status_code == 409
        await bench.turn(days=1)
        assert len(await bench.sent(MessageType.RESULT_RETURNED)) == 1

    async def test_the_month_begins_when_the_visitor_was_told_to_come(self, bench: Bench) -> None:
        matter = await bench.entered(duplicate_form(), DUPLICATE)
        await bench.done("POST", f"/matters/{matter}/registry-queries")
        await answer(bench, (await requests(bench, matter))["applicant"])
        for item in (await bench.state(matter))["missing"]:
            await bench.paper(matter, item["document"])
        await bench.done("POST", f"/matters/{matter}/submit")
        await decide(bench, matter)
        view = await bench.state(matter)
        assert view["ready_by"].startswith("2026-07-02")
        assert view["kept_until"].startswith("2026-08-02")

    async def test_what_was_handed_out_stays(self, bench: Bench) -> None:
        matter = await ready(bench)
        await bench.done("POST", f"/matters/{matter}/hand-out", json=TO_APPLICANT)
        await bench.turn(days=60)
        assert await bench.sent(MessageType.RESULT_RETURNED) == []

    async def test_a_refusal_goes_back_too(self, bench: Bench) -> None:
        """004, clauses 5 and 15(2): a reasoned refusal is a result; the centre keeps it for a month and sends it on."""
        matter = await submitted(bench, queue_form(), QUEUE)
        await decide(bench, matter, granted=False)
        view = await bench.state(matter)
        assert (view["state"], view["kept_until"] is not None) == ("refused", True)
        bench.headers = {}
        await bench.turn(days=60)
        (message,) = await bench.sent(MessageType.RESULT_RETURNED)
        assert message.data["document_sha256"] == (await bench.done("GET", f"/matters/{matter}/result"))["sha256"]
        # The run had ended with the refusal: what became of the paper is a mark, no step.
        assert (await bench.steps(matter))[-1] == ("process-6", None)
        assert (await bench.events(matter))[-1].step == "returned"
        assert (await bench.state(matter))["state"] == "returned"
        await bench.turn(days=60)
        assert len(await bench.sent(MessageType.RESULT_RETURNED)) == 1

    async def test_a_refusal_where_the_text_sets_no_time_stays(self, bench: Bench) -> None:
        matter = await sent(bench)
        await register(bench, matter)
        await decide(bench, matter, granted=False)
        await bench.done("POST", f"/matters/{matter}/collect")
        assert (await bench.state(matter))["kept_until"] is None
        await bench.turn(days=400)
        assert await bench.sent(MessageType.RESULT_RETURNED) == []

    async def test_a_restart_forgets_nothing(self, bench: Bench) -> None:
        matter = await ready(bench)
        await bench.restart()
        bench.headers = {}
        await bench.turn(days=31)
        assert (await bench.state(matter))["state"] == "returned"

    async def test_a_return_that_is_not_taken_is_noted(self, bench: Bench) -> None:
        matter = await ready(bench)
        bench.headers = {}
        await bench.turn(days=31)
        (message,) = await bench.sent(MessageType.RESULT_RETURNED)
        rejection = MessageRejected(
            message_id=message.id, digest=sha256_base64url(message.encode()), reason="not-theirs", report={}
        )
        await bench.deliver(MessageType.MESSAGE_REJECTED, matter, rejection)
        assert (await bench.state(matter))["trouble"] == "regional-gateway: not-theirs"


@pytest.mark.parametrize("number", ["id", "number", "entry_number"])
async def test_status_by_any_number_without_personal_data(bench: Bench, number: str) -> None:
    matter = await ready(bench)
    view = await bench.state(matter)
    status = await bench.http.get(f"/status/{view[number]}", headers={"accept-language": "kk"})
    assert status.json()["state"] == "ready"
    assert status.json()["service"].startswith("Мектепке дейінгі")
    for private in (APPLICANT, "ТЕСТОВА", "+7701", "aigerim"):
        assert private not in status.text


@pytest.mark.parametrize("number", ["ALMALY-2026-999999", "x", "%27%20OR%201=1"])
async def test_status_of_what_is_not_there(bench: Bench, number: str) -> None:
    await ready(bench)
    assert (await bench.http.get(f"/status/{number}")).status_code == 404
