"""Any input that its OpenAPI allows, and much that it does not: no service answers with an internal error."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error

from services.stand.addresses import Addresses
from services.stand.catalogue import SERVICES
from shared.kit.iin import make_iin

LEFT_OUT = r"/events$|/__stand/(reset|clock)$|sessions/current$"
"""Event streams stay open, and the others end the session that the calls need; they have tests of their own."""


@schemathesis.serializer("application/ocsp-request", "application/pdf", "image/png", "image/jpeg")
def _bytes_as_they_are(_context: schemathesis.SerializationContext, value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


@dataclass(frozen=True)
class Stand:
    """A stand in a process of its own: schemathesis calls from outside, like any client."""

    addresses: Addresses
    data_dir: Path


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """``egov up`` on free ports."""
    folder = tmp_path_factory.mktemp("stand")
    command = [sys.executable, "-m", "services.stand", "up", "--any-ports", "--data-dir", str(folder)]
    ready = folder / "addresses.json"
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            deadline = time.monotonic() + 30
            while not ready.exists():
                assert process.poll() is None, "the stand ended"
                assert time.monotonic() < deadline, "the stand is not ready"
                time.sleep(0.05)
            yield Stand(Addresses(json.loads(ready.read_text())), folder)
        finally:
            process.terminate()


def credentials(stand: Stand, code: str) -> dict[str, str]:
    """The bearer token with which most operations of a service can be reached."""
    url = stand.addresses.of(code)
    match code:
        case "pki":
            return {"authorization": f"Bearer {(stand.data_dir / 'enrolment-token').read_text()}"}
        case "portal":
            who = {"iin": make_iin(date(1990, 1, 1), "male", 1), "password": "a long enough pass phrase"}
            httpx.post(f"{url}/recipients", json=who).raise_for_status()
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


@pytest.mark.parametrize("code", [service.code for service in SERVICES])
def test_no_operation_answers_with_an_internal_error(stand: Stand, code: str) -> None:
    schema = schemathesis.openapi.from_url(f"{stand.addresses.of(code)}/openapi.json")
    headers = credentials(stand, code)
    operations = [result.ok() for result in schema.exclude(path_regex=LEFT_OUT).get_all_operations()]
    assert operations
    for operation in operations:

        @settings(
            max_examples=40,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def call(case: schemathesis.Case) -> None:
            # Waiting is a parameter like any other, but nobody wants to wait for a minute here.
            case.query = {name: value for name, value in (case.query or {}).items() if name != "wait"}
            case.call_and_validate(checks=[not_a_server_error], headers=headers)

        call()
