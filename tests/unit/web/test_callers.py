"""Who calls by another name, or from the page of another site, is turned away before anything happens."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.kit.clock import Clock
from shared.kit.settings import StandSettings, WrongSetting
from shared.web.callers import own_names
from shared.web.stand import stand_router
from tests.factories.bare_services import bare_service

EVIL = "http://evil.example"
FRONT = "http://localhost:5173"
RESET = "/__stand/reset"


class Stand:
    """A service of which only the reset is of interest."""

    def __init__(self) -> None:
        self.resets = 0

    async def reset(self) -> None:
        self.resets += 1

    def app(self, hosts: tuple[str, ...], cors_origins: tuple[str, ...]) -> FastAPI:
        clock = Clock()
        controls = stand_router(clock, self.reset)
        return bare_service(
            "portal", clock, tools=True, stand_routers=[controls], hosts=hosts, cors_origins=cors_origins
        )


@pytest.fixture
def stand() -> Stand:
    return Stand()


@pytest.fixture
async def client(stand: Stand) -> AsyncIterator[httpx.AsyncClient]:
    app = stand.app(("portal", "portal.egov.example", "*.stand.example"), (FRONT,))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8101") as http:
        yield http


OWN = [
    "127.0.0.1:8101",
    "127.0.0.1",
    "[::1]:8101",
    "10.0.0.7:8101",
    "localhost:8101",
    "LOCALHOST",
    "localhost.",
    "host.docker.internal:8101",
    "a.localhost",
    "portal:8101",
    "portal",
    "portal.egov.example",
    "portal.egov.example:443",
    "eu.stand.example",
    "a.b.stand.example",
]
OTHER = [
    "evil.example",
    "evil.internal",
    "evil.example:8101",
    "portal.evil.example",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "stand.example",
    "notstand.example",
    "portal@evil.example",
    "evil@127.0.0.1",
    "gateway",
    ":8101",
    "[::1",
    "a:b:c",
    "127.0.0.1:99999",
    "0x7f000001",
    "2130706433",
    "evil.example,127.0.0.1",
]


@pytest.mark.parametrize("host", OWN)
async def test_a_service_answers_to_its_own_names(client: httpx.AsyncClient, host: str) -> None:
    assert (await client.get("/livez", headers={"host": host})).status_code == 200


@pytest.mark.parametrize("host", [*OTHER, ""])
async def test_no_other_name_leads_here(client: httpx.AsyncClient, stand: Stand, host: str) -> None:
    answer = await client.post(RESET, headers={"host": host, "accept-language": "ru"})
    assert (answer.status_code, answer.json()["type"]) == (421, "urn:egov:problem:misdirected-request")
    assert answer.json()["title"] == "Это не адрес стенда"
    assert stand.resets == 0


async def test_of_two_hosts_both_count(client: httpx.AsyncClient) -> None:
    headers = [("host", "127.0.0.1"), ("host", "evil.example")]
    assert (await client.get("/livez", headers=headers)).status_code == 421


async def test_a_program_of_http_1_0_names_none(stand: Stand) -> None:
    async def nameless(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "headers": [pair for pair in scope["headers"] if pair[0] != b"host"]}, receive, send)

    app: ASGIApp = stand.app(("portal",), ())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(nameless), base_url="http://portal") as http:
        assert (await http.get("/livez")).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": EVIL},
        {"origin": "null"},
        {"origin": ""},
        {"origin": "http://127.0.0.1:8102"},
        {"origin": "http://127.0.0.1"},
        {"origin": "http://127.0.0.1:8101.evil.example"},
        {"origin": "http://evil@127.0.0.1:8101"},
        {"origin": "file://127.0.0.1:8101"},
        {"origin": "http://localhost:5174"},
        {"origin": EVIL, "sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"},
        {"sec-fetch-site": "anything"},
    ],
    ids=str,
)
async def test_a_page_of_another_site_changes_nothing(
    client: httpx.AsyncClient, stand: Stand, headers: dict[str, str]
) -> None:
    answer = await client.post(RESET, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:egov:problem:cross-site")
    assert stand.resets == 0
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("headers", [{"origin": EVIL}, {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}])
async def test_nor_does_it_read(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    assert (await client.get("/livez", headers=headers)).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "http://127.0.0.1:8101", "sec-fetch-site": "same-origin"},
        {"origin": "https://portal.egov.example", "host": "portal.egov.example"},
        {"origin": "https://portal.egov.example", "host": "portal.egov.example:443"},
        {"sec-fetch-site": "none"},
    ],
    ids=str,
)
async def test_its_own_pages_and_programs_may_call(
    client: httpx.AsyncClient, stand: Stand, headers: dict[str, str]
) -> None:
    assert (await client.post(RESET, headers=headers)).status_code == 204
    assert stand.resets == 1


async def test_links_from_other_sites_lead_here(client: httpx.AsyncClient) -> None:
    headers = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    assert (await client.get("/docs", headers=headers)).status_code == 200


async def test_a_front_end_that_the_operator_named_may_call_and_read(client: httpx.AsyncClient, stand: Stand) -> None:
    asked = await client.options(
        RESET,
        headers={
            "origin": FRONT,
            "access-control-request-method": "POST",
            "access-control-request-headers": "authorization,content-type",
        },
    )
    assert asked.status_code == 200
    assert asked.headers["access-control-allow-origin"] == FRONT
    assert "authorization" in asked.headers["access-control-allow-headers"].lower()
    answer = await client.post(RESET, headers={"origin": FRONT, "sec-fetch-site": "same-site"})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (204, FRONT)
    assert "Link" in answer.headers["access-control-expose-headers"]
    # Problems too, else a front end could not show them.
    missed = await client.get("/nowhere", headers={"origin": FRONT})
    assert (missed.status_code, missed.headers["access-control-allow-origin"]) == (404, FRONT)
    assert stand.resets == 1


async def test_another_site_gets_no_leave_to_ask(client: httpx.AsyncClient) -> None:
    headers = {"origin": EVIL, "access-control-request-method": "POST"}
    asked = await client.options(RESET, headers=headers)
    assert (asked.status_code, asked.headers.get("access-control-allow-origin")) == (400, None)


class TestSettings:
    def test_names_come_with_commas_from_the_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("EGOV_HOSTS", "Portal.Egov.example, *.stand.example")
        monkeypatch.setenv("EGOV_CORS_ORIGINS", FRONT)
        stand = StandSettings(addresses={"csc": "https://csc.example:444/x"})
        assert stand.cors_origins == (FRONT,)
        names = own_names(stand, "pki", "http://pki.example")
        assert names == {"pki", "pki.example", "csc.example", "portal.egov.example", "*.stand.example"}

    @pytest.mark.parametrize(
        "setting",
        [
            "EGOV_HOSTS=*",
            "EGOV_HOSTS=a:80",
            "EGOV_HOSTS=http://a",
            "EGOV_CORS_ORIGINS=*",
            "EGOV_CORS_ORIGINS=http://a/b",
            "EGOV_CORS_ORIGINS=null",
            "EGOV_CORS_ORIGINS=http://*.a",
        ],
    )
    def test_what_opens_to_all_is_refused(self, monkeypatch: pytest.MonkeyPatch, setting: str) -> None:
        variable, value = setting.split("=", 1)
        monkeypatch.setenv(variable, value)
        with pytest.raises(WrongSetting, match=variable):
            StandSettings()
