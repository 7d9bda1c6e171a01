"""A service the state offers of itself: consent with a one-time password, decline, silence (home schooling)."""

import base64
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from services.portal.domain.application import State
from shared.crypto.policy import SignedBySystem
from shared.crypto.testing import BIN, IIN
from shared.crypto.verify import verify_document
from shared.kit.ids import uuid7
from shared.messages.application import ApplicationSupplemented, NoticeIssued
from shared.messages.envelope import Message
from shared.messages.payload import SignedDocument
from shared.messages.types import MessageType
from tests.unit.portal.acts import act, answered, registered
from tests.unit.portal.bench import SERVICE, Bench
from tests.unit.portal.laws import SCHOOLING, know, schooling
from tests.unit.portal.test_devices import wrong
from tests.unit.portal.test_recipients import OTHER

WORDS = {"kk": "ұсыныс", "ru": "предложение", "en": "an offer"}


@pytest.fixture(autouse=True)
def _laws(bench: Bench) -> None:
    know(bench, schooling())


def offer_document(bench: Bench, application: str, /, **changes: Any) -> SignedDocument:
    return act(bench, application, kind="offer", service=SCHOOLING, queue=None, **changes)


async def offered(bench: Bench, *, days: int | None = 3, regulation: str = SCHOOLING, **changes: Any) -> str:
    """The provider has offered the service; the id of the matter."""
    await bench.platform.directory.ensure(())
    application = uuid7(bench.clock)
    now = bench.clock.now()
    payload = {
        "kind": "proactive_offer",
        "text": WORDS,
        "issued_at": now,
        "document": changes.pop("document", None) or offer_document(bench, application, **changes.pop("act", {})),
        "until": None if days is None else now + timedelta(days=days),
        **changes,
    }
    await bench.deliver(MessageType.NOTICE_ISSUED, application, NoticeIssued(**payload), regulation=regulation)
    bench.headers = bench.headers or await bench.enter()
    return application


async def answer(bench: Bench, application: str, **body: Any) -> httpx.Response:
    return await bench.call("POST", f"/applications/{application}/consent", json=body)


async def password_for(bench: Bench, application: str) -> str:
    path = f"/applications/{application}/password"
    (await bench.call("POST", path, json={"device": await bench.device()})).raise_for_status()
    return await bench.password()


async def sent_answer(bench: Bench) -> tuple[Message, dict[str, Any]]:
    (message,) = await bench.sent(MessageType.APPLICATION_SUPPLEMENTED)
    payload = ApplicationSupplemented.model_validate(message.data)
    proof = verify_document(
        payload.document.content.encode(),
        base64.b64decode(payload.document.signature),
        directory=bench.pki.directory(),
        at=bench.clock.now(),
        policy=SignedBySystem("portal"),
    )
    assert proof.passed
    return message, json.loads(payload.document.content)


