"""A request from a registered device, confirmed with a one-time password (the standard of home schooling, row 1)."""

import base64
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from shared.crypto.policy import SignedBySystem
from shared.crypto.testing import IIN
from shared.crypto.verify import verify_document
from shared.messages.application import ApplicationSubmitted
from shared.messages.types import MessageType
from tests.unit.portal.acts import answered
from tests.unit.portal.bench import PHONE, Bench
from tests.unit.portal.laws import SCHOOLING, know, schooling
from tests.unit.portal.test_devices import wrong
from tests.unit.portal.test_recipients import OTHER

FORM: dict[str, Any] = {"applicant": {"iin": IIN, "surname": "ТЕСТОВА"}}


@pytest.fixture(autouse=True)
def _laws(bench: Bench) -> None:
    know(bench, schooling())


async def mobile_draft(bench: Bench, **more: Any) -> str:
    return await bench.draft(service=SCHOOLING, channel="mobile", fill=FORM, **more)


async def ask(bench: Bench, application: str, device: str) -> httpx.Response:
    return await bench.call("POST", f"/applications/{application}/password", json={"device": device})


async def confirm(bench: Bench, application: str, password: str) -> httpx.Response:
    return await bench.call("POST", f"/applications/{application}/confirm", json={"password": password})


async def sent_password(bench: Bench, application: str) -> str:
    """A password for the draft, from a confirmed device."""
    (await ask(bench, application, await bench.device())).raise_for_status()
    return await bench.password()


class TestSubmission:
    async def test_request_leaves_with_device_and_confirmation_signed_by_the_portal(self, bench: Bench) -> None:
        application = await mobile_draft(bench)
        answer = await confirm(bench, application, await sent_password(bench, application))
        assert answer.status_code == httpx.codes.ACCEPTED, answer.text
        assert answer.json()["state"] == "submitted"
        assert await bench.steps(application) == [("submit", None)]
        (message,) = await bench.sent(MessageType.APPLICATION_SUBMITTED)
        payload = ApplicationSubmitted.model_validate(message.data)
        assert payload.channel == "mobile"
        document = json.loads(payload.document.content)
        assert (document["applicant"], document["form"]) == ({"iin": IIN}, FORM)
        assert document["device"]["phone"] == PHONE
        assert document["confirmation"]["method"] == "one-time-password"
        proof = verify_document(
            payload.document.content.encode(),
            base64.b64decode(payload.document.signature),
            directory=bench.pki.directory(),
            at=bench.clock.now(),
            policy=SignedBySystem("portal"),
        )
        assert proof.passed

    async def test_result_reaches_the_cabinet(self, bench: Bench) -> None:
        application = await mobile_draft(bench)
        await confirm(bench, application, await sent_password(bench, application))
        await answered(bench, application, act={"service": SCHOOLING})
        assert (await bench.state(application))["state"] == "granted"
        assert await bench.steps(application) == [("submit", None), ("delivery", None)]

    async def test_second_confirmation_gets_the_same_answer(self, bench: Bench) -> None:
        application = await mobile_draft(bench)
        password = await sent_password(bench, application)
        first, again = [await confirm(bench, application, password) for _ in range(2)]
        assert (first.status_code, first.json()) == (again.status_code, again.json())
        assert len(await bench.sent(MessageType.APPLICATION_SUBMITTED)) == 1

    async def test_short_message_names_the_service(self, bench: Bench) -> None:
        application = await mobile_draft(bench)
        await sent_password(bench, application)
        assert "“service”" in (await bench.short_messages(PHONE))[0]


class TestDevice:
    async def test_device_must_be_registered(self, bench: Bench) -> None:
        application = await mobile_draft(bench)
        answer = await ask(bench, application, "018f0000-0000-7000-8000-000000000000")
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:egov:problem:device-unknown")

    async def test_device_must_be_confirmed(self, bench: Bench) -> None:
        application = await mobile_draft(bench)
        device = (await bench.call("POST", "/devices", json={"phone": PHONE})).json()["id"]
        answer = await ask(bench, application, device)
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:egov:problem:device-unknown")

    async def test_device_of_somebody_else(self, bench: Bench) -> None:
        device = await bench.device()
        bench.headers = await bench.enter(OTHER)
        form = {"applicant": {"iin": OTHER, "surname": "ДРУГАЯ"}}
        application = await bench.draft(service=SCHOOLING, channel="mobile", fill=form)
        answer = await ask(bench, application, device)
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:egov:problem:device-unknown")

    async def test_device_removed_on_the_way(self, bench: Bench) -> None:
        application = await mobile_draft(bench)
        device = await bench.device()
        await ask(bench, application, device)
        password = await bench.password()
        await bench.call("DELETE", f"/devices/{device}")
        assert (await confirm(bench, application, password)).status_code == httpx.codes.FORBIDDEN
        assert (await bench.state(application))["state"] == "draft"


