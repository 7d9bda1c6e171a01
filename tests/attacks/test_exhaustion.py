"""Somebody wants to keep others out, or to fill the stand up: what they reach, and that the honest get in all the same.

Calls come from many addresses: the stand believes the tests that they are a proxy.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from services.stand.cases import SCAN, SERVICE
from services.stand.citizen import Citizen, key_container, newest_password
from services.stand.embedded import EmbeddedStand, embedded_stand
from services.stand.working_time import to_working_time
from shared.kit import iin as iins
from shared.kit.settings import StandSettings

_STRANGER, _HOME = "198.51.100.1", "192.0.2.1"
_TOO_MANY = httpx.codes.TOO_MANY_REQUESTS


@dataclass
class Entrance:
    """One of the stand's sign-ins, and somebody who may use it."""

    url: str
    who: dict[str, str]
    password: str


@dataclass
class Siege:
    """A stand behind a proxy, so that calls come from many addresses."""

    stand: EmbeddedStand
    http: httpx.AsyncClient
    entrances: dict[str, Entrance] = field(default_factory=dict)

    async def enter(self, where: str, address: str, password: str | None = None, **more: str) -> httpx.Response:
        """Try to sign in; with the right password unless another is to be tried."""
        entrance = self.entrances[where]
        body = {**entrance.who, "password": password or entrance.password, **more}
        return await self.http.post(entrance.url, json=body, headers={"x-forwarded-for": address})

    async def guess(self, where: str, address: str, times: int, **more: str) -> list[int]:
        """What so many wrong passwords are told."""
        return [(await self.enter(where, address, "a wrong guess", **more)).status_code for _ in range(times)]


@pytest.fixture
async def siege(tmp_path: Path) -> AsyncIterator[Siege]:
    async with (
        embedded_stand(tmp_path, http_trusted_proxies=("127.0.0.1",)) as stand,
        httpx.AsyncClient(timeout=30) as http,
    ):
        to_working_time(stand.clock, StandSettings())
        found = Siege(stand, http)
        for code, told, path in (
            ("csc", "operators", "/operator-sessions"),
            ("provider", "officers", "/officer-sessions"),
        ):
            url = stand.addresses.of(code)
            first = (await http.get(f"{url}/__stand/{told}")).raise_for_status().json()[0]
            found.entrances[code] = Entrance(url + path, {"login": first["login"]}, first["password"])
        citizen = await _citizen(found)
        found.entrances["portal"] = Entrance(
            f"{stand.addresses.of('portal')}/sessions", {"iin": citizen.iin}, citizen.password
        )
        yield found


async def _citizen(siege: Siege, number: int = 0) -> Citizen:
    """A registered citizen."""
    pki, portal = siege.stand.addresses.of("pki"), siege.stand.addresses.of("portal")
    people = (await siege.http.get(f"{pki}/people")).raise_for_status().json()
    iin = [person["iin"] for person in people if person["kind"] == "ordinary"][number]
    citizen = Citizen(siege.http, portal, iin, siege.stand.clock)
    await citizen.register(await key_container(siege.http, pki, iin))
    return citizen


ENTRANCES = pytest.mark.parametrize("where", ["portal", "csc", "provider"])


