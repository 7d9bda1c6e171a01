"""The stand's own traffic knows no proxy; a stand elsewhere is reached as the user's environment says."""

import httpx
import pytest

from shared.messaging.http import client, client_to, is_loopback, waiting_client_to


@pytest.fixture
def proxied(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that names proxies everywhere."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://proxy.test:3128")


def goes_by_proxy(http: httpx.Client | httpx.AsyncClient) -> bool:
    return any(transport is not None for transport in http._mounts.values())


@pytest.mark.usefixtures("proxied")
@pytest.mark.parametrize(
    ("url", "by_proxy"),
    [
        ("http://127.0.0.1:8101", False),
        ("127.0.0.1:8101", False),
        ("http://localhost", False),
        ("http://stand.localhost:1", False),
        ("http://[::1]:8101", False),
        ("http://127.9.9.9", False),
        ("http://stand.test", True),
        ("http://10.0.0.1", True),
        ("http://localhost.test", True),
        ("http://[", True),
    ],
)
async def test_loopback_passes_none(url: str, by_proxy: bool) -> None:
    assert is_loopback(url) is not by_proxy
    async with client_to(url) as http:
        assert goes_by_proxy(http) is by_proxy
    with waiting_client_to(url) as waiting:
        assert goes_by_proxy(waiting) is by_proxy


@pytest.mark.usefixtures("proxied")
async def test_services_never_pass_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nonexistent")
    async with client() as http:
        assert not goes_by_proxy(http)
