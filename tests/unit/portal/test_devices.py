"""Registered telephones: confirmed with a one-time password, which is given once, in time, and not guessed."""

from datetime import timedelta

import httpx
import pytest

from tests.unit.portal.bench import PHONE, Bench
from tests.unit.portal.test_recipients import OTHER


async def register(bench: Bench, phone: str = PHONE) -> httpx.Response:
    bench.headers = bench.headers or await bench.enter()
    return await bench.call("POST", "/devices", json={"phone": phone})


async def confirm(bench: Bench, device: str, password: str) -> httpx.Response:
    return await bench.call("POST", f"/devices/{device}/confirmation", json={"password": password})


def wrong(password: str) -> str:
    return f"{(int(password) + 1) % 1_000_000:06d}"


class TestRegistration:
    async def test_telephone_serves_once_it_is_confirmed(self, bench: Bench) -> None:
        made = (await register(bench)).json()
        assert (made["phone"], made["confirmed_at"]) == (PHONE, None)
        (message,) = await bench.short_messages(PHONE)
        assert message.startswith("TEST")
        answer = await confirm(bench, made["id"], await bench.password())
        assert answer.json()["confirmed_at"] is not None
        assert (await bench.call("GET", "/devices")).json() == [answer.json()]

    async def test_confirmed_twice_is_confirmed(self, bench: Bench) -> None:
        device = await bench.device()
        assert (await confirm(bench, device, "whatever")).status_code == httpx.codes.OK

    @pytest.mark.parametrize(
        "phone", ["", "87011234567", "+7701", "+7 701 123 45 67", "+77011234567\n", "+07011234567"]
    )
    async def test_what_is_no_number(self, bench: Bench, phone: str) -> None:
        assert (await register(bench, phone)).status_code == httpx.codes.UNPROCESSABLE_ENTITY
        assert await bench.short_messages() == []

    async def test_number_belongs_to_one_person(self, bench: Bench) -> None:
        await bench.device()
        bench.headers = await bench.enter(OTHER)
        answer = await register(bench)
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:egov:problem:phone-taken")

    async def test_of_two_who_name_a_number_the_first_to_confirm_has_it(self, bench: Bench) -> None:
        first = (await register(bench)).json()["id"]
        his, password = bench.headers, await bench.password()
        bench.clock.advance(timedelta(seconds=1))
        bench.headers = await bench.enter(OTHER)
        second = (await register(bench)).json()["id"]
        assert (await confirm(bench, second, await bench.password())).status_code == httpx.codes.OK
        bench.headers = his
        answer = await confirm(bench, first, password)
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:egov:problem:phone-taken")

    async def test_named_again_it_is_the_same_device_with_a_new_password(self, bench: Bench) -> None:
        first = (await register(bench)).json()["id"]
        former = await bench.password()
        bench.clock.advance(timedelta(seconds=1))
        assert (await register(bench)).json()["id"] == first
        if former != await bench.password():
            assert (await confirm(bench, first, former)).status_code == httpx.codes.FORBIDDEN
        assert (await confirm(bench, first, await bench.password())).status_code == httpx.codes.OK

    async def test_removed_device_is_gone(self, bench: Bench) -> None:
        device = await bench.device()
        assert (await bench.call("DELETE", f"/devices/{device}")).status_code == httpx.codes.NO_CONTENT
        assert (await bench.call("GET", "/devices")).json() == []
        bench.headers = await bench.enter(OTHER)
        assert (await register(bench)).status_code == httpx.codes.CREATED

    async def test_devices_of_others_are_not_to_be_seen(self, bench: Bench) -> None:
        device = await bench.device()
        bench.headers = await bench.enter(OTHER)
        assert (await bench.call("GET", "/devices")).json() == []
        for method, path in (("DELETE", ""), ("POST", "/password"), ("POST", "/confirmation")):
            answer = await bench.call(method, f"/devices/{device}{path}", json={"password": "1"})
            assert answer.status_code == httpx.codes.NOT_FOUND
        assert (await confirm(bench, "nothing", "1")).status_code == httpx.codes.NOT_FOUND

    async def test_only_who_is_signed_in(self, bench: Bench) -> None:
        answer = await bench.http.post("/devices", json={"phone": PHONE})
        assert answer.status_code == httpx.codes.UNAUTHORIZED


