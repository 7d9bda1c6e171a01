"""The commands of the README, as they stand there, against a stand."""

import asyncio
import re
import sys
from pathlib import Path

import pytest

from services.stand.catalogue import SERVICES
from services.stand.embedded import EmbeddedStand

PROTOCOL = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text(encoding="utf-8")
README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def commands(name: str, stand: EmbeddedStand) -> str:
    """The block of that name, with the addresses of ``stand`` in the place of the well-known ones."""
    found = re.search(rf"<!-- by hand: {name} -->\n```sh\n(.*?)```", README, re.DOTALL)
    assert found, f"the README has no commands for {name}"
    script = found[1]
    for service in SERVICES:
        script = script.replace(f"http://127.0.0.1:{service.port}", stand.addresses.of(service.code))
    return script


async def run(script: str, folder: Path) -> str:
    """What the commands print; all of them have to succeed."""
    shell = await asyncio.create_subprocess_exec(
        "bash",
        "-euo",
        "pipefail",
        "-c",
        script,
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await shell.communicate()
    assert shell.returncode == 0, said.decode()
    return said.decode()


async def test_a_citizen_gets_a_queue_number_with_curl_and_openssl(stand: EmbeddedStand, tmp_path: Path) -> None:
    said = await run(commands("portal", stand), tmp_path)
    assert '"state":"granted"' in said
    assert "CMS Verification successful" in said
    assert said.strip().splitlines()[-1] == "conformant"


async def test_an_operator_serves_a_visitor_from_the_number_to_the_result(stand: EmbeddedStand, tmp_path: Path) -> None:
    said = await run(commands("centre", stand), tmp_path)
    assert said.strip().splitlines()[-2:] == ["ready", "handed_out"]


async def test_somebody_new_is_certified_and_entered_in_the_registry(stand: EmbeddedStand, tmp_path: Path) -> None:
    said = await run(commands("person", stand).replace("the-enrolment-token", stand.token), tmp_path)
    assert '"birth_date":"1987-07-15"' in said
    assert (tmp_path / "new.pem").read_text().count("BEGIN CERTIFICATE") == 1


async def test_a_system_signs_a_call_as_the_protocol_shows(stand: EmbeddedStand, tmp_path: Path) -> None:
    (script,) = re.findall(r"```python\n([^`]*HTTPMessageSigner[^`]*)```", PROTOCOL)
    app = stand.services["portal"].app
    assert app is not None
    identity = app.state.platform.identity
    identity.save(tmp_path, "portal")
    script = script.replace("…", identity.certificate.thumbprint).replace("datetime.now(UTC)", "NOW")
    script = script.replace("http://127.0.0.1:8103", stand.addresses.of("gateway"))
    now = f"from datetime import datetime as d\nNOW = d.fromisoformat({stand.clock.now().isoformat()!r})\n"
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-c", now + script, cwd=tmp_path, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await program.communicate()
    assert (program.returncode, said.decode().strip()) == (0, "[]")


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.code)
def test_the_table_of_the_readme_has_every_service_at_its_port(service: object) -> None:
    assert f"http://127.0.0.1:{service.port}/docs" in README  # type: ignore[attr-defined]