class TestLockOut:
    @ENTRANCES
    async def test_a_strangers_guesses_lock_the_stranger_and_nobody_else(self, siege: Siege, where: str) -> None:
        told = await siege.guess(where, _STRANGER, 6)
        assert told == [httpx.codes.UNAUTHORIZED] * 5 + [_TOO_MANY]
        # The right password helps the stranger no more; its owner comes in from home, from a device never seen before.
        assert (await siege.enter(where, _STRANGER)).status_code == _TOO_MANY
        assert (await siege.enter(where, _HOME)).status_code == httpx.codes.CREATED

    @ENTRANCES
    async def test_a_known_device_gets_in_where_all_share_one_address(self, siege: Siege, where: str) -> None:
        known = (await siege.enter(where, _HOME)).json()["device_token"]
        assert (await siege.guess(where, _HOME, 6))[-1] == _TOO_MANY
        assert (await siege.enter(where, _HOME)).status_code == _TOO_MANY
        answer = await siege.enter(where, _HOME, device_token=known)
        assert answer.status_code == httpx.codes.CREATED
        # Also with the token it was given just now, and its own failures are counted by themselves.
        renewed = answer.json()["device_token"]
        assert (await siege.guess(where, _HOME, 6, device_token=renewed))[-1] == _TOO_MANY
        assert (await siege.enter(where, _HOME, device_token=known)).status_code == _TOO_MANY

    @ENTRANCES
    async def test_strangers_everywhere_lock_out_strangers_and_not_the_known_device(
        self, siege: Siege, where: str
    ) -> None:
        known = (await siege.enter(where, _HOME)).json()["device_token"]
        told = [status for at in range(11) for status in await siege.guess(where, f"198.51.100.{at}", 5)]
        assert told == [httpx.codes.UNAUTHORIZED] * 50 + [_TOO_MANY] * 5
        answer = await siege.enter(where, "203.0.113.1")
        assert (answer.status_code, int(answer.headers["retry-after"]) <= 900) == (_TOO_MANY, True)
        assert (await siege.enter(where, "203.0.113.1", device_token=known)).status_code == httpx.codes.CREATED

    @ENTRANCES
    async def test_a_token_of_somebody_else_or_none_at_all_is_no_known_device(self, siege: Siege, where: str) -> None:
        tokens = [(await siege.enter(other, _HOME)).json()["device_token"] for other in siege.entrances]
        mine = (await siege.enter(where, _HOME)).json()["device_token"]
        others = [token for other, token in zip(siege.entrances, tokens, strict=True) if other != where]
        assert (await siege.guess(where, _STRANGER, 6))[-1] == _TOO_MANY
        for wrong in (*others, "x", "x.y", f"{mine[:-2]}AA"):
            assert (await siege.enter(where, _STRANGER, device_token=wrong)).status_code == _TOO_MANY

    @ENTRANCES
    async def test_one_address_does_not_try_everybody(self, siege: Siege, where: str) -> None:
        entrance = siege.entrances[where]
        subject, _ = next(iter(entrance.who.items()))
        known = (await siege.enter(where, _STRANGER)).json()["device_token"]
        others = _iins(100) if subject == "iin" else [f"login-{number}" for number in range(100)]
        for other in others:
            answer = await siege.enter(where, _STRANGER, "a wrong guess", **{subject: other})
            assert answer.status_code == httpx.codes.UNAUTHORIZED
        assert (await siege.enter(where, _STRANGER)).status_code == _TOO_MANY
        assert (await siege.enter(where, _STRANGER, device_token=known)).status_code == httpx.codes.CREATED
        assert (await siege.enter(where, _HOME)).status_code == httpx.codes.CREATED

    @ENTRANCES
    async def test_a_moved_clock_neither_revives_nor_prolongs_a_lock(self, siege: Siege, where: str) -> None:
        clock = siege.stand.clock
        assert (await siege.guess(where, _HOME, 6))[-1] == _TOO_MANY
        clock.advance(timedelta(days=-30))
        answer = await siege.enter(where, _HOME)
        assert (answer.status_code, int(answer.headers["retry-after"]) <= 900) == (_TOO_MANY, True)
        clock.advance(timedelta(minutes=16))
        assert (await siege.enter(where, _HOME)).status_code == httpx.codes.CREATED


def _iins(wanted: int) -> list[str]:
    """So many well-formed IINs of nobody in particular."""
    candidates = (f"9001013{number:05d}" for number in range(100_000))
    return list(islice((found for found in candidates if iins.fault(found) is None), wanted))


class TestSessions:
    @ENTRANCES
    async def test_one_person_has_so_many_sessions_and_what_ended_is_forgotten(self, siege: Siege, where: str) -> None:
        for _ in range(60):
            assert (await siege.enter(where, _HOME)).status_code == httpx.codes.CREATED
        await siege.guess(where, _STRANGER, 3)
        assert await _rows(siege, where, "sessions") == 50
        assert await _rows(siege, where, "sign_in_attempts") > 0
        siege.stand.clock.advance(timedelta(days=1))
        await _until_nothing_is_due(siege)
        assert await _rows(siege, where, "sessions") == 0
        assert await _rows(siege, where, "sign_in_attempts") == 0


async def _rows(siege: Siege, code: str, table: str) -> int:
    """How many rows a table of a service has."""
    app = siege.stand.services[code].app
    assert app is not None
    name = "officer_sessions" if (code, table) == ("provider", "sessions") else table
    async with app.state.platform.database.session() as session:
        return int(await session.scalar(text(f"SELECT count(*) FROM {name}")))


