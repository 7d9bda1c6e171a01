"""One stand for all tests of the contract."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from services.stand.addresses import Addresses
from tests.contract.stand import Stand


@pytest.fixture(scope="session")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """``egov up`` on free ports."""
    folder = tmp_path_factory.mktemp("stand")
    command = [sys.executable, "-m", "services.stand", "up", "--any-ports", "--data-dir", str(folder)]
    ready = folder / "addresses.json"
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            deadline = time.monotonic() + 180
            while not ready.exists():
                assert process.poll() is None, "the stand ended"
                assert time.monotonic() < deadline, "the stand is not ready"
                time.sleep(0.05)
            yield Stand(Addresses(json.loads(ready.read_text())), folder)
        finally:
            process.terminate()
