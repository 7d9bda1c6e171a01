"""Electronic requests of third parties: only with the person's consent (the standard of home schooling, row 8)."""

from datetime import date, timedelta
from functools import partial
from typing import Any

import httpx
import pytest

from shared.crypto.testing import IIN
from shared.kit.iin import make_iin
from tests.factories.pages import walked
from tests.unit.portal.acts import answered
from tests.unit.portal.bench import PHONE, SERVICE, Bench
from tests.unit.portal.laws import know, schooling
from tests.unit.portal.test_devices import wrong
from tests.unit.portal.test_mobile import mobile_draft
from tests.unit.portal.test_recipients import OTHER

THIRD = make_iin(date(1985, 2, 15), "female", 1)


@pytest.fixture
async def sides(bench: Bench) -> dict[str, dict[str, str]]:
    """The person with a granted application and a telephone, and somebody who asks."""
    application = await bench.draft()
    (await bench.submit(application)).raise_for_status()
    await answered(bench, application)
    await bench.device()
    return {"subject": bench.headers, "requester": await bench.enter(OTHER)}


Sides = dict[str, dict[str, str]]


async def call(bench: Bench, headers: dict[str, str], method: str, path: str = "", **more: Any) -> httpx.Response:
    return await bench.http.request(method, f"/access-requests{path}", headers=headers, **more)


async def ask(bench: Bench, sides: Sides, **changes: Any) -> dict[str, Any]:
    body = {"iin": IIN, "service": SERVICE, "purpose": "a place in a kindergarten", **changes}
    answer = await call(bench, sides["requester"], "POST", json=body)
    return {"status": answer.status_code, **answer.json()}


async def results(bench: Bench, sides: Sides, request: str) -> httpx.Response:
    return await call(bench, sides["requester"], "GET", f"/{request}/results")


async def reply(bench: Bench, text: str, phone: str = PHONE) -> httpx.Response:
    return await bench.http.post("/__stand/text-messages", json={"phone": phone, "text": text})


class TestWithoutConsent:
    async def test_nothing_is_shown(self, bench: Bench, sides: Sides) -> None:
        asked = await ask(bench, sides)
        assert (asked["status"], asked["state"]) == (201, "asked")
        answer = await results(bench, sides, asked["id"])
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:egov:problem:consent-missing")

    async def test_declined(self, bench: Bench, sides: Sides) -> None:
        asked = await ask(bench, sides)
        answer = await call(bench, sides["subject"], "POST", f"/{asked['id']}/answer", json={"given": False})
        assert answer.json()["state"] == "declined"
        assert (await results(bench, sides, asked["id"])).status_code == httpx.codes.FORBIDDEN
        again = await call(bench, sides["subject"], "POST", f"/{asked['id']}/answer", json={"given": True})
        assert (again.status_code, again.json()["type"]) == (409, "urn:egov:problem:access-closed")

    async def test_person_the_portal_does_not_know_is_not_told_apart(self, bench: Bench, sides: Sides) -> None:
        known, unknown = await ask(bench, sides), await ask(bench, sides, iin=THIRD)
        assert (known["status"], known["state"]) == (unknown["status"], unknown["state"])

    @pytest.mark.parametrize(
        ("changes", "status"),
        [
            ({"iin": OTHER}, 422),
            ({"iin": "1"}, 422),
            ({"service": "no/such"}, 404),
            ({"purpose": ""}, 422),
            ({"purpose": "a\x00b"}, 422),
        ],
    )
    async def test_what_cannot_be_asked(self, bench: Bench, sides: Sides, changes: dict[str, str], status: int) -> None:
        assert (await ask(bench, sides, **changes))["status"] == status

    async def test_requests_of_others_are_not_to_be_seen(self, bench: Bench, sides: Sides) -> None:
        asked = await ask(bench, sides)
        third = await bench.enter(THIRD)
        for method, path, body in (
            ("GET", "", None),
            ("GET", "/results", None),
            ("POST", "/answer", {"given": True}),
            ("POST", "/confirmation", {"password": "1"}),
        ):
            answer = await call(bench, third, method, f"/{asked['id']}{path}", json=body)
            assert answer.status_code == httpx.codes.NOT_FOUND
        for side, path, body in (
            ("requester", "answer", {"given": True}),
            ("subject", "confirmation", {"password": "1"}),
        ):
            answer = await call(bench, sides[side], "POST", f"/{asked['id']}/{path}", json=body)
            assert answer.status_code == httpx.codes.NOT_FOUND


