"""What every test can rely on: a frozen clock, repeatable hypothesis, and no way out of this machine."""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from shared.kit.clock import Clock

# The machine is shared: a slow moment is no finding. Derandomised, so that a red run stays red when repeated.
settings.register_profile(
    "stand", deadline=None, derandomize=True, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("stand")

# Clients of tests speak to loopback only; a proxy of whoever runs them is not for that.
for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
    del os.environ[name]

pytest_plugins = ["tests.servers.plugin"]

_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still on a working Tuesday morning until the test moves it."""
    clock = Clock()
    clock.set(datetime(2026, 6, 2, 9, 0, tzinfo=UTC), freeze=True)
    return clock


@pytest.fixture(autouse=True)
def _stay_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection to anything but the loopback interface fails: the stand is used offline."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6} and address[0] not in _LOOPBACK:
            raise AssertionError(f"a test tried to reach {address[0]}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture
def until() -> Callable[[Callable[[], bool]], Awaitable[None]]:
    """Poll for a condition while others run; fail after five seconds. The stand's tests never sleep for a time."""

    async def poll(condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not condition():  # noqa: ASYNC110 — the condition belongs to code that knows no event
                await asyncio.sleep(0)

    return poll
