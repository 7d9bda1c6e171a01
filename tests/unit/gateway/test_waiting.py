"""What waiting for a journal waits for."""

import asyncio
from typing import Any

import pytest

from services.gateway.domain.run import Run
from services.gateway.service import GatewayService, JournalView
from shared.regulations.conformance import Verdict
from shared.web.wait import Changes


class Growing(GatewayService):
    """Answers with the next of the given views at every look."""

    def __init__(self, *views: JournalView | None) -> None:
        self._changes = Changes()
        self.views = list(views)

    async def _view(self, _application: str) -> JournalView | None:
        return self.views.pop(0) if len(self.views) > 1 else self.views[0]


def view(entries: int, outcome: str | None = None) -> JournalView:
    verdict: Any = Verdict.__new__(Verdict)
    object.__setattr__(verdict, "outcome", outcome)
    return JournalView("a", "almaty-city/preschool-queue", "portal", Run([None] * entries, verdict))  # type: ignore[list-item]


@pytest.mark.parametrize(("until", "seen"), [("final", 3), ("change", 2)])
async def test_final_is_the_end_of_the_run_and_change_is_more_of_it(until: str, seen: int) -> None:
    service = Growing(view(1), view(1), view(2), view(3, "granted"))
    async with asyncio.timeout(5):
        assert len((await service.journal("a", wait=30, until=until)).run.entries) == seen


async def test_change_waits_for_the_first_entry_and_ends_with_the_run() -> None:
    async with asyncio.timeout(5):
        assert len((await Growing(None, view(1)).journal("a", wait=30, until="change")).run.entries) == 1
        assert len((await Growing(view(3, "granted")).journal("a", wait=30, until="change")).run.entries) == 3
