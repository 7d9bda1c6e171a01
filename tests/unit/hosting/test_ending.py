"""Whoever is told to end does so: in order, in time, and at once when told again."""

import asyncio
import signal
import sys
from pathlib import Path

import pytest

SERVER = """
import asyncio, pathlib, sys, time
from shared.hosting import ending

kind, mark = sys.argv[1], pathlib.Path(sys.argv[2])
ending.ENDS_WITHIN_S = float(sys.argv[3])

async def main() -> None:
    current = asyncio.current_task()
    try:
        with ending.told_to_end(current.cancel, mark.touch):
            print("up", flush=True)
            if kind == "busy":
                while True:
                    pass
            await asyncio.Event().wait()
    finally:
        print("told", flush=True)
        if kind == "hangs":
            await asyncio.Event().wait()

try:
    asyncio.run(main())
except asyncio.CancelledError:
    print("ended", flush=True)
"""


async def started(kind: str, mark: Path, within_s: float = 60) -> asyncio.subprocess.Process:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SERVER, kind, str(mark), str(within_s), stdout=-1, stderr=-1
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"up\n"
    return process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_told_once_it_ends_in_order(number: signal.Signals, tmp_path: Path) -> None:
    process = await started("serves", tmp_path / "mark")
    process.send_signal(number)
    assert (await process.communicate())[0] == b"told\nended\n"
    assert process.returncode == 0
    assert not (tmp_path / "mark").exists()


@pytest.mark.parametrize("kind", ["hangs", "busy"])
async def test_what_does_not_end_in_time_is_ended(kind: str, tmp_path: Path) -> None:
    process = await started(kind, tmp_path / "mark", 0.2)
    process.terminate()
    async with asyncio.timeout(20):
        _, said = await process.communicate()
    assert said == b"egov: did not end within 0.2 s\n"
    assert process.returncode == 128 + signal.SIGTERM
    assert (tmp_path / "mark").exists()


async def test_told_twice_it_ends_at_once(tmp_path: Path) -> None:
    process = await started("hangs", tmp_path / "mark")
    process.terminate()
    assert process.stdout is not None
    assert await process.stdout.readline() == b"told\n"
    process.send_signal(signal.SIGINT)
    async with asyncio.timeout(20):
        _, said = await process.communicate()
    assert b"a second time" in said
    assert process.returncode == 128 + signal.SIGINT
    assert (tmp_path / "mark").exists()
