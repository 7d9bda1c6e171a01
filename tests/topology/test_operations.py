"""``egov dlq`` against a stand: what was not taken is listed with its reason, shown with its report, re-driven."""

import asyncio
import json
from typing import Any

import httpx
import pytest
from aiokafka import AIOKafkaProducer

from services.stand import dlq
from services.stand.cli import main
from services.stand.embedded import EmbeddedStand
from shared.messages.systems import System
from shared.messages.topics import inbox_of
from shared.messaging.testing import eventually


async def egov(stand: EmbeddedStand, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run ``egov dlq`` on the ports of ``stand``; its exit code."""
    ports = {code: int(url.rpartition(":")[2]) for code, url in stand.addresses.urls.items()}
    monkeypatch.setattr(dlq, "fixed_ports", lambda: ports)
    return await asyncio.to_thread(main, ["dlq", *arguments])


async def put_rubbish(stand: EmbeddedStand) -> None:
    """A record that nobody signed in the inbox of the regional gateway."""
    producer = AIOKafkaProducer(bootstrap_servers=stand.bootstrap)
    await producer.start()
    try:
        await producer.send_and_wait(inbox_of(System.REGIONAL_GATEWAY), b'{"id": "one", "type": "x"}', key=b"k")
    finally:
        await producer.stop()


async def listed(stand: EmbeddedStand) -> list[Any]:
    """The dead letters of the regional gateway over HTTP."""
    async with httpx.AsyncClient() as http:
        found: list[Any] = (await http.get(f"{stand.addresses.of('regional-gateway')}/operations/dead-letters")).json()
        return found


async def test_dead_letter_is_listed_shown_and_stays_rejected(
    stand: EmbeddedStand, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    await put_rubbish(stand)

    async def buried() -> bool:
        return bool(await listed(stand))

    await eventually(buried, seconds=30)
    assert await egov(stand, monkeypatch, "list", "--json") == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    (letter,) = found["regional-gateway"]
    assert (letter["reason"], letter["message_id"], found["portal"]) == ("signature", "one", [])
    number = str(letter["id"])
    assert await egov(stand, monkeypatch, "list", "regional-gateway", "--reason", "schema") == 0
    assert capsys.readouterr().out == "0 dead letters\n"

    assert await egov(stand, monkeypatch, "show", "regional-gateway", number) == 0
    shown = capsys.readouterr().out
    assert "FORMAT_FAILURE" in shown
    assert '{"id": "one", "type": "x"}' in shown

    assert await egov(stand, monkeypatch, "redrive", "regional-gateway", number) == 1
    assert "rejected again; no effect  (signature" in capsys.readouterr().out
    assert await egov(stand, monkeypatch, "redrive", "regional-gateway", "--reason", "signature", "--json") == 1
    assert [result["result"] for result in json.loads(capsys.readouterr().out)] == ["rejected again"]


async def test_one_system_that_is_down_hides_no_letter_of_the_others(
    stand: EmbeddedStand, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    await put_rubbish(stand)

    async def buried() -> bool:
        return bool(await listed(stand))

    await eventually(buried, seconds=30)
    # One, then two.
    for down in ("persons", "portal"):
        await stand.services[down].stop()
        assert await egov(stand, monkeypatch, "list") == 1
        said = capsys.readouterr()
        assert "regional-gateway" in said.out
        assert "signature" in said.out
        assert f"egov dlq: {down}: " in said.err
    assert said.out.endswith("1 dead letters at 5 of 7 systems\n")
    assert await egov(stand, monkeypatch, "list", "--json") == 1
    found = json.loads(capsys.readouterr().out)
    assert [letter["message_id"] for letter in found["regional-gateway"]] == ["one"]
    assert not {"persons", "portal"} & set(found)


async def test_what_cannot_be_done_is_said(
    stand: EmbeddedStand, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments, complaint in (
        (["list", "nowhere"], "no system nowhere"),
        (["show"], "which system?"),
        (["show", "portal"], "show which one?"),
        (["redrive", "portal"], "re-drive what?"),
        (["show", "portal", "99"], "no dead letter 99"),
    ):
        assert await egov(stand, monkeypatch, *arguments) == 1
        assert complaint in capsys.readouterr().err
    await stand.services["portal"].stop()
    assert await egov(stand, monkeypatch, "list", "portal") == 1
    assert "is the stand up?" in capsys.readouterr().err
