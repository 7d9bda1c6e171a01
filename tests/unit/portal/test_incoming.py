"""What other systems say: registered, in review, answered, rejected; late, twice, and forged."""

from typing import Any

import pytest

from services.portal.domain.application import State
from shared.crypto.testing import MemoryPKI
from shared.kit.ids import sha256_base64url
from shared.messages.application import ApplicationRegistered, ReviewStarted
from shared.messages.control import MessageRejected
from shared.messages.payload import SignedDocument
from shared.messages.systems import System
from shared.messages.types import MessageType
from tests.unit.portal.acts import ENTRY, act, answered, registered, review_started
from tests.unit.portal.bench import Bench
from tests.unit.portal.test_submission import SENT

GROUNDS = [{"code": "child-not-under-seven", "text": {"kk": "a", "ru": "b", "en": "c"}, "clause": "12(10)"}]


@pytest.fixture
async def application(bench: Bench) -> str:
    """A submitted application."""
    made = await bench.draft()
    assert (await bench.submit(made)).is_success
    return made


async def marks(bench: Bench, application: str) -> list[str]:
    return [mark["mark"] for mark in (await bench.state(application))["timeline"]]


async def notices(bench: Bench) -> list[str]:
    return [notice["kind"] for notice in (await bench.call("GET", "/notices")).json()]


class TestRegistered:
    async def test_cabinet_shows_number_marks_and_notice_of_acceptance(self, bench: Bench, application: str) -> None:
        await registered(bench, application)
        state = await bench.state(application)
        assert (state["state"], state["entry_number"]) == ("registered", ENTRY)
        assert await marks(bench, application) == ["created", "submitted", "delivered", "registered"]
        (notice,) = (await bench.call("GET", "/notices")).json()
        assert (notice["kind"], notice["clause"]) == ("request-accepted", "12")
        assert all(ENTRY in text for text in notice["texts"].values())
        events = await bench.events(application)
        assert [event.step for event in events if event.kind == "mark"] == ["delivered", "registered"]

    async def test_twice_is_once(self, bench: Bench, application: str) -> None:
        await registered(bench, application)
        await registered(bench, application)
        assert await notices(bench) == ["request-accepted"]
        assert await bench.dead_letters() == []

    async def test_unknown_application_is_a_dead_letter(self, bench: Bench) -> None:
        await registered(bench, "018f0000-0000-7000-8000-000000000000")
        assert await bench.dead_letters() == ["unknown-application"]

    async def test_draft_was_never_sent(self, bench: Bench) -> None:
        draft = await bench.draft()
        await registered(bench, draft)
        assert await bench.dead_letters() == ["unknown-application"]
        assert (await bench.state(draft))["state"] == "draft"


class TestResult:
    async def test_result_reaches_the_cabinet(self, bench: Bench, application: str) -> None:
        await registered(bench, application)
        await review_started(bench, application)
        assert (await bench.state(application))["state"] == "in_review"
        await answered(bench, application)
        state = await bench.state(application)
        assert (state["state"], state["queue"]) == ("granted", {"number": 7, "place": 5})
        assert (await bench.steps(application))[-1] == ("process-8", None)
        assert sorted(await notices(bench)) == ["request-accepted", "service-granted"]

    async def test_result_before_the_rest(self, bench: Bench, application: str) -> None:
        await answered(bench, application)
        await review_started(bench, application)
        await registered(bench, application)
        state = await bench.state(application)
        assert (state["state"], state["entry_number"]) == ("granted", ENTRY)
        assert sorted(await marks(bench, application)) == sorted(
            ["created", "submitted", "delivered", "registered", "in_review", "answered"]
        )
        assert await bench.dead_letters() == []

    async def test_second_answer_changes_nothing(self, bench: Bench, application: str) -> None:
        await answered(bench, application)
        await answered(bench, application, State.REFUSED, act={"kind": "reasoned_refusal", "grounds": GROUNDS})
        assert (await bench.state(application))["state"] == "granted"
        assert [step for step, _ in await bench.steps(application)].count("process-8") == 1
        assert await notices(bench) == ["service-granted"]

    @pytest.mark.parametrize(
        ("forgery", "reason"),
        [
            ({"digest": sha256_base64url(b"another request")}, "request-digest"),
            ({"act": {"application": "018f0000-0000-7000-8000-000000000000"}}, "document"),
            ({"act": {"provider": {"bin": "050640001236"}}}, "document"),
            ({"act": {"provider": None}}, "document"),
        ],
    )
    async def test_answer_to_something_else_is_not_taken(
        self, bench: Bench, application: str, forgery: dict[str, Any], reason: str
    ) -> None:
        await answered(bench, application, **forgery)
        assert await bench.dead_letters() == [reason]
        assert (await bench.state(application))["state"] == "submitted"

    async def test_act_without_a_good_signature_is_not_taken(self, bench: Bench, application: str) -> None:
        good = act(bench, application)
        officer = bench.pki.officer()
        bench.pki.revoke(officer.certificate)
        await bench.platform.directory.refresh()
        forged = [
            SignedDocument(content=good.content.replace("7", "8"), signature=good.signature),
            SignedDocument(content=good.content, signature="AAAA"),
            SignedDocument(content=good.content, signature="*"),
            act(bench, application, bench.pki.person()),
            act(bench, application, officer),
            act(bench, application, MemoryPKI(bench.clock).officer()),
        ]
        for document in forged:
            await answered(bench, application, document=document)
        assert await bench.dead_letters() == ["document-signature"] * len(forged)
        assert (await bench.state(application))["state"] == "submitted"