class TestConsent:
    async def test_in_the_cabinet(self, bench: Bench, sides: Sides) -> None:
        asked = await ask(bench, sides)
        (seen,) = (await call(bench, sides["subject"], "GET")).json()
        assert (seen["id"], seen["purpose"]) == (asked["id"], "a place in a kindergarten")
        assert (seen["requester"], seen["subject"]) == (OTHER, IIN)
        answer = await call(bench, sides["subject"], "POST", f"/{asked['id']}/answer", json={"given": True})
        assert (answer.json()["state"], answer.json()["means"]) == ("given", "cabinet")
        (act,) = (await results(bench, sides, asked["id"])).json()
        assert act["granted"] is True
        assert set(act["links"]) == {"verify"}
        assert (await bench.http.get(act["links"]["verify"])).status_code == httpx.codes.OK
        (mine,) = (await call(bench, sides["requester"], "GET", params={"role": "requester"})).json()
        assert mine["state"] == "given"

    async def test_with_the_one_time_password(self, bench: Bench, sides: Sides) -> None:
        asked = await ask(bench, sides)
        password = await bench.password()
        path = f"/{asked['id']}/confirmation"
        wrong_one = await call(bench, sides["requester"], "POST", path, json={"password": wrong(password)})
        assert wrong_one.status_code == httpx.codes.FORBIDDEN
        answer = await call(bench, sides["requester"], "POST", path, json={"password": password})
        assert answer.json()["means"] == "one-time-password"
        assert len((await results(bench, sides, asked["id"])).json()) == 1

    async def test_with_a_short_message_in_reply(self, bench: Bench, sides: Sides) -> None:
        asked = await ask(bench, sides)
        answer = await reply(bench, f" {await bench.password()} ")
        assert answer.status_code == httpx.codes.NO_CONTENT
        (seen,) = (await call(bench, sides["subject"], "GET")).json()
        assert (seen["id"], seen["state"], seen["means"]) == (asked["id"], "given", "short-message")
        assert len((await results(bench, sides, asked["id"])).json()) == 1

    @pytest.mark.parametrize("text", ["yes", "000000x"])
    async def test_another_short_message_is_no_consent(self, bench: Bench, sides: Sides, text: str) -> None:
        asked = await ask(bench, sides)
        assert (await reply(bench, text)).status_code == httpx.codes.FORBIDDEN
        assert (await reply(bench, text, "+77770000000")).status_code == httpx.codes.NOT_FOUND
        assert (await results(bench, sides, asked["id"])).status_code == httpx.codes.FORBIDDEN

    async def test_it_ends(self, bench: Bench, sides: Sides) -> None:
        asked = await ask(bench, sides)
        await call(bench, sides["subject"], "POST", f"/{asked['id']}/answer", json={"given": True})
        bench.clock.advance(timedelta(hours=24))
        requester = {"authorization": f"Bearer {(await bench.sign_in(OTHER)).json()['token']}"}
        answer = await call(bench, requester, "GET", f"/{asked['id']}/results")
        assert answer.json()["type"] == "urn:egov:problem:consent-missing"

    async def test_it_comes_in_time(self, bench: Bench, sides: Sides) -> None:
        asked = await ask(bench, sides)
        bench.clock.advance(timedelta(hours=24))
        subject = {"authorization": f"Bearer {(await bench.sign_in()).json()['token']}"}
        answer = await call(bench, subject, "POST", f"/{asked['id']}/answer", json={"given": True})
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:egov:problem:access-closed")


async def test_requests_are_listed_in_pages(bench: Bench, sides: Sides) -> None:
    asked = []
    for number in range(3):
        asked.append((await ask(bench, sides, purpose=f"purpose {number}"))["id"])
        bench.clock.advance(timedelta(minutes=1))
    for role, headers in (("requester", sides["requester"]), ("subject", sides["subject"])):
        found = await walked(partial(bench.http.get, headers=headers), f"/access-requests?role={role}")
        assert [request["id"] for request in found] == asked[::-1]
    messages = (await bench.http.get("/__stand/text-messages")).json()
    assert len(messages) > 1
    assert await walked(bench.http.get, "/__stand/text-messages") == messages


class TestTakenBack:
    async def test_consents_end_with_the_account_somebody_else_had(self, bench: Bench, sides: Sides) -> None:
        """What was given is taken back, and a password that went to the telephone of before gives nothing."""
        given = await ask(bench, sides)
        bench.clock.advance(timedelta(seconds=1))  # of short messages of one instant none is the latest
        waiting = await ask(bench, sides)
        password = await bench.password()
        await call(bench, sides["subject"], "POST", f"/{given['id']}/answer", json={"given": True})
        assert (await results(bench, sides, given["id"])).status_code == httpx.codes.OK
        (await bench.register(signer=bench.pki.person())).raise_for_status()
        for request in (given, waiting):
            assert (await results(bench, sides, request["id"])).status_code == httpx.codes.FORBIDDEN
        told = await call(
            bench, sides["requester"], "POST", f"/{waiting['id']}/confirmation", json={"password": password}
        )
        assert (told.status_code, told.json()["type"]) == (403, "urn:egov:problem:one-time-password")
        assert (await reply(bench, password)).status_code == httpx.codes.NOT_FOUND