class TestOffer:
    async def test_it_stands_in_the_cabinet_with_its_signed_document(self, bench: Bench) -> None:
        application = await offered(bench)
        state = await bench.state(application)
        assert (state["state"], state["channel"], state["service"]) == ("offered", "proactive", SCHOOLING)
        assert [mark["mark"] for mark in state["timeline"]] == ["offered"]
        (notice,) = (await bench.call("GET", "/notices")).json()
        assert (notice["kind"], notice["texts"]) == ("proactive_offer", WORDS)
        assert notice["document"]["content"]["recipient"]["iin"] == IIN
        assert notice["document"]["report"]["indication"] == "passed"
        assert notice["document"]["sha256"] == state["offer"]["sha256"]

    async def test_it_waits_for_somebody_who_registers_later(self, bench: Bench) -> None:
        application = await offered(bench, act={"recipient": {"iin": OTHER}})
        assert (await bench.call("GET", f"/applications/{application}")).status_code == httpx.codes.NOT_FOUND
        bench.headers = await bench.enter(OTHER)
        assert (await bench.state(application))["state"] == "offered"

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"regulation": SERVICE}, "no-offer"),
            ({"regulation": "no/such"}, "no-offer"),
            ({"act": {"recipient": {"iin": "123456789012"}}}, "document"),
            ({"act": {"recipient": None}}, "document"),
            ({"act": {"application": "018f0000-0000-7000-8000-000000000000"}}, "document"),
            ({"text": {"kk": "a"}}, "notice"),
            ({"kind": "extension"}, "unknown-application"),
        ],
    )
    async def test_what_offers_nothing_is_a_dead_letter(
        self, bench: Bench, changes: dict[str, Any], reason: str
    ) -> None:
        application = await offered(bench, **changes)
        assert await bench.dead_letters() == [reason]
        assert (await bench.call("GET", f"/applications/{application}")).status_code == httpx.codes.NOT_FOUND

    async def test_without_a_document_it_is_none(self, bench: Bench) -> None:
        application = uuid7(bench.clock)
        payload = NoticeIssued(kind="proactive_offer", text=WORDS, issued_at=bench.clock.now())
        await bench.deliver(MessageType.NOTICE_ISSUED, application, payload, regulation=SCHOOLING)
        assert await bench.dead_letters() == ["document"]

    async def test_forged_document_is_a_dead_letter(self, bench: Bench) -> None:
        application = uuid7(bench.clock)
        forged = act(bench, application, bench.pki.person(), service=SCHOOLING)
        await offered(bench, document=forged)
        assert await bench.dead_letters() == ["document-signature"]

    async def test_there_is_nothing_to_sign(self, bench: Bench) -> None:
        application = await offered(bench)
        for method, path, body in (
            ("GET", "document", None),
            ("POST", "submit", {"signature": "AAAA"}),
            ("POST", "confirm", {"password": "1"}),
        ):
            found = await bench.call(method, f"/applications/{application}/{path}", json=body)
            assert found.json()["type"] == "urn:egov:problem:wrong-way"


class TestConsent:
    async def test_it_leaves_bound_to_the_offer_and_signed_by_the_portal(self, bench: Bench) -> None:
        application = await offered(bench)
        given = await answer(bench, application, given=True, password=await password_for(bench, application))
        assert given.status_code == httpx.codes.ACCEPTED, given.text
        assert given.json()["state"] == "submitted"
        assert given.json()["due_at"] is not None
        message, document = await sent_answer(bench)
        assert (message.subject, message.regulation) == (application, SCHOOLING)
        assert (document["kind"], document["given"], document["applicant"]) == ("consent", True, {"iin": IIN})
        assert document["confirmation"]["method"] == "one-time-password"
        assert document["offer"]["sha256"] == given.json()["offer"]["sha256"]
        async with bench.platform.database.session() as session:
            row = (await session.execute(bench.hosted.metadata.tables["applications"].select())).mappings().one()
        assert message.requestdigest == row["message_digest"]
        assert await bench.steps(application) == [("consent", True)]

    async def test_result_follows(self, bench: Bench) -> None:
        application = await offered(bench)
        await answer(bench, application, given=True, password=await password_for(bench, application))
        await registered(bench, application)
        async with bench.platform.database.session() as session:
            row = (await session.execute(bench.hosted.metadata.tables["applications"].select())).mappings().one()
        await answered(bench, application, digest=row["message_digest"], act={"service": SCHOOLING})
        state = await bench.state(application)
        assert (state["state"], state["entry_number"]) == ("granted", "2026-000001")
        assert state["timeline"][0]["mark"] == "offered"

    async def test_wrong_password_is_no_consent(self, bench: Bench) -> None:
        application = await offered(bench)
        password = await password_for(bench, application)
        for given in ({"given": True}, {"given": True, "password": wrong(password)}):
            assert (await answer(bench, application, **given)).status_code == httpx.codes.FORBIDDEN
        assert (await bench.state(application))["state"] == "offered"
        assert await bench.sent(MessageType.APPLICATION_SUPPLEMENTED) == []

    async def test_without_a_device_there_is_no_password(self, bench: Bench) -> None:
        application = await offered(bench)
        body = {"device": "018f0000-0000-7000-8000-000000000000"}
        found = await bench.call("POST", f"/applications/{application}/password", json=body)
        assert found.json()["type"] == "urn:egov:problem:device-unknown"

    async def test_answered_once(self, bench: Bench) -> None:
        application = await offered(bench)
        password = await password_for(bench, application)
        await answer(bench, application, given=True, password=password)
        for again in ({"given": True, "password": password}, {"given": False}):
            found = await answer(bench, application, **again)
            assert (found.status_code, found.json()["type"]) == (409, "urn:egov:problem:offer-closed")
        assert len(await bench.sent(MessageType.APPLICATION_SUPPLEMENTED)) == 1

    async def test_draft_is_no_offer(self, bench: Bench) -> None:
        draft = await bench.draft()
        assert (await answer(bench, draft, given=False)).json()["type"] == "urn:egov:problem:offer-closed"