class TestRefusal:
    async def test_reasoned_refusal_reaches_the_cabinet_with_its_grounds(self, bench: Bench, application: str) -> None:
        refusal = {"kind": "reasoned_refusal", "grounds": GROUNDS, "queue": None}
        await answered(bench, application, State.REFUSED, act=refusal)
        state = await bench.state(application)
        assert (state["state"], state["queue"]) == ("refused", None)
        (notice,) = (await bench.call("GET", "/notices")).json()
        assert (notice["kind"], notice["clause"], notice["grounds"]) == ("service-refused", "12(11)", GROUNDS)
        assert await bench.steps(application) == SENT
        result = (await bench.call("GET", f"/applications/{application}/result")).json()
        assert result["granted"] is False
        again = await bench.call("POST", f"/applications/{application}/submit", json={"signature": "AAAA"})
        assert again.status_code == 202


class TestRejection:
    async def reject(self, bench: Bench, application: str, **changes: Any) -> None:
        (message,) = await bench.sent(MessageType.APPLICATION_SUBMITTED)
        fields = {"message_id": message.id, "digest": sha256_base64url(message.encode()), "reason": "policy"}
        payload = MessageRejected(**{**fields, "report": {"detail": "why"}, **changes})
        await bench.deliver(MessageType.MESSAGE_REJECTED, application, payload, source=System.GATEWAY)

    async def test_our_message_is_rejected(self, bench: Bench, application: str) -> None:
        await self.reject(bench, application)
        state = await bench.state(application)
        assert state["state"] == "rejected"
        assert state["closing"] == {"rejected_by": "gateway", "reason": "policy", "report": {"detail": "why"}}
        result = await bench.call("GET", f"/applications/{application}/result.pdf")
        assert (result.status_code, result.json()["detail"]) == (409, "it is rejected (policy), no result will come")
        assert await notices(bench) == ["request-rejected"]
        await registered(bench, application)
        assert (await bench.state(application))["state"] == "rejected"

    @pytest.mark.parametrize(
        "changes", [{"digest": sha256_base64url(b"a tampered copy")}, {"message_id": "018f0000-another"}]
    )
    async def test_rejection_of_something_else_is_ignored(
        self, bench: Bench, application: str, changes: dict[str, str]
    ) -> None:
        await self.reject(bench, application, **changes)
        assert (await bench.state(application))["state"] == "submitted"
        assert await notices(bench) == []

    async def test_what_is_registered_is_not_rejected_any_more(self, bench: Bench, application: str) -> None:
        await registered(bench, application)
        await self.reject(bench, application)
        assert (await bench.state(application))["state"] == "registered"

    async def test_but_by_the_provider_which_may_take_it_after_all(self, bench: Bench, application: str) -> None:
        """The regional gateway passes the rejection on; the provider re-drives what it had set aside."""
        await registered(bench, application)
        await self.reject(bench, application, reason="handler-failed", report={"rejected_by": "provider"})
        state = await bench.state(application)
        assert (state["state"], state["closing"]["rejected_by"]) == ("rejected", "provider")
        await bench.deliver(MessageType.REVIEW_STARTED, application, ReviewStarted(started_at=bench.clock.now()))
        state = await bench.state(application)
        assert (state["state"], state["closing"]) == ("in_review", None)
        await self.reject(bench, application, report={"rejected_by": "provider"})
        assert (await bench.state(application))["state"] == "in_review"

    @pytest.mark.parametrize("kind", [MessageType.APPLICATION_REGISTERED, MessageType.REVIEW_STARTED])
    @pytest.mark.parametrize("named", [sha256_base64url(b"another"), None])
    async def test_what_goes_back_to_another_request_is_rejected(
        self, bench: Bench, application: str, kind: MessageType, named: str | None
    ) -> None:
        now = bench.clock.now()
        payload = (
            ReviewStarted(started_at=now)
            if kind is MessageType.REVIEW_STARTED
            else ApplicationRegistered(entry_number="2026-000001", received_at=now, registered_at=now)
        )
        await bench.deliver(kind, application, payload, requestdigest=named)
        assert await bench.dead_letters() == ["request-digest"]
        assert (await bench.state(application))["state"] == "submitted"


async def test_review_of_nothing_is_a_dead_letter(bench: Bench) -> None:
    payload = ReviewStarted(started_at=bench.clock.now())
    await bench.deliver(MessageType.REVIEW_STARTED, "018f0000-0000-7000-8000-000000000000", payload)
    assert await bench.dead_letters() == ["unknown-application"]
