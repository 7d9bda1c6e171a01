"""A stand to be called from outside, like by any client."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import httpx

from services.stand.addresses import Addresses
from shared.kit.iin import make_iin

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
            who = {"iin": make_iin(date(1990, 1, 1), "male", 1), "password": "a long enough pass phrase"}
            known = httpx.post(f"{url}/recipients", json=who)
            assert known.status_code in {httpx.codes.CREATED, httpx.codes.CONFLICT}, known.text
            session = httpx.post(f"{url}/sessions", json=who)
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