class TestPassword:
    async def test_wrong_one_sends_nothing(self, bench: Bench) -> None:
        application = await mobile_draft(bench)
        answer = await confirm(bench, application, wrong(await sent_password(bench, application)))
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:egov:problem:one-time-password")
        assert (await bench.state(application))["state"] == "draft"
        assert await bench.sent(MessageType.APPLICATION_SUBMITTED) == []

    async def test_none_was_sent(self, bench: Bench) -> None:
        application = await mobile_draft(bench)
        assert (await confirm(bench, application, "123456")).status_code == httpx.codes.FORBIDDEN

    async def test_it_expires(self, bench: Bench) -> None:
        application = await mobile_draft(bench)
        password = await sent_password(bench, application)
        bench.clock.advance(timedelta(minutes=5))
        assert (await confirm(bench, application, password)).status_code == httpx.codes.FORBIDDEN
        assert (await bench.state(application))["state"] == "draft"

    async def test_too_many_wrong_ones_lock_the_device_for_every_request(self, bench: Bench) -> None:
        first, second = await mobile_draft(bench), await mobile_draft(bench)
        device = await bench.device()
        await ask(bench, first, device)
        password = await bench.password()
        for _ in range(3):
            assert (await confirm(bench, first, wrong(password))).status_code == httpx.codes.FORBIDDEN
        assert (await confirm(bench, first, password)).status_code == httpx.codes.TOO_MANY_REQUESTS
        bench.clock.advance(timedelta(seconds=1))
        await ask(bench, second, device)
        locked = await confirm(bench, second, await bench.password())
        assert locked.status_code == httpx.codes.TOO_MANY_REQUESTS
        assert (await bench.state(second))["state"] == "draft"

    async def test_it_serves_for_the_request_as_it_was(self, bench: Bench) -> None:
        application = await mobile_draft(bench)
        password = await sent_password(bench, application)
        changed = {"applicant": {"iin": IIN, "surname": "ДРУГАЯ"}}
        await bench.call("PUT", f"/applications/{application}/form", json=changed)
        assert (await confirm(bench, application, password)).status_code == httpx.codes.FORBIDDEN
        assert (await bench.state(application))["state"] == "draft"

    async def test_it_serves_once(self, bench: Bench) -> None:
        """The password of a device is not one for another request either."""
        first, second = await mobile_draft(bench), await mobile_draft(bench)
        password = await sent_password(bench, first)
        assert (await confirm(bench, second, password)).status_code == httpx.codes.FORBIDDEN
        assert (await confirm(bench, first, password)).status_code == httpx.codes.ACCEPTED


class TestWay:
    async def test_incomplete_draft_gets_no_password(self, bench: Bench) -> None:
        application = await bench.draft(service=SCHOOLING, channel="mobile", filled=False)
        answer = await ask(bench, application, await bench.device())
        assert answer.json()["type"] == "urn:egov:problem:application-incomplete"

    async def test_it_is_not_submitted_with_a_signature(self, bench: Bench) -> None:
        application = await mobile_draft(bench)
        answer = await bench.submit(application)
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:egov:problem:wrong-way")

    async def test_sent_application_gets_no_password(self, bench: Bench) -> None:
        application = await mobile_draft(bench)
        device = await bench.device()
        await ask(bench, application, device)
        await confirm(bench, application, await bench.password())
        assert (await ask(bench, application, device)).json()["type"] == "urn:egov:problem:not-a-draft"

    async def test_authority_that_is_silent_changes_nothing(self, bench: Bench) -> None:
        application = await mobile_draft(bench)
        password = await sent_password(bench, application)
        bench.silent = {"everything"}
        bench.platform.directory.anchors = None
        answer = await confirm(bench, application, password)
        assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE
        bench.silent = set()
        bench.clock.advance(timedelta(seconds=10))
        assert (await confirm(bench, application, password)).status_code == httpx.codes.ACCEPTED