async def _until_nothing_is_due(siege: Siege) -> None:
    """Until every service has done what is due at the time that the clock was moved to."""
    changes = siege.stand.clock.changes
    async with asyncio.timeout(30):
        while await siege.stand.clock.participants.busy_here(changes):  # noqa: ASYNC110 - they are asked, none tells
            await asyncio.sleep(0.05)


class TestRegistration:
    """A stranger has passwords sent to somebody's telephone, and guesses at them."""

    async def test_a_stranger_neither_ends_nor_uses_up_the_owners_passwords(self, siege: Siege) -> None:
        portal = siege.stand.addresses.of("portal")
        (*_, line) = (await siege.http.get(f"{portal}/__stand/mobile-citizens")).raise_for_status().json()
        body = {"iin": line["iin"]}

        async def post(path: str, address: str, **more: str) -> int:
            headers = {"x-forwarded-for": address}
            return (await siege.http.post(portal + path, json={**body, **more}, headers=headers)).status_code

        for _ in range(12):
            assert await post("/recipients/one-time-passwords", _STRANGER) == httpx.codes.ACCEPTED
        guess = {"password": "a long enough pass phrase", "one_time_password": "00000000"}
        assert [await post("/recipients", _STRANGER, **guess) for _ in range(4)] == [403] * 3 + [429]
        siege.stand.clock.advance(timedelta(seconds=1))  # of short messages of one instant none is the latest
        assert await post("/recipients/one-time-passwords", _HOME) == httpx.codes.ACCEPTED
        own = {**guess, "one_time_password": await newest_password(siege.http, portal, line["phone"])}
        siege.stand.clock.advance(timedelta(seconds=1))
        assert await post("/recipients/one-time-passwords", "198.51.100.2") == httpx.codes.ACCEPTED
        # It serves where it was asked for, and another one that was sent meanwhile has not ended it.
        assert await post("/recipients", "198.51.100.2", **own) == httpx.codes.FORBIDDEN
        assert await post("/recipients", _HOME, **own) == httpx.codes.CREATED

    async def test_one_telephone_gets_so_many_messages_from_all_strangers(self, siege: Siege) -> None:
        portal = siege.stand.addresses.of("portal")
        (*_, line) = (await siege.http.get(f"{portal}/__stand/mobile-citizens")).raise_for_status().json()
        for number in range(40):
            answer = await siege.http.post(
                f"{portal}/recipients/one-time-passwords",
                json={"iin": line["iin"]},
                headers={"x-forwarded-for": f"198.51.100.{number}"},
            )
            assert answer.status_code == httpx.codes.ACCEPTED
        params = {"phone": line["phone"], "limit": "100"}
        assert len((await siege.http.get(f"{portal}/__stand/text-messages", params=params)).json()) == 30


class TestPilingUp:
    """One signed-in person wants to fill the disk and the tables."""

    async def test_drafts_and_files_of_one_person_are_bounded_and_what_is_replaced_is_gone(self, siege: Siege) -> None:
        attacker, app = await _citizen(siege, 1), siege.stand.services["portal"].app
        assert app is not None
        files = app.state.platform.stand.data_dir / "portal" / "attachments"
        (await attacker.sign_in(SERVICE)).raise_for_status()
        drafts, refused = [], 0
        for _ in range(120):
            answer = await attacker.call("POST", "/applications", json={"service": SERVICE})
            if answer.status_code == httpx.codes.CONFLICT:
                assert answer.json()["type"] == "urn:egov:problem:limit-reached"
                refused += 1
            else:
                drafts.append(answer.raise_for_status().json()["id"])
        assert (len(drafts), refused) == (100, 20)
        for number in range(30):
            await attacker.attach(drafts[0], "benefit_document", SCAN + bytes([number]), "application/pdf", "a.pdf")
        assert len([path for path in files.rglob("*") if path.is_file()]) == 1
        for draft in drafts[:3]:
            (await attacker.call("DELETE", f"/applications/{draft}")).raise_for_status()
        assert not [path for path in files.rglob("*") if path.is_file()]
        # Everybody else goes on.
        honest = await _citizen(siege)
        (await honest.sign_in(SERVICE)).raise_for_status()
        (await honest.call("POST", "/applications", json={"service": SERVICE})).raise_for_status()
