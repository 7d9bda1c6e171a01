"""A stand starts again with every file of its own torn, and renders its service."""

from pathlib import Path

import httpx
import pytest

from services.stand.cases import CASES
from services.stand.demo import Demo
from services.stand.embedded import StartFailed, embedded_stand, free_ports
from services.stand.working_time import to_working_time
from shared.kit.clock import EARLIEST
from shared.kit.settings import StandSettings


def own_files(folder: Path) -> list[Path]:
    """What the stand writes itself: not the databases, which have their own journal, and not the authority's keys."""
    return [
        path
        for path in folder.rglob("*")
        if path.is_file() and ".sqlite" not in path.name and "ca" not in path.parts and path.suffix != ".lock"
    ]


@pytest.mark.parametrize("part", [0.0, 0.5, 1.0])
async def test_all_of_them_at_once(tmp_path: Path, part: float) -> None:
    stood = EARLIEST
    for torn in (False, True):
        if torn:
            files = own_files(tmp_path)
            assert {"register.jsonl", "enrolment-token", "clock.json"} <= {path.name for path in files}
            for path in files:
                content = path.read_bytes()
                path.write_bytes(content[: min(int(len(content) * part), len(content) - 1)])
        async with embedded_stand(tmp_path, free_ports()) as stand, httpx.AsyncClient(timeout=60) as http:
            to_working_time(stand.clock, StandSettings())
            # The stand goes on at real time and says so; whoever had moved its clock sets it again. Earlier than it
            # stood, its verdict would be "time-goes-back", and true.
            stand.clock.set(max(stand.clock.now(), stood))
            run = await Demo(http, stand.addresses, stand.clock).play(CASES[0])
            assert run.as_expected, [run.journal[name] for name in ("verdict", "outcome", "deviations", "awaited")]
            stood = stand.clock.now()


async def test_a_lost_key_of_the_authority_is_named(tmp_path: Path) -> None:
    async with embedded_stand(tmp_path, free_ports()):
        pass
    (tmp_path / "pki" / "ca" / "issuing.key.pem").write_bytes(b"-----BEGIN")
    with pytest.raises(StartFailed, match=r"pki did not start: the keys of the authority in .* are incomplete"):
        async with embedded_stand(tmp_path, free_ports()):
            pass