class TestPassword:
    async def test_wrong_one_confirms_nothing(self, bench: Bench) -> None:
        device = (await register(bench)).json()["id"]
        answer = await confirm(bench, device, wrong(await bench.password()))
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:egov:problem:one-time-password")
        (shown,) = (await bench.call("GET", "/devices")).json()
        assert shown["confirmed_at"] is None

    async def test_it_expires(self, bench: Bench) -> None:
        device = (await register(bench)).json()["id"]
        password = await bench.password()
        bench.clock.advance(timedelta(minutes=5))
        assert (await confirm(bench, device, password)).status_code == httpx.codes.FORBIDDEN
        bench.clock.advance(timedelta(minutes=-4))
        assert (await confirm(bench, device, password)).status_code == httpx.codes.FORBIDDEN
        sent = await bench.call("POST", f"/devices/{device}/password")
        assert sent.status_code == httpx.codes.ACCEPTED
        assert (await confirm(bench, device, await bench.password())).status_code == httpx.codes.OK

    async def test_after_three_wrong_ones_the_right_one_waits(self, bench: Bench) -> None:
        device = (await register(bench)).json()["id"]
        password = await bench.password()
        for _ in range(3):
            assert (await confirm(bench, device, wrong(password))).status_code == httpx.codes.FORBIDDEN
        locked = await confirm(bench, device, password)
        assert locked.status_code == httpx.codes.TOO_MANY_REQUESTS
        assert locked.json()["retry_after"] == 15 * 60
        bench.clock.advance(timedelta(minutes=15))
        await bench.call("POST", f"/devices/{device}/password")
        assert (await confirm(bench, device, await bench.password())).status_code == httpx.codes.OK

    async def test_right_one_forgives_the_wrong_ones(self, bench: Bench) -> None:
        device = (await register(bench)).json()["id"]
        await confirm(bench, device, wrong(await bench.password()))
        await confirm(bench, device, await bench.password())
        async with bench.platform.database.session() as session:
            rows = (await session.execute(bench.hosted.metadata.tables["sign_in_attempts"].select())).mappings().all()
        failures = {row["subject"]: row["failures"] for row in rows}
        assert failures[f"one-time-password:{device}"] == []

    async def test_only_so_many_short_messages(self, bench: Bench) -> None:
        device = (await register(bench)).json()["id"]
        path = f"/devices/{device}/password"
        answers = [await bench.call("POST", path) for _ in range(10)]
        assert [answer.status_code for answer in answers] == [202] * 9 + [429]
        bench.clock.advance(timedelta(minutes=15))
        assert (await bench.call("POST", path)).status_code == httpx.codes.ACCEPTED

    async def test_it_is_not_kept_as_it_is(self, bench: Bench) -> None:
        await register(bench)
        password = await bench.password()
        async with bench.platform.database.session() as session:
            rows = (await session.execute(bench.hosted.metadata.tables["one_time_passwords"].select())).mappings().all()
        (row,) = (row for row in rows if not row.purpose.startswith("challenge:"))
        assert password not in str(dict(row))
        assert row["password_hash"].startswith("$argon2id$")

    async def test_old_ones_and_old_messages_are_forgotten(self, bench: Bench) -> None:
        await register(bench)
        assert bench.hosted.watch is not None
        bench.clock.advance(timedelta(hours=23))
        await bench.hosted.watch()
        assert len(await bench.short_messages()) == 1
        bench.clock.advance(timedelta(hours=2))
        await bench.hosted.watch()
        assert await bench.short_messages() == []


class TestBounds:
    async def test_one_person_has_so_many_telephones(self, bench: Bench) -> None:
        phones = [f"+7701555000{number}" for number in range(6)]
        told = [(await register(bench, phone)).status_code for phone in phones]
        assert told == [201] * 5 + [409]
        first = (await bench.call("GET", "/devices")).json()[0]["id"]
        await bench.call("DELETE", f"/devices/{first}")
        assert (await register(bench, phones[5])).status_code == httpx.codes.CREATED

    async def test_one_person_names_so_many_in_a_day(self, bench: Bench) -> None:
        told = []
        for number in range(11):
            answer = await register(bench, f"+770155500{number:02d}")
            told.append(answer.status_code)
            if answer.is_success:
                await bench.call("DELETE", f"/devices/{answer.json()['id']}")
        assert told == [201] * 10 + [429]

    async def test_what_was_never_confirmed_is_forgotten(self, bench: Bench) -> None:
        await bench.device()
        await register(bench, "+77015550000")
        bench.clock.advance(timedelta(days=1, seconds=1))
        assert bench.hosted.watch is not None
        await bench.hosted.watch()
        bench.headers = {"authorization": f"Bearer {(await bench.sign_in()).json()['token']}"}
        assert [device["phone"] for device in (await bench.call("GET", "/devices")).json()] == [PHONE]
