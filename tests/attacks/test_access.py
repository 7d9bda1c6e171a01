"""Who calls what they may not, by every route of every service, with everybody's credentials."""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from services.stand.callers import callers
from services.stand.embedded import EmbeddedStand, embedded_stand
from services.stand.working_time import to_working_time
from shared.kit.settings import StandSettings
from shared.messages.systems import System
from shared.web.access import Caller
from tests.topology.conftest import Applicant

DENIED = {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}
_SECRET = "the operations token of this test"
_VALUES = {"sha256": "0" * 64, "thumbprint": "x" * 43, "iin": "900101300017", "kind": "acceptance"}
_ENDS_A_SESSION = re.compile(r"^DELETE .*/current$")


@dataclass
class Party:
    """Somebody with credentials."""

    name: str
    headers: Mapping[str, str] = field(default_factory=dict)
    auth: httpx.Auth | None = None


@dataclass
class Besieged:
    """A stand, and everybody who can show something."""

    stand: EmbeddedStand
    http: httpx.AsyncClient
    parties: list[Party]
    applicant: Applicant

    async def call(self, code: str, route: str, party: Party | None) -> httpx.Response:
        """What ``route`` answers ``party``; ``None``: a stranger."""
        method, path = route.split(" ")
        path = re.sub(r"\{(\w+)\}", lambda found: _VALUES.get(found[1], "1"), path)
        arguments: dict[str, Any] = {"json": {}} if method in ("POST", "PUT", "PATCH") else {}
        return await self.http.request(
            method,
            self.stand.addresses.of(code) + path,
            headers=party.headers if party else None,
            auth=party.auth if party else None,
            **arguments,
        )

    def signs(self, system: str) -> httpx.Auth:
        """The signature of a system."""
        app = self.stand.services[system].app
        assert app is not None
        auth: httpx.Auth = app.state.platform.signature
        return auth


@pytest.fixture
async def besieged(tmp_path: Path) -> AsyncIterator[Besieged]:
    async with (
        embedded_stand(tmp_path, operations_token=SecretStr(_SECRET)) as stand,
        httpx.AsyncClient(timeout=30) as http,
    ):
        to_working_time(stand.clock, StandSettings())
        applicant = await Applicant.on(stand, http)
        found = Besieged(stand, http, [], applicant)
        sessions = (
            (Caller.OPERATOR, "csc", "operators", "/operator-sessions"),
            (Caller.OFFICER, "provider", "officers", "/officer-sessions"),
        )
        found.parties += [Party(Caller.CITIZEN, _bearer(applicant.citizen.headers["authorization"]))]
        for caller, code, told, path in sessions:
            url = stand.addresses.of(code)
            first = (await http.get(f"{url}/__stand/{told}")).json()[0]
            who = {"login": first["login"], "password": first["password"]}
            session = (await http.post(url + path, json=who)).raise_for_status().json()
            found.parties.append(Party(caller, _bearer(f"Bearer {session['token']}")))
        for caller, token in (
            (Caller.AUDITOR, stand.auditor),
            (Caller.ENROLLER, stand.token),
            (Caller.OPERATIONS, _SECRET),
        ):
            found.parties.append(Party(caller, _bearer(f"Bearer {token}")))
        found.parties += [Party(f"{Caller.SYSTEM} {code}", auth=found.signs(code)) for code in System]
        yield found


def _bearer(value: str) -> dict[str, str]:
    return {"authorization": value}


def _may(party: Party, who: tuple[str, ...]) -> bool:
    return party.name in who or (party.name.startswith(Caller.SYSTEM) and Caller.SYSTEM in who)


