"""The demo and the paths play on a stand that is up, whatever was done there by hand before."""

from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from services.stand import remote
from services.stand.cases import SERVICE
from services.stand.citizen import Citizen
from services.stand.embedded import EmbeddedStand, embedded_stand, free_ports
from services.stand.remote import Cannot, playing_at


def known_ports(stand: EmbeddedStand, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the ports of ``stand`` be the well-known ones."""
    ports = {code: int(url.rpartition(":")[2]) for code, url in stand.addresses.urls.items()}
    monkeypatch.setattr(remote, "fixed_ports", lambda: ports)


async def test_without_tools_it_says_at_once_what_it_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with embedded_stand(tmp_path, free_ports(), tools=False) as stand:
        known_ports(stand, monkeypatch)
        with pytest.raises(Cannot, match=r"needs the stand's tools .* off at pki, .*EGOV_TOOLS=true"):
            async with playing_at("http://127.0.0.1", "the demo"):
                pass


async def test_a_stand_used_by_hand_is_played_on_and_left_as_it_was(
    stand: EmbeddedStand, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    known_ports(stand, monkeypatch)
    portal, switch = stand.addresses.of("portal"), f"{stand.addresses.of('provider')}/__stand/autopilot"
    async with httpx.AsyncClient(timeout=30) as http:
        iin = (await http.get(f"{stand.addresses.of('pki')}/people")).json()[0]["iin"]
        by_hand = Citizen(http, portal, iin, stand.clock, password="my own pass phrase")
        await by_hand.register()
        for _ in range(6):  # also locked out
            await by_hand.sign_in(SERVICE, "wrong")
        await http.put(switch, json={"on": False})
        async with playing_at("http://127.0.0.1", "the demo") as (_, clock):
            assert (await http.get(switch)).json() == {"on": True}
            citizen = Citizen(http, portal, iin, clock)
            await citizen.register()
            assert (await citizen.sign_in(SERVICE)).is_success
            assert (await citizen.call("GET", "/applications")).is_success
            stand.clock.advance(timedelta(days=3, hours=2))
            assert clock.catch_up is not None
            await clock.catch_up()
        assert (await http.get(switch)).json() == {"on": False}
        assert "moved 3 d 2 h 0 min ahead" in capsys.readouterr().err
        assert (await by_hand.sign_in(SERVICE, by_hand.password)).is_success
        unknown = await http.post(f"{portal}/__stand/sessions", json={"iin": "000101500006"})
        assert unknown.status_code in (404, 422)
