"""By which address a caller is counted."""

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from uvicorn.config import Config

from shared.kit.settings import StandSettings
from shared.web.origin import CallerAddress, counted_address
from shared.web.server import limits_of, server_config


@pytest.mark.parametrize(
    ("host", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("x" * 100, "x" * 60),
    ],
)
def test_an_address_stands_for_who_can_have_it(host: str, counted: str) -> None:
    assert counted_address(host) == counted


def _config(trusted: tuple[str, ...]) -> Config:
    router = APIRouter()

    @router.get("/")
    async def told(address: CallerAddress) -> str:
        return address

    app = FastAPI()
    app.include_router(router)
    config = server_config(app, "127.0.0.1", 0, limits_of(StandSettings(http_trusted_proxies=trusted)))
    config.load()
    return config


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "counted"),
    [
        ((), "10.0.0.1", "192.0.2.7", "10.0.0.1"),
        (("10.0.0.0/8",), "10.0.0.1", "192.0.2.7", "192.0.2.7"),
        (("10.0.0.0/8",), "198.51.100.1", "192.0.2.7", "198.51.100.1"),
        # What the client has written before the proxy came is not believed.
        (("10.0.0.1",), "10.0.0.1", "203.0.113.9, 192.0.2.7", "192.0.2.7"),
    ],
)
async def test_only_a_trusted_proxy_is_believed(
    trusted: tuple[str, ...], peer: str, forwarded: str, counted: str
) -> None:
    transport = httpx.ASGITransport(_config(trusted).loaded_app, client=(peer, 1))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
        assert (await http.get("/", headers={"x-forwarded-for": forwarded})).json() == counted


def test_an_operator_names_proxies_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EGOV_HTTP_TRUSTED_PROXIES", "10.0.0.1, 10.1.0.0/16")
    assert limits_of(StandSettings()).trusted_proxies == ("10.0.0.1", "10.1.0.0/16")
