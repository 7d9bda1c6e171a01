"""What a stand keeps is its owner's: other users of the machine read nothing of it."""

import os
from pathlib import Path

import httpx
import pytest

from services.stand.cases import CASES
from services.stand.embedded import embedded_stand, free_ports
from services.stand.working_time import to_working_time
from shared.kit.settings import StandSettings
from tests.topology.conftest import Applicant


@pytest.fixture(autouse=True)
def open_to_all_by_default() -> object:
    """What most systems have, whatever the one that runs this has."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def open_to_others(folder: Path) -> list[str]:
    """What lies in ``folder``, itself too, that somebody else may enter, read or change."""
    return [str(found) for found in (folder, *folder.rglob("*")) if found.lstat().st_mode & 0o077]


async def test_databases_files_and_folders_are_their_owners_alone(tmp_path: Path) -> None:
    data = tmp_path / "deep" / "data"
    case = next(case for case in CASES if case.attaches_scan and case.outcome == "granted")
    async with embedded_stand(data, free_ports()) as stand, httpx.AsyncClient(timeout=30) as http:
        to_working_time(stand.clock, StandSettings())
        applicant = await Applicant.on(stand, http, case)
        application = await applicant.draft()
        await applicant.submit(application)
        assert (await applicant.citizen.outcome(application))["state"] == "granted"
        kinds = {found.suffix for found in data.rglob("*")}
        assert {".sqlite", ".sqlite-wal", ".pem", ".jsonl", ".p12"} <= kinds
        assert open_to_others(tmp_path / "deep") == []


async def test_what_an_earlier_version_left_open_is_closed(tmp_path: Path) -> None:
    async with embedded_stand(tmp_path / "data", free_ports()):
        pass
    for database in (tmp_path / "data").rglob("*.sqlite*"):
        database.chmod(0o644)
    async with embedded_stand(tmp_path / "data", free_ports()):
        assert open_to_others(tmp_path / "data") == []