async def test_nobody_is_let_in_but_who_may(besieged: Besieged) -> None:
    wrong = []
    for code, service in besieged.stand.services.items():
        assert service.app is not None
        for route, who in callers(service.app).items():
            if Caller.PUBLIC in who or Caller.TOOLS in who:
                continue
            parties = [None, Party("a wrong token", _bearer("Bearer wrong")), *besieged.parties]
            for party in parties:
                may = party is not None and _may(party, who)
                if may and _ENDS_A_SESSION.match(route):
                    continue
                answer = await besieged.call(code, route, party)
                # 403 is also what somebody is told who may call, and not do this; a stranger is never told more.
                refused = answer.status_code in DENIED if not may else answer.status_code == httpx.codes.UNAUTHORIZED
                if refused is may:
                    wrong.append(f"{code} {route} by {party.name if party else 'a stranger'}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


async def test_without_the_tools_nothing_of_them_is_there(besieged: Besieged, tmp_path: Path) -> None:
    routes = {
        (code, route)
        for code, service in besieged.stand.services.items()
        if service.app is not None
        for route, who in callers(service.app).items()
        if Caller.TOOLS in who
    }
    assert len(routes) > 50
    async with embedded_stand(tmp_path / "closed", tools=False) as stand:
        besieged.stand = stand
        told = {(code, route): (await besieged.call(code, route, None)).status_code for code, route in routes}
        gone = {httpx.codes.NOT_FOUND, httpx.codes.METHOD_NOT_ALLOWED}
        wrong = {place: status for place, status in told.items() if status not in gone}
        # `POST /people` is there beside `GET /people`, for whoever has the token.
        assert not wrong, wrong


class TestPersonalData:
    async def test_a_system_reads_its_own_messages_and_no_others(self, besieged: Besieged) -> None:
        application = await besieged.applicant.draft()
        await besieged.applicant.submit(application)
        await besieged.applicant.journal(application)
        url = f"{besieged.stand.addresses.of('gateway')}/messages"
        auditor = next(party for party in besieged.parties if party.name == Caller.AUDITOR)
        everything = (await besieged.http.get(url, params={"subject": application}, headers=auditor.headers)).json()
        assert {"portal", "provider"} < {message["source"] for message in everything}
        for system in System:
            answer = await besieged.http.get(url, params={"subject": application}, auth=besieged.signs(system))
            own = [m["message_id"] for m in everything if system in (m["source"], m["destination"])]
            assert [m["message_id"] for m in answer.json()] == own
            for message in everything:
                for part in ("", "/raw"):
                    answer = await besieged.http.get(
                        f"{url}/{message['message_id']}{part}", auth=besieged.signs(system)
                    )
                    expected = httpx.codes.OK if message["message_id"] in own else httpx.codes.NOT_FOUND
                    assert answer.status_code == expected

    async def test_a_certificate_of_a_person_is_nobodys_to_read(self, besieged: Besieged) -> None:
        url = f"{besieged.stand.addresses.of('pki')}/certificates"
        token = _bearer(f"Bearer {besieged.stand.token}")
        issued = (await besieged.http.get(url, params={"limit": 500}, headers=token)).json()
        assert any(entry["iin"] for entry in issued)
        for entry in issued:
            for headers, system_only in (({}, True), (token, False)):
                answer = await besieged.http.get(f"{url}/{entry['thumbprint']}", headers=headers)
                seen = entry["system"] is not None or not system_only
                assert answer.status_code == (httpx.codes.OK if seen else httpx.codes.NOT_FOUND)

    async def test_an_officer_reads_the_acts_of_their_own_organisation(self, besieged: Besieged) -> None:
        application = await besieged.applicant.draft()
        await besieged.applicant.submit(application)
        assert (await besieged.applicant.journal(application))["outcome"] == "granted"
        result = (await besieged.applicant.citizen.call("GET", f"/applications/{application}/result")).json()
        url = besieged.stand.addresses.of("provider")
        officers = (await besieged.http.get(f"{url}/__stand/officers")).json()
        seen = {}
        for officer in {officer["organisation"]: officer for officer in officers}.values():
            who = {"login": officer["login"], "password": officer["password"]}
            session = (await besieged.http.post(f"{url}/officer-sessions", json=who)).json()
            headers = _bearer(f"Bearer {session['token']}")
            matter = await besieged.http.get(f"{url}/matters/{application}", headers=headers)
            for part in ("", "/printable"):
                act = await besieged.http.get(f"{url}/documents/{result['sha256']}{part}", headers=headers)
                seen[officer["organisation"], part] = (act.status_code, matter.status_code)
        assert all(act == matter for act, matter in seen.values())
        assert {act for act, _ in seen.values()} == {httpx.codes.OK, httpx.codes.NOT_FOUND}
