"""Who may operate a system over HTTP."""

from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from httpx import ASGITransport
from pydantic import SecretStr

from shared.hosting.operations import operations_router
from shared.kit.clock import Clock
from shared.kit.settings import StandSettings
from tests.factories.bare_services import bare_service

URL = "/operations/dead-letters"


def client(clock: Clock, *, token: str, tools: bool) -> httpx.AsyncClient:
    """A service without dead letters."""

    async def nothing(**_wanted: object) -> list[Any]:
        return []

    platform: Any = SimpleNamespace(runtime=SimpleNamespace(dead_letters=SimpleNamespace(search=nothing)))
    stand = StandSettings(operations_token=SecretStr(token), tools=tools)
    app = bare_service("portal", clock, tools=tools, routers=[operations_router(lambda: platform, stand)])
    return httpx.AsyncClient(transport=ASGITransport(app), base_url="http://localhost")


@pytest.mark.parametrize(
    ("token", "tools", "given", "status"),
    [
        ("", False, None, 403),
        ("", False, "Bearer anything", 403),
        ("", True, None, 200),
        ("secret", True, None, 401),
        ("secret", False, None, 401),
        ("secret", False, "Bearer other", 401),
        ("secret", False, "Basic secret", 401),
        ("secret", False, "Bearer secret", 200),
    ],
)
async def test_only_those_with_the_secret_operate(
    clock: Clock, token: str, tools: bool, given: str | None, status: int
) -> None:
    async with client(clock, token=token, tools=tools) as http:
        answer = await http.get(URL, headers={"Authorization": given} if given else {})
    assert answer.status_code == status