class TestOfStrangers:
    """Whatever strangers ask and guess, the person's own messages and telephone stay the person's."""

    async def test_they_use_up_no_message_of_the_person_and_are_bounded_themselves(
        self, bench: Bench, sides: Sides
    ) -> None:
        told = [(await ask(bench, sides))["status"] for _ in range(5)]
        assert told == [201] * 3 + [429] * 2
        before = len(await bench.short_messages(PHONE))
        third = {**sides, "requester": await bench.enter(THIRD)}
        assert [(await ask(bench, third))["status"] for _ in range(4)] == [201] * 3 + [429]
        assert len(await bench.short_messages(PHONE)) == before + 3
        bench.headers = sides["subject"]
        device = (await bench.call("POST", "/devices", json={"phone": "+77015550000"})).json()["id"]
        sent = [(await bench.call("POST", f"/devices/{device}/password")).status_code for _ in range(8)]
        assert sent == [202] * 8

    async def test_all_together_send_so_many_messages_to_one_telephone(self, bench: Bench, sides: Sides) -> None:
        before = len(await bench.short_messages(PHONE))
        for number in range(1, 13):
            stranger = await bench.enter(make_iin(date(1985, 2, 16), "female", number))
            assert [(await ask(bench, {"requester": stranger}))["status"] for _ in range(3)] == [201] * 3
        assert len(await bench.short_messages(PHONE)) == before + 30
        # What came without a message is answered in the cabinet.
        (newest,) = (await call(bench, sides["subject"], "GET", params={"limit": 1})).json()
        answer = await call(bench, sides["subject"], "POST", f"/{newest['id']}/answer", json={"given": True})
        assert answer.json()["state"] == "given"

    async def test_their_guesses_lock_their_request_and_not_the_telephone(self, bench: Bench, sides: Sides) -> None:
        asked = await ask(bench, sides)
        told = [
            await call(bench, sides["requester"], "POST", f"/{asked['id']}/confirmation", json={"password": "x"})
            for _ in range(4)
        ]
        assert [answer.status_code for answer in told] == [403] * 3 + [429]
        bench.clock.advance(timedelta(seconds=1))  # of short messages of one instant none is the latest
        other = await ask(bench, sides)
        answer = await call(
            bench, sides["requester"], "POST", f"/{other['id']}/confirmation", json={"password": await bench.password()}
        )
        assert answer.json()["state"] == "given"
        bench.headers = sides["subject"]
        know(bench, schooling())
        application = await mobile_draft(bench)
        (device,) = (await bench.call("GET", "/devices")).json()
        bench.clock.advance(timedelta(seconds=1))
        await bench.call("POST", f"/applications/{application}/password", json={"device": device["id"]})
        confirmed = {"password": await bench.password()}
        answer = await bench.call("POST", f"/applications/{application}/confirm", json=confirmed)
        assert answer.status_code == httpx.codes.ACCEPTED, answer.text

    async def test_no_request_is_lost_among_those_of_others(self, bench: Bench, sides: Sides) -> None:
        asked = await ask(bench, sides)
        password = await bench.password()
        for number in range(1, 9):
            stranger = await bench.enter(make_iin(date(1985, 2, 16), "female", number))
            assert [(await ask(bench, {"requester": stranger}))["status"] for _ in range(3)] == [201] * 3
        assert (await reply(bench, password)).status_code == httpx.codes.NO_CONTENT
        assert (await results(bench, sides, asked["id"])).status_code == httpx.codes.OK

    async def test_a_person_asks_so_often_in_a_day_and_old_requests_are_forgotten(
        self, bench: Bench, sides: Sides
    ) -> None:
        people = [make_iin(date(1985, 2, 17), "female", number) for number in range(1, 22)]
        told = [(await ask(bench, sides, iin=iin))["status"] for iin in people]
        assert told == [201] * 20 + [429]
        bench.clock.advance(timedelta(days=1))
        sides = {"requester": {"authorization": f"Bearer {(await bench.sign_in(OTHER)).json()['token']}"}}
        assert (await ask(bench, sides))["status"] == httpx.codes.CREATED
        bench.clock.advance(timedelta(days=90, seconds=1))
        assert bench.hosted.watch is not None
        await bench.hosted.watch()
        async with bench.platform.database.session() as session:
            kept = (await session.execute(bench.hosted.metadata.tables["access_requests"].select())).all()
        assert len(kept) == 1