class TestNoConsent:
    async def test_to_decline_takes_no_password(self, bench: Bench) -> None:
        application = await offered(bench)
        found = await answer(bench, application, given=False)
        assert (found.status_code, found.json()["state"]) == (202, "submitted")
        _, document = await sent_answer(bench)
        assert (document["given"], document["reason"]) == (False, "declined")
        assert "confirmation" not in document
        assert await bench.steps(application) == [("consent", False)]

    async def test_silence_is_no_consent(self, bench: Bench) -> None:
        application = await offered(bench)
        other = await offered(bench, days=None)
        assert bench.hosted.watch is not None
        bench.clock.advance(timedelta(days=3) - timedelta(seconds=1))
        assert await bench.hosted.watch() == 0
        bench.clock.advance(timedelta(seconds=1))
        bench.headers = {}
        bench.headers = await sign_in_again(bench)
        found = await answer(bench, application, given=False)
        assert found.json()["type"] == "urn:egov:problem:offer-closed"
        assert await bench.hosted.watch() == 1
        assert await bench.hosted.watch() == 0
        message, document = await sent_answer(bench)
        assert (message.subject, document["given"], document["reason"]) == (application, False, "lapsed")
        assert (await bench.state(application))["state"] == "submitted"
        assert (await bench.state(other))["state"] == "offered"
        events = await bench.events(application)
        assert [(event.step, event.passed, event.detail) for event in events] == [("consent", False, "lapsed")]

    async def test_refusal_for_want_of_consent_reaches_the_cabinet(self, bench: Bench) -> None:
        application = await offered(bench)
        await answer(bench, application, given=False)
        async with bench.platform.database.session() as session:
            row = (await session.execute(bench.hosted.metadata.tables["applications"].select())).mappings().one()
        refusal = {"kind": "reasoned_refusal", "service": SCHOOLING, "queue": None, "provider": provider()}
        await answered(bench, application, State.REFUSED, digest=row["message_digest"], act=refusal)
        assert (await bench.state(application))["state"] == "refused"

    async def test_silent_authority_lets_it_wait(self, bench: Bench) -> None:
        application = await offered(bench)
        bench.silent = {"everything"}
        bench.platform.directory.anchors = None
        found = await answer(bench, application, given=False)
        assert found.status_code == httpx.codes.SERVICE_UNAVAILABLE
        assert (await bench.state(application))["state"] == "offered"


def provider() -> dict[str, Any]:
    return {"name": {"kk": "ТЕСТ", "ru": "ТЕСТ", "en": "TEST"}, "bin": BIN}


async def sign_in_again(bench: Bench) -> dict[str, str]:
    token = (await bench.sign_in()).json()["token"]
    return {"authorization": f"Bearer {token}"}
