"""``egov demo --url`` on a stand that has just started, every service in a process of its own: nothing is set aside."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from services.stand.processes import SeparateStand, separate_stand

ENDS_WITHIN_S = 600


async def egov(stand: SeparateStand, *arguments: str) -> tuple[int | None, str, str]:
    """Run a command of ``egov`` that finds ``stand``; its exit code, and what it said."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services.stand", *arguments),
        env={**os.environ, **stand.environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(ENDS_WITHIN_S):
            out, errors = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode, out.decode(), errors.decode()


async def test_all_runs_end_as_they_should_and_no_letter_is_dead(tmp_path: Path) -> None:
    async with separate_stand(tmp_path) as stand:
        # The demo begins with a move of the clock, while messages of the start may still be under way.
        code, out, errors = await egov(stand, "demo", "--json", "--url", "http://127.0.0.1")
        assert code == 0, errors
        runs = json.loads(out)
        assert runs
        listed, letters, errors = await egov(stand, "dlq", "list", "--all", "--json")
        assert listed == 0, errors
        found: dict[str, list[dict[str, Any]]] = json.loads(letters)
        reasons = {system: [letter["reason"] for letter in kept] for system, kept in found.items() if kept}
        assert reasons == {}
        assert len(found) == 7
