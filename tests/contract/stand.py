"""A stand to be called from outside, like by any client."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import httpx

from services.stand.addresses import Addresses
from services.stand.cases import SERVICE
from services.stand.citizen import Citizen
from shared.kit.clock import Clock

LEFT_OUT = r"/events$|/__stand/(resets?|clock)$|sessions/current$"
"""Event streams stay open, and the others end the session that the calls need; they have tests of their own."""


@dataclass(frozen=True)
class Stand:
    """A stand in a process of its own: schemathesis calls from outside, like any client."""

    addresses: Addresses
    data_dir: Path


def credentials(stand: Stand, code: str) -> dict[str, str]:
    """The bearer token with which most operations of a service can be reached."""
    url = stand.addresses.of(code)
    match code:
        case "pki":
            return {"authorization": f"Bearer {(stand.data_dir / 'enrolment-token').read_text()}"}
        case "portal":
            return asyncio.run(_citizen(url))
        case "csc":
            operator = httpx.get(f"{url}/__stand/operators").raise_for_status().json()[0]
            login = {"login": operator["login"], "password": operator["password"]}
            session = httpx.post(f"{url}/operator-sessions", json=login)
        case "provider":
            officer = httpx.get(f"{url}/__stand/officers").raise_for_status().json()[0]
            login = {"login": officer["login"], "password": officer["password"]}
            session = httpx.post(f"{url}/officer-sessions", json=login)
        case _:
            return {}
    return {"authorization": f"Bearer {session.raise_for_status().json()['token']}"}


async def _citizen(portal: str) -> dict[str, str]:
    """A session of the first person whose telephone the state's base knows."""
    async with httpx.AsyncClient(timeout=30) as http:
        known = (await http.get(f"{portal}/__stand/mobile-citizens")).raise_for_status().json()
        citizen = Citizen(http, portal, known[0]["iin"], Clock())
        await citizen.register()
        (await citizen.sign_in(SERVICE)).raise_for_status()
        return {"authorization": citizen.headers["authorization"]}
