"""A stand that cannot start says why and leaves nothing behind."""

import gc
import socket
import warnings
from pathlib import Path

import pytest

from services.stand.embedded import StartFailed, embedded_stand, free_ports


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
