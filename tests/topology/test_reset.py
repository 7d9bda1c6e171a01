"""One reset for the whole stand: nothing of the run before is left, whatever was under way."""

import asyncio
from typing import Any

import httpx
import pytest

from services.stand.auditor import AsAuditor
from services.stand.cli import main
from services.stand.embedded import EmbeddedStand
from shared.messages.systems import System
from shared.messaging.standstill import Standstill
from shared.messaging.testing import eventually
from tests.topology.conftest import Applicant


async def dead_letters(stand: EmbeddedStand, http: httpx.AsyncClient) -> dict[str, list[tuple[str, str]]]:
    """What any system has set aside."""
    found: dict[str, list[tuple[str, str]]] = {}
    for system in System:
        url = f"{stand.addresses.of(system.value)}/__stand/dead-letters"
        letters: list[dict[str, Any]] = (await http.get(url)).raise_for_status().json()
        if letters:
            found[system.value] = [(letter["reason"], str(letter["report"])) for letter in letters]
    return found


async def reset(stand: EmbeddedStand, http: httpx.AsyncClient, by: str = "portal") -> httpx.Response:
    return await http.post(f"{stand.addresses.of(by)}/__stand/resets", timeout=60)


async def apply_anew(stand: EmbeddedStand, http: httpx.AsyncClient) -> tuple[Applicant, str]:
    """A new recipient applies."""
    applicant = await Applicant.on(stand, http)
    application = await applicant.draft()
    await applicant.submit(application)
    return applicant, application


async def under_way(applicant: Applicant, application: str) -> bool:
    """Whether the others have said something about it."""
    answer = await applicant.citizen.call("GET", f"/applications/{application}")
    return bool(answer.json()["state"] != "submitted")


async def settled(stand: EmbeddedStand, http: httpx.AsyncClient) -> None:
    answer = await http.get(f"{stand.addresses.of('pki')}/__stand/clock", params={"wait": 30}, timeout=60)
    assert answer.json()["settled"], answer.text


@pytest.mark.parametrize("by", ["portal", "pki"])
async def test_nothing_leaks_into_the_next_run(stand: EmbeddedStand, http: httpx.AsyncClient, by: str) -> None:
    for turn in range(8):
        for _ in range(1 + turn % 3):
            applicant, application = await apply_anew(stand, http)
        if turn % 2:
            await eventually(lambda: under_way(applicant, application), seconds=30)  # noqa: B023 - awaited at once
        answer = await reset(stand, http, by)
        assert answer.status_code == httpx.codes.NO_CONTENT, answer.text
    applicant, application = await apply_anew(stand, http)
    journal = await applicant.journal(application)
    assert (journal["verdict"], journal["outcome"]) == ("conformant", "granted"), journal
    assert [(place["number"], place["application"]) for place in await applicant.queue()] == [(1, application)]
    await settled(stand, http)
    assert await dead_letters(stand, http) == {}
    journals = (await http.get(f"{stand.addresses.of('gateway')}/journal", auth=AsAuditor())).json()
    assert application in str(journals)


async def test_files_are_gone_and_two_at_once_both_end(stand: EmbeddedStand, http: httpx.AsyncClient) -> None:
    await apply_anew(stand, http)
    folder = stand._data_dir
    stores = ["portal/attachments", "portal/printables", "csc/scans", "csc/printables", "provider/attachments"]
    for store in stores:
        kept = folder / store / "aa" / ("a" * 64)
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(b"of the run before")
    answers = await asyncio.gather(*(reset(stand, http, by) for by in ("portal", "provider", "gateway")))
    assert {answer.status_code for answer in answers} == {httpx.codes.NO_CONTENT}
    assert [file for store in stores for file in (folder / store).rglob("*") if file.is_file()] == []


async def test_who_is_down_is_named_and_nothing_is_reset(stand: EmbeddedStand, http: httpx.AsyncClient) -> None:
    applicant, application = await apply_anew(stand, http)
    assert (await applicant.journal(application))["outcome"] == "granted"
    await stand.services["notary"].stop()
    answer = await reset(stand, http)
    assert (answer.status_code, answer.json()["missing"]) == (503, ["notary"])
    assert [place["application"] for place in await applicant.queue()] == [application]
    await stand.services["notary"].start()
    assert (await reset(stand, http)).status_code == httpx.codes.NO_CONTENT
    assert await applicant.queue() == []


async def test_service_by_service_no_dead_letters_either(stand: EmbeddedStand, http: httpx.AsyncClient) -> None:
    for _ in range(3):
        await apply_anew(stand, http)
    for url in stand.addresses.urls.values():
        assert (await http.post(f"{url}/__stand/reset", timeout=60)).status_code == httpx.codes.NO_CONTENT
    applicant, application = await apply_anew(stand, http)
    assert (await applicant.journal(application))["outcome"] == "granted"
    await settled(stand, http)
    assert await dead_letters(stand, http) == {}


async def test_the_command_says_what_it_did(stand: EmbeddedStand, capsys: pytest.CaptureFixture[str]) -> None:
    assert await asyncio.to_thread(main, ["reset", "--url", stand.addresses.of("csc")]) == 0
    assert "the stand is empty" in capsys.readouterr().out
    await stand.services["csc"].stop()
    assert await asyncio.to_thread(main, ["reset", "--url", stand.addresses.of("pki")]) == 1
    assert "nothing was reset" in capsys.readouterr().err


async def test_a_reset_of_one_service_waits_for_that_of_the_stand(
    stand: EmbeddedStand, http: httpx.AsyncClient
) -> None:
    part = stand.clock.resets._parts["provider"]
    await part.pause()
    alone = asyncio.create_task(http.post(f"{stand.addresses.of('provider')}/__stand/reset", timeout=60))
    standstill = stand.services["provider"].app.state.platform.runtime.standstill  # type: ignore[union-attr]
    await eventually(lambda: _waits_for(standstill))
    assert standstill.gate.closed
    await part.pause()  # called again
    await part.resume()
    assert (await alone).status_code == httpx.codes.NO_CONTENT
    assert not standstill.gate.closed


async def _waits_for(standstill: Standstill) -> bool:
    """Whether somebody waits for his turn."""
    return bool(standstill.turn._waiters)
