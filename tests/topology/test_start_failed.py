"""A stand that cannot start says why and leaves nothing behind."""

import gc
import socket
import warnings
from pathlib import Path

import pytest

from services.stand.embedded import StartFailed, embedded_stand, free_ports
from tests.unit.provider.conftest import ORGANISATIONS


@pytest.mark.parametrize("taken", ["pki", "csc"])
async def test_a_taken_port_is_named_and_all_others_are_stopped(taken: str, tmp_path: Path) -> None:
    ports = free_ports()
    with socket.socket() as other:
        other.bind(("127.0.0.1", ports[taken]))
        other.listen()
        with pytest.raises(StartFailed, match=f"{taken} did not start: nothing serves on port {ports[taken]}"):
            async with embedded_stand(tmp_path, ports):
                pass
    # What was left open would be complained of by the interpreter when it is collected.
    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        gc.collect()
    async with embedded_stand(tmp_path, ports) as stand:
        assert all(service.running for service in stand.services.values())


async def test_a_regulation_without_an_organisation_is_told_with_file_and_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "organisations.yaml"
    file.write_text(ORGANISATIONS, encoding="utf-8")
    monkeypatch.setenv("EGOV_PROVIDER_ORGANISATIONS_FILE", str(file))
    with pytest.raises(StartFailed, match="provider did not start: ") as refused:
        async with embedded_stand(tmp_path / "data", free_ports()):
            pass
    assert f"{file}:2: organisations: no organisation serves karaganda/rehabilitation (channels: " in str(refused.value)
